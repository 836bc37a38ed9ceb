package activities_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
)

// real receives a mail of testdata/received as the mail server does; replace are
// pairs of what stands in it and what is meant.
func (h *house) real(file, mailFrom, rcptTo string, replace ...string) conversation.ID {
	h.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "received", file))
	testhouse.Must(h, err)
	text := strings.ReplaceAll(strings.NewReplacer(replace...).Replace(string(raw)), "\n", "\r\n")
	in := mail.Parse([]byte(text), mail.Envelope{From: mailFrom, Recipients: []string{rcptTo}, Own: func(address string) bool {
		own, err := h.Store.HasMailboxes(h.Context(), address)
		testhouse.Must(h, err)
		return own[0]
	}})
	testhouse.Must(h, h.Store.Receive(h.Context(), in))
	return conversation.ID(h.Column(`SELECT conversation_id::text FROM messages WHERE message_id_header = $1 ORDER BY created_at DESC LIMIT
		1`, in.MessageIDHeader)[0])
}

// ours is the Message-ID of the newest mail of the kind in the conversation.
func (h *house) ours(id conversation.ID, kind string) string {
	h.Helper()
	return h.Column(`SELECT payload -> 'mail' ->> 'message_id' FROM deliveries WHERE conversation_id = $1 AND kind = $2 ORDER BY id DESC
		LIMIT 1`, id, kind)[0]
}

// kinds of a conversation's messages, in order.
func (h *house) kinds(id conversation.ID) string {
	h.Helper()
	return strings.Join(h.Column(`SELECT kind FROM messages WHERE conversation_id = $1 ORDER BY created_at, id`, id), " ")
}

// A supplier's or a stranger's words are a third party's: they answer nothing, reopen
// nothing, and never go to the customer.
func TestWhatThirdPartiesWriteStaysHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000})
	h.Mailbox("support@example.com")
	h.Mailbox("support@acme.test")
	for _, c := range []struct {
		file, rcptTo, sender, kind string
		replace                    func(id string) []string
	}{
		{"36-supplier-answers-a-forward.eml", "support@example.com", "sales@factory.example.org", "forward",
			func(id string) []string { return []string{"@@FORWARD-ID@@", id} }},
		{"52-third-party-answers-a-forward.eml", "support@acme.test", "vendor@partner.example", "forward",
			func(id string) []string { return []string{"01a220aa-242d-7429-b761-5524c4d2e790@acme.test", id} }},
		{"36-supplier-answers-a-forward.eml", "support@example.com", "eve@evil.example", "reply", func(id string) []string {
			return []string{"@@FORWARD-ID@@", id, "sales@factory.example.org", "eve@evil.example"}
		}},
	} {
		support := conversation.MailboxID(h.Column(`SELECT id::text FROM mailboxes WHERE email = $1`, c.rcptTo)[0])
		h.Workflow(support, automation.ModeOn, automation.Definition{Name: c.file + c.kind, Conditions: rows(row("new_conversation", "", nil)),
			Actions: []automation.Action{
				{Do: automation.DoForward, To: []string{c.sender}, Body: "can you help?"}, {Do: automation.DoReply, Body: "we ask"},
			}})
		replied := h.Workflow(support, automation.ModeOn,
			automation.Definition{Name: "replied " + c.kind, Conditions: rows(row("customer_replied", "", nil)),
				Actions: []automation.Action{tag("replied")}})
		id := h.mail("Defective pump", "it leaks", func(in *conversation.Incoming) {
			in.Recipients, in.To = []string{c.rcptTo},
				[]string{c.rcptTo}
		})
		h.advance(id)
		closed := conversation.StatusClosed
		_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Status: &closed})
		testhouse.Must(t, err)
		h.advance(id)
		if got := h.real(c.file, c.sender, c.rcptTo, c.replace(h.ours(id, c.kind))...); got != id {
			t.Fatalf("%s: it does not join", c.file)
		}
		h.advance(id)
		row := h.Conversation(id)
		if got := h.kinds(id); !strings.HasSuffix(got, " third_party") || row.Status != conversation.StatusClosed || len(row.Tags) > 0 {
			t.Errorf("%s: messages %s, status %s, tags %v", c.file, got, row.Status, row.Tags)
		}
		if got := h.events(id); !strings.HasSuffix(got, "third_party_message") {
			t.Errorf("%s: events %s", c.file, got)
		}
		testhouse.Must(t, h.Store.DeleteDefinition(t.Context(), access.System(), replied.ID))
	}
}

func TestHandedMailsJoinWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Mailbox("support@example.com")
	h.Mailbox("support@acme.test")
	acme := func(id string) func(*conversation.Incoming) {
		return func(in *conversation.Incoming) { in.Recipients, in.MessageIDHeader = []string{"support@acme.test"}, id }
	}
	a, _ := h.mail("A", "a", acme("a@example.com")), h.mail("B", "b", acme("b@example.com"))
	if got := h.real("49-in-reply-to-a-references-newer-b.eml", "ann@example.com", "support@acme.test"); got != a {
		t.Error("49: In-Reply-To names the first conversation")
	}
	first := h.real("09-two-paths-direct.eml", "ida@example.net", "support@example.com")
	if got := h.real("10-two-paths-group.eml", "team-bounces@groups.example.com", "support@example.com"); got != first ||
		h.kinds(first) != "customer" {
		t.Errorf("09 and 10: messages %s", h.kinds(first))
	}
	twice := h.real("46-same-mail-over-two-addresses.eml", "ann@example.com", "support@acme.test")
	again := h.real("46-same-mail-over-two-addresses.eml", "ann@example.com", "support@acme.test", "id 2;", "id 3;", "Delivered-To: info",
		"Delivered-To: office")
	if again != twice || h.kinds(twice) != "customer" {
		t.Errorf("46: messages %s", h.kinds(twice))
	}
}

// The relay took our Message-ID away; what the mail program keeps is the reference
// of the mail that we began.
func TestAnAnswerToAMailThatARelayRenamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.Mailbox("support@example.com")
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "appointment", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{
			{Do: automation.DoEmail, Subject: "Your appointment", Body: "Is Tuesday fine?"},
		}})
	r, err := h.Store.OpenConversation(t.Context(), access.System(), conversation.Opening{
		MailboxID: box.ID, CustomerEmail: "zoe@example.net", Type: conversation.TypeEmail, Subject: "s", Body: "b",
	})
	testhouse.Must(t, err)
	h.advance(r.ID)
	m := h.mails(r.ID)[0]
	if len(m.References) != 1 || m.References[0] == m.MessageID {
		t.Fatalf("the references of a mail that we begin: %v", m.References)
	}
	got := h.real("42-reply-after-relay-changed-message-id.eml", "zoe@example.net", "support@example.com", "References: ",
		"References: <"+m.References[0]+"> ")
	if got != r.ID || !strings.HasSuffix(h.kinds(got), " customer") {
		t.Errorf("the answer is not in its conversation: %s", h.kinds(got))
	}
}

// What the relay said when it took our mail is the name that the answer knows.
func TestAnAnswerNamesOurMailAsTheRelayDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.Mailbox("support@example.com")
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "appointment", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{
			{Do: automation.DoEmail, Subject: "Your appointment", Body: "Is Tuesday fine?"},
		}})
	r, err := h.Store.OpenConversation(t.Context(), access.System(), conversation.Opening{
		MailboxID: box.ID, CustomerEmail: "zoe@example.net", Type: conversation.TypeEmail, Subject: "s", Body: "b",
	})
	testhouse.Must(t, err)
	h.advance(r.ID)
	id := delivery.ID(h.Column(`SELECT id::text FROM deliveries WHERE conversation_id = $1`, r.ID)[0])
	taken, err := h.Store.Take(t.Context(), id, time.Minute)
	testhouse.Must(t, err)
	sent := delivery.Result{State: delivery.AttemptSent, Code: 250, RelayID: "0102019abcdef012-11112222-3333-4444-5555-666677778888-000000"}
	testhouse.Must(t, h.Store.Finish(t.Context(),
		delivery.Ended{ID: id, Attempt: taken.Delivery.Attempts, Result: sent, State: delivery.StateSent}))

	stranger := h.real("42-reply-after-relay-changed-message-id.eml", "zoe@example.net", "support@example.com",
		"0102019abcdef012-", "0102019abcdef013-", "ses-42@", "ses-43@")
	if stranger == r.ID {
		t.Error("a name that no relay gave joins")
	}
	if got := h.real("42-reply-after-relay-changed-message-id.eml", "zoe@example.net", "support@example.com"); got != r.ID {
		t.Errorf("the answer is not in its conversation: %s", h.kinds(got))
	}
}

func TestAnAgentWhoForwardsAMailIsNotAnsweredByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.Mailbox("support@acme.test")
	_, err := h.Store.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@acme.test", Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{box.ID}})
	testhouse.Must(t, err)
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "thanks", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{
			{Do: automation.DoReply, Body: "thank you"}, tag("seen"),
		}})
	id := h.real("54-agent-forwards-a-customers-mail.eml", "maria@acme.test", "support@acme.test")
	h.advance(id)
	c := h.Conversation(id)
	if got := h.deliveries(id); len(got) != 0 || len(c.Tags) != 1 || c.WaitingSince.IsZero() {
		t.Errorf("%d mails go out, tags %v, waiting since %v", len(got), c.Tags, c.WaitingSince)
	}
}

func TestHandedMailsToAndFromAddressesInEveryForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box, acme := h.Mailbox("support@example.com"), h.Mailbox("support@acme.test")
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "returns", Conditions: rows(row("to", "contains", "+returns")),
		Actions: []automation.Action{tag("returns")}})
	id := h.real("15-plus-address.eml", "ola@example.net", "support+returns@example.com")
	h.advance(id)
	if c := h.Conversation(id); c.MailboxID != box.ID || len(c.Tags) != 1 || c.TakesPart("support+returns@example.com") {
		t.Errorf("15: mailbox %s, tags %v, participants %v", c.MailboxID, c.Tags, c.Participants)
	}
	if c := h.Conversation(h.real("48-plus-address.eml", "ann@example.com", "support+order@acme.test")); c.MailboxID != acme.ID {
		t.Errorf("48: mailbox %s", c.MailboxID)
	}
	exact := h.Mailbox("support+returns@example.com")
	second := h.real("15-plus-address.eml", "ola@example.net", "support+returns@example.com", "plus-15@", "plus-15b@")
	if c := h.Conversation(second); c.MailboxID != exact.ID {
		t.Error("15: the mailbox of that very name does not go first")
	}
	// 32: the header's form and the envelope's are one customer.
	letters := h.Conversation(h.real("32-idn-sender.eml", "kontakt@xn--bcher-kva.example.com", "support@example.com"))
	ascii := h.Conversation(h.mail("again", "", func(in *conversation.Incoming) { in.FromAddress = "kontakt@xn--bcher-kva.example.com" }))
	if letters.CustomerID != ascii.CustomerID || !letters.TakesPart("Kontakt@BÜCHER.example.com") {
		t.Errorf("32: customers %s and %s, participants %v", letters.CustomerID, ascii.CustomerID, letters.Participants)
	}
}

func TestAHandedBounceJoinsAndTellsOfItsDelivery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.Mailbox("support@example.com")
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "hello", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoReply, Body: "Hello"}}})
	h.Workflow(box.ID, automation.ModeOn, automation.Definition{Name: "again", Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{{Do: automation.DoReply, Body: "Again"}}})
	id := h.mail("Refund", "please", func(in *conversation.Incoming) {
		in.Recipients, in.FromAddress, in.EnvelopeFrom = []string{"support@example.com"}, "gone@example.net", "gone@example.net"
	})
	h.advance(id)
	sent := h.deliveries(id)
	testhouse.Must(t, h.Store.Finish(t.Context(),
		delivery.Ended{ID: sent[0].ID, Attempt: sent[0].Attempts, Result: delivery.Result{State: delivery.AttemptSent, Code: 250},
			State: delivery.StateSent}))
	if got := h.real("24-bounce-of-a-reply.eml", "", "support@example.com", "@@REPLY-ID@@", sent[0].Mail.MessageID); got != id {
		t.Fatal("the bounce begins a conversation")
	}
	h.advance(id)
	if got := h.Column(`SELECT kind || ' ' || state || ' ' || reason FROM deliveries WHERE conversation_id = $1`, id); len(got) != 1 ||
		got[0] != "reply bounced 5.1.1: there is no such address" {
		t.Errorf("deliveries: %v", got)
	}
	c := h.Conversation(id)
	if c.Attention == "" || h.kinds(id) != "customer reply third_party" || c.LastCustomerMachine != "" {
		t.Errorf("attention %q, messages %s", c.Attention, h.kinds(id))
	}
}

// 300 mails of 2024 go into a mailbox that answers by itself and has workflows.
func TestOldMailOfAMigrationMakesNoMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	always := []automation.Action{{Do: automation.DoReply, Body: "Hello"}, tag("ran")}
	h.workflow(automation.Definition{Name: "new", Conditions: rows(row("new_conversation", "", nil)), Actions: always})
	h.workflow(automation.Definition{Name: "old", Conditions: rows(row("created", "not_in_the_last", "1d")), Actions: always})
	on := true
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{ImportMode: &on})
	testhouse.Must(t, err)
	var ids []conversation.ID
	for i := range 20 {
		n := strconv.Itoa(i)
		ids = append(ids, h.real("38-old-mail-of-a-migration.eml", "elin@example.net", h.support.Email, "old-38@", "old-"+n+"@", "elin@",
			"elin"+n+"@"))
	}
	ids = append(ids, h.real("38-old-mail-of-a-migration.eml", "elin@example.net", h.support.Email, "old-38@", "answer@", "elin@", "elin3@",
		"Date: Tue, 5", "References: <old-3@example.net>\nDate: Wed, 6"))
	off := false
	_, err = h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{ImportMode: &off})
	testhouse.Must(t, err)
	h.rollOut()
	for _, id := range ids {
		c := h.Conversation(id)
		if c.CreatedAt.Year() != 2024 || !c.Imported || c.Open() || !c.WaitingSince.IsZero() || len(c.Tags) > 0 {
			t.Fatalf("created %s, imported %v, status %s, waiting since %v, tags %v", c.CreatedAt, c.Imported, c.Status, c.WaitingSince, c.Tags)
		}
	}
	if ids[20] != ids[3] {
		t.Error("an old answer is not in its conversation")
	}
	if n := h.Column(`SELECT count(*) FROM ` +
		`deliveries`)[0] + h.Column(`SELECT count(*) FROM runs`)[0] + h.Column(`SELECT count(*) FROM outbox`)[0]; n != "000" {
		t.Errorf("deliveries, runs and rings: %s", n)
	}
	if n := h.Column(`SELECT count(*) FROM conversations WHERE next_due IS NOT NULL`)[0]; n != "0" {
		t.Errorf("%s due times", n)
	}
}
