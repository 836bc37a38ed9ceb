package activities_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/mail"
)

// real receives a mail of testdata/received as the mail server does; replace are
// pairs of what stands in it and what is meant.
func (h *house) real(file, mailFrom, rcptTo string, replace ...string) conversation.ID {
	h.t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "received", file))
	must(h.t, err)
	text := strings.ReplaceAll(strings.NewReplacer(replace...).Replace(string(raw)), "\n", "\r\n")
	in := mail.Parse([]byte(text), mail.Envelope{From: mailFrom, Recipients: []string{rcptTo}, Own: func(address string) bool {
		own, err := h.store.HasMailbox(h.t.Context(), address)
		must(h.t, err)
		return own
	}})
	must(h.t, h.store.Receive(h.t.Context(), in))
	return conversation.ID(h.column(`SELECT conversation_id::text FROM messages WHERE message_id_header = $1 ORDER BY created_at DESC LIMIT 1`, in.MessageIDHeader)[0])
}

// ours is the Message-ID of the newest mail of the kind in the conversation.
func (h *house) ours(id conversation.ID, kind string) string {
	h.t.Helper()
	return h.column(`SELECT payload -> 'mail' ->> 'MessageID' FROM deliveries WHERE conversation_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, id, kind)[0]
}

// kinds of a conversation's messages, in order.
func (h *house) kinds(id conversation.ID) string {
	h.t.Helper()
	return strings.Join(h.column(`SELECT kind FROM messages WHERE conversation_id = $1 ORDER BY created_at, id`, id), " ")
}

// A supplier's or a stranger's words are a third party's: they answer nothing, reopen
// nothing, and never go to the customer.
func TestWhatThirdPartiesWriteStaysHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mailbox("support@example.com")
	h.mailbox("support@acme.test")
	for _, c := range []struct {
		file, rcptTo, sender, kind string
		replace                    func(id string) []string
	}{
		{"36-supplier-answers-a-forward.eml", "support@example.com", "sales@factory.example.org", "forward", func(id string) []string { return []string{"@@FORWARD-ID@@", id} }},
		{"52-third-party-answers-a-forward.eml", "support@acme.test", "vendor@partner.example", "forward", func(id string) []string { return []string{"01a220aa-242d-7429-b761-5524c4d2e790@acme.test", id} }},
		{"36-supplier-answers-a-forward.eml", "support@example.com", "eve@evil.example", "reply", func(id string) []string {
			return []string{"@@FORWARD-ID@@", id, "sales@factory.example.org", "eve@evil.example"}
		}},
	} {
		support := conversation.MailboxID(h.column(`SELECT id::text FROM mailboxes WHERE email = $1`, c.rcptTo)[0])
		h.workflowIn(support, automation.ModeOn, automation.Definition{Name: c.file + c.kind, Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
			{Do: automation.DoForward, To: []string{c.sender}, Body: "can you help?"}, {Do: automation.DoReply, Body: "we ask"},
		}})
		replied := h.workflowIn(support, automation.ModeOn, automation.Definition{Name: "replied " + c.kind, Conditions: rows(row("customer_replied", "", nil)), Actions: []automation.Action{tag("replied")}})
		id := h.mail("Defective pump", "it leaks", func(in *conversation.Incoming) { in.Recipients, in.To = []string{c.rcptTo}, []string{c.rcptTo} })
		h.advance(id)
		closed := conversation.StatusClosed
		_, err := h.store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Status: &closed})
		must(t, err)
		h.advance(id)
		if got := h.real(c.file, c.sender, c.rcptTo, c.replace(h.ours(id, c.kind))...); got != id {
			t.Fatalf("%s: it does not join", c.file)
		}
		h.advance(id)
		row := h.conversation(id)
		if got := h.kinds(id); !strings.HasSuffix(got, " third_party") || row.Status != conversation.StatusClosed || len(row.Tags) > 0 {
			t.Errorf("%s: messages %s, status %s, tags %v", c.file, got, row.Status, row.Tags)
		}
		if got := h.events(id); !strings.HasSuffix(got, "third_party_message") {
			t.Errorf("%s: events %s", c.file, got)
		}
		must(t, h.store.DeleteDefinition(t.Context(), access.System(), replied.ID))
	}
}

func TestHandedMailsJoinWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mailbox("support@example.com")
	h.mailbox("support@acme.test")
	acme := func(id string) func(*conversation.Incoming) {
		return func(in *conversation.Incoming) { in.Recipients, in.MessageIDHeader = []string{"support@acme.test"}, id }
	}
	a, _ := h.mail("A", "a", acme("a@example.com")), h.mail("B", "b", acme("b@example.com"))
	if got := h.real("49-in-reply-to-a-references-newer-b.eml", "ann@example.com", "support@acme.test"); got != a {
		t.Error("49: In-Reply-To names the first conversation")
	}
	first := h.real("09-two-paths-direct.eml", "ida@example.net", "support@example.com")
	if got := h.real("10-two-paths-group.eml", "team-bounces@groups.example.com", "support@example.com"); got != first || h.kinds(first) != "customer" {
		t.Errorf("09 and 10: messages %s", h.kinds(first))
	}
	twice := h.real("46-same-mail-over-two-addresses.eml", "ann@example.com", "support@acme.test")
	again := h.real("46-same-mail-over-two-addresses.eml", "ann@example.com", "support@acme.test", "id 2;", "id 3;", "Delivered-To: info", "Delivered-To: office")
	if again != twice || h.kinds(twice) != "customer" {
		t.Errorf("46: messages %s", h.kinds(twice))
	}
}

// The relay took our Message-ID away; what the mail program keeps is the reference
// of the mail that we began.
func TestAnAnswerToAMailThatARelayRenamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.mailbox("support@example.com")
	h.workflowIn(box.ID, automation.ModeOn, automation.Definition{Name: "appointment", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoEmail, Subject: "Your appointment", Body: "Is Tuesday fine?"},
	}})
	r, err := h.store.OpenConversation(t.Context(), access.System(), conversation.Opening{
		MailboxID: box.ID, CustomerEmail: "zoe@example.net", Type: conversation.TypeEmail, Subject: "s", Body: "b",
	})
	must(t, err)
	h.advance(r.ID)
	m := h.mails(r.ID)[0]
	if len(m.References) != 1 || m.References[0] == m.MessageID {
		t.Fatalf("the references of a mail that we begin: %v", m.References)
	}
	got := h.real("42-reply-after-relay-changed-message-id.eml", "zoe@example.net", "support@example.com", "References: ", "References: <"+m.References[0]+"> ")
	if got != r.ID || !strings.HasSuffix(h.kinds(got), " customer") {
		t.Errorf("the answer is not in its conversation: %s", h.kinds(got))
	}
}

func TestAnAgentWhoForwardsAMailIsNotAnsweredByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	box := h.mailbox("support@acme.test")
	_, err := h.store.CreateUser(t.Context(), access.System(), conversation.User{Name: "Maria", Email: "maria@acme.test", Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{box.ID}})
	must(t, err)
	h.workflowIn(box.ID, automation.ModeOn, automation.Definition{Name: "thanks", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoReply, Body: "thank you"}, tag("seen"),
	}})
	id := h.real("54-agent-forwards-a-customers-mail.eml", "maria@acme.test", "support@acme.test")
	h.advance(id)
	c := h.conversation(id)
	if got := h.deliveries(id); len(got) != 0 || len(c.Tags) != 1 || c.WaitingSince.IsZero() {
		t.Errorf("%d mails go out, tags %v, waiting since %v", len(got), c.Tags, c.WaitingSince)
	}
}
