package activities_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
)

// A user answers a notice by mail, in a mailbox that makes replies of such answers.
func TestAUsersAnswerToANoticeGoesToTheCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answers := conversation.AnswersReply
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{Answers: &answers})
	testhouse.Must(t, err)
	maria, bob := h.User("maria", h.support.ID), h.User("bob", h.support.ID)
	h.workflow(automation.Definition{Name: "tell", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoNotify, To: []string{string(maria.ID)}, Body: "Somebody wrote."},
	}})
	for _, c := range []struct {
		name     string
		customer func(*conversation.Incoming)
		answer   func(*conversation.Incoming)
		to, cc   []string // nil: it does not go to the customer
	}{
		{"her answer", nil, nil, []string{"ann@example.com"}, nil},
		{"with the customer's colleagues", func(in *conversation.Incoming) {
			in.To, in.Cc = append(in.To, "cleo@example.com"), []string{"dan@example.com", "support@smarticks.test"}
		}, nil, []string{"ann@example.com", "cleo@example.com"}, []string{"dan@example.com"}},
		{"with others in copy of hers", nil, func(in *conversation.Incoming) { in.Cc = []string{"boss@elsewhere.example"} },
			[]string{"ann@example.com"}, nil},
		{"a customer whose domain is in letters", func(in *conversation.Incoming) { in.FromAddress = "ann@bücher.example" }, nil,
			[]string{"ann@bücher.example"}, nil},
		{"nothing of her own", nil, func(in *conversation.Incoming) { in.Quotes = []conversation.Span{{Start: 0, End: len(in.Text)}} }, nil, nil},
		{"another user's answer to her notice", nil, func(in *conversation.Incoming) {
			in.FromAddress, in.EnvelopeFrom, in.Sender.Address = bob.Email, bob.Email, bob.Email
		}, nil, nil},
		{"hers, which names another in Reply-To", nil, func(in *conversation.Incoming) { in.FromAddress = bob.Email },
			[]string{"ann@example.com"}, nil},
		{"a machine's", nil, func(in *conversation.Incoming) { in.Machine = conversation.MachineAutoReply }, nil, nil},
	} {
		change := []func(*conversation.Incoming){}
		if c.customer != nil {
			change = append(change, c.customer)
		}
		id := h.mail("Kettle", "It leaks", change...)
		h.advance(id)
		notice := h.ours(id, "notify")
		written := []func(*conversation.Incoming){func(in *conversation.Incoming) {
			in.FromAddress, in.EnvelopeFrom, in.FromName, in.InReplyTo = maria.Email, maria.Email, "Maria", []string{notice}
			in.Sender.Address = maria.Email
			in.Text = "A new one comes.\n\n> secret words of the notice\n"
			in.Quotes = []conversation.Span{{Start: 18, End: len(in.Text)}}
		}}
		if c.answer != nil {
			written = append(written, c.answer)
		}
		h.answersNotice(id, written...)
		messages, _, err := h.Store.Messages(t.Context(), access.System(), id, conversation.Page{Limit: 10})
		testhouse.Must(t, err)
		last := messages[len(messages)-1]
		var gone []delivery.Delivery
		for _, d := range h.deliveries(id) {
			if d.Kind == delivery.KindReply {
				gone = append(gone, d)
			}
		}
		if c.to == nil {
			if len(gone) > 0 || last.Kind == conversation.MessageReply {
				t.Errorf("%s: a %s, and %d mails to the customer", c.name, last.Kind, len(gone))
			}
			continue
		}
		if last.Kind != conversation.MessageReply || last.Author.ID != string(maria.ID) || last.From != h.support.Email ||
			!slices.Equal(last.To, c.to) || !slices.Equal(last.Cc, c.cc) {
			t.Errorf("%s: the message is a %s by %v from %s to %v, cc %v", c.name, last.Kind, last.Author, last.From, last.To, last.Cc)
		}
		if len(gone) != 1 || !slices.Equal(gone[0].Mail.To, c.to) || !slices.Equal(gone[0].Mail.Cc, c.cc) || gone[0].Mail.AutoSubmitted != "" {
			t.Fatalf("%s: mails %+v", c.name, gone)
		}
		if m := gone[0].Mail; !strings.HasPrefix(m.Text, "A new one comes.") || strings.Contains(m.Text, "secret") ||
			strings.Contains(m.Text, maria.Email) || m.FromAddress != h.support.Email {
			t.Errorf("%s: from %s\n%s", c.name, m.FromAddress, m.Text)
		}
		if row := h.Conversation(id); !row.WaitingSince.IsZero() {
			t.Errorf("%s: the customer still waits", c.name)
		}
	}
}

// answersNotice receives a mail that answers one of ours, and handles it.
func (h *house) answersNotice(id conversation.ID, change ...func(*conversation.Incoming)) {
	h.Helper()
	in := conversation.Incoming{Recipients: []string{h.support.Email}, To: []string{h.support.Email}, Subject: "Re: Kettle"}
	for _, c := range change {
		c(&in)
	}
	in.Raw = []byte(in.FromAddress + in.Text + in.InReplyTo[0])
	testhouse.Must(h, h.Store.Receive(h.Context(), in))
	h.advance(id)
}

// Somebody called whose address nobody asked for: no mail can go, and everybody is
// told why.
func TestACustomerWithoutAnAddressGetsNoMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	h.workflow(automation.Definition{Name: "mails", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoReply, Body: "We have it."}, {Do: automation.DoEmail, Subject: "News", Body: "none"}, tag("seen"),
	}})
	for _, c := range []struct {
		kind    conversation.Type
		by      conversation.ActorKind
		email   string
		actions string
	}{
		{conversation.TypePhone, conversation.ActorUser, "", "mails done reply=skipped email=skipped add_tags=done"},
		{conversation.TypePhone, conversation.ActorCustomer, "", "mails done reply=skipped email=skipped add_tags=done"},
		{conversation.TypeChat, conversation.ActorCustomer, "", "mails done reply=skipped email=skipped add_tags=done"},
		{conversation.TypeChat, conversation.ActorUser, "", "mails done reply=skipped email=skipped add_tags=done"},
		{conversation.TypePhone, conversation.ActorCustomer, "carl@example.com", "mails done reply=queued email=queued add_tags=done"},
		{conversation.TypeChat, conversation.ActorCustomer, "dora@example.com", "mails done reply=queued email=queued add_tags=done"},
	} {
		name := string(c.kind) + " by " + string(c.by) + " " + c.email
		id := h.openAs(maria, conversation.Opening{Type: c.kind, CustomerName: "Carl", CustomerPhone: "+49 30 1", CustomerEmail: c.email,
			StartedBy: c.by, Body: "It leaks."}).ID
		h.advance(id)
		h.wants(id, c.actions)
		reasons := h.Column(`SELECT DISTINCT a.reason FROM run_actions a JOIN runs r ON r.id = a.run_id WHERE r.conversation_id = $1 AND
			a.state = 'skipped'`, id)
		if want := c.email == ""; (len(reasons) == 1 && reasons[0] == "the customer has no address") != want {
			t.Errorf("%s: skipped since %q", name, reasons)
		}
		_, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "It comes."})
		if c.email != "" {
			testhouse.Must(t, err)
			continue
		}
		list := errs.Problems(err)
		if !errs.Is(err, errs.Invalid) || len(list) != 1 || list[0].Path != "to" || !strings.Contains(list[0].Message, "no e-mail address") {
			t.Errorf("%s: an agent's reply: %v", name, err)
		}
		h.advance(id)
		if n := len(h.deliveries(id)); n != 0 {
			t.Errorf("%s: %d mails", name, n)
		}
		// Who states an address can write.
		_, err = h.Store.PostMessage(t.Context(), maria, id,
			conversation.Post{Kind: conversation.MessageReply, Body: "It comes.", To: []string{"carl@example.com"}})
		testhouse.Must(t, err)
		h.advance(id)
		if got := h.goneTo(id, delivery.KindReply); !slices.Equal(got, []string{"carl@example.com |  | "}) {
			t.Errorf("%s: stated, it goes to %q", name, got)
		}
	}
}

// Whatever form an address has in the header, a workflow's reply and an agent's go to
// the form that mail knows.
func TestRepliesGoToTheFormOfAnAddressThatMailKnows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	boxes := []conversation.MailboxID{h.Mailbox("support@example.com").ID, h.Mailbox("support@acme.test").ID}
	maria := access.Caller{User: h.User("maria", boxes...)}
	for _, box := range boxes {
		h.Workflow(box, automation.ModeOn, automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)),
			Actions: []automation.Action{{Do: automation.DoReply, Body: "We have it."}}})
	}
	for i, c := range []struct {
		file, rcptTo string
		replace      []string
		want         string
	}{
		{"32-idn-sender.eml", "support@example.com", nil, "kontakt@xn--bcher-kva.example.com"},
		{"65-answer-to-idn-address.eml", "support@acme.test", nil, "info@xn--bcher-kva.example"},
		{"32-idn-sender.eml", "support@example.com", []string{"kontakt@bücher", "kontakt@BÜCHER", "idn-32@", "capitals@"},
			"kontakt@xn--bcher-kva.example.com"},
		{"65-answer-to-idn-address.eml", "support@acme.test", []string{"info@bücher", "a@почта", "case065@", "cyrillic@"},
			"a@xn--80a1acny.example"},
		{"65-answer-to-idn-address.eml", "support@acme.test", []string{"info@bücher", "a@日本語", "case065@", "kanji@"}, "a@xn--wgv71a119e.example"},
		{"65-answer-to-idn-address.eml", "support@acme.test", []string{"info@bücher", "a@xn--bcher-kva", "case065@", "ascii@"},
			"a@xn--bcher-kva.example"},
		{"65-answer-to-idn-address.eml", "support@acme.test", []string{"<info@bücher.example>", `<a..b.@docomo.ne.jp>`, "case065@", "dots@"},
			`"a..b."@docomo.ne.jp`},
		{"65-answer-to-idn-address.eml", "support@acme.test",
			[]string{"<info@bücher.example>", `<"a..c"@docomo.ne.jp>`, "case065@", "quoted@"}, `"a..c"@docomo.ne.jp`},
	} {
		id := h.real(c.file, "bounces@example.net", c.rcptTo, c.replace...)
		h.advance(id)
		_, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "It comes."})
		if err != nil {
			t.Errorf("%d, %s: an agent's reply: %v", i, c.want, err)
			continue
		}
		h.advance(id)
		out := h.deliveries(id)
		if len(out) != 2 {
			t.Errorf("%d, %s: %d mails, want two; %v", i, c.want, len(out), h.did(id))
		}
		for _, d := range out {
			if got := mail.EnvelopeRecipients(*d.Mail); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%d: sent to %q, want %s", i, got, c.want)
			}
			raw, err := mail.Compose(*d.Mail)
			testhouse.Must(t, err)
			if !strings.Contains(string(raw), "\r\nTo: "+c.want+"\r\n") {
				t.Errorf("%d: To is not %s", i, c.want)
			}
		}
	}
}
