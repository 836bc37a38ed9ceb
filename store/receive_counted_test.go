package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// newAskedShop is a shop that records what is asked.
func newAskedShop(t *testing.T) (*shop, *testhouse.Statements) {
	t.Helper()
	asked := &testhouse.Statements{}
	return newShop(t, testhouse.Traced(asked)), asked
}

// taken receives the mail as the mail server does: each recipient is looked up together
// with the envelope's sender, and From where it is somebody else.
func (s *shop) taken(in conversation.Incoming) {
	s.t.Helper()
	for i, r := range in.Recipients {
		addresses := []string{r}
		if i == 0 && in.EnvelopeFrom != "" {
			addresses = append(addresses, in.EnvelopeFrom)
		}
		_, err := s.HasMailboxes(s.t.Context(), addresses...)
		check(s.t, err)
	}
	if in.FromAddress != in.EnvelopeFrom {
		_, err := s.HasMailboxes(s.t.Context(), in.FromAddress)
		check(s.t, err)
	}
	check(s.t, s.Receive(s.t.Context(), in))
}

func TestStatementsToReceiveAMail(t *testing.T) {
	t.Parallel()
	s, asked := newAskedShop(t)
	_, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test"})
	check(t, err)
	_, err = s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	ann := s.received(t, "ann@x")
	ours, notice := s.sent(ann, "reply", "ann@example.com"), s.sent(ann, "notify", "maria@smarticks.test")
	s.house.Exec(`UPDATE deliveries SET attempts = 1`)
	s.house.Exec(`UPDATE conversations SET participants = ARRAY['cy@example.com'] WHERE id = '` + string(ann) + `'`)
	s.received(t, "nameless@x", from("nameless@example.com"), func(in *conversation.Incoming) { in.FromName = "" })
	s.received(t, "cy@x", from("cy@example.com"))
	files := func(in *conversation.Incoming) {
		in.Attachments = []conversation.Attachment{{Name: "a.txt", Content: []byte("a"), Size: 1},
			{Name: "b.txt", Inline: true, ContentID: "b"}, {Name: "c"}}
	}
	report := func(in *conversation.Incoming) {
		in.EnvelopeFrom, in.Bounce = "", &conversation.Bounce{Action: conversation.BounceFailed, Status: "5.1.1", MessageIDs: []string{ours}}
	}
	for _, c := range []struct {
		name  string
		want  int
		mail  conversation.Incoming
		setup func()
	}{
		{"of a new customer", 5, letter("1@x", from("new@example.com")), nil},
		{"of a known customer", 4, letter("2@x"), nil},
		{"with files", 4, letter("3@x", files), nil},
		{"whose customer gets a name", 5, letter("4@x", from("nameless@example.com")), nil},
		{"an answer", 5, letter("5@x", answers("ann@x")), nil},
		{"an answer to a mail of ours, with files", 5, letter("6@x", answers(ours), files), nil},
		{"an answer of a participant", 5, letter("7@x", answers("ann@x"), from("cy@example.com")), nil},
		{"of a third party", 5, letter("8@x", answers(ours), from("eve@example.com")), nil},
		{"that names a conversation of others", 5, letter("9@x", answers("ann@x"), from("mallory@example.com")), nil},
		{"to two mailboxes", 7, letter("10@x", to("support@smarticks.test", "billing@smarticks.test")), nil},
		{"to two mailboxes, of a new customer", 8, letter("11@x", from("new2@example.com"),
			to("support@smarticks.test", "billing@smarticks.test")), nil},
		{"that is there already", 3, letter("2@x"), nil},
		{"that gives one of ours back", 7, letter("12@x", from("mailer-daemon@example.com"), marked(conversation.MachineBounce), names(ours),
			report), nil},
		{"a user's note", 5, letter("13@x", from("maria@smarticks.test"), answers(notice)), nil},
		{"a user's answer", 7, letter("14@x", from("maria@smarticks.test"), answers(notice)), func() {
			s.change(s.mailbox, conversation.MailboxChange{Answers: ptr(conversation.AnswersReply)})
		}},
		{"of a new customer of whom an endpoint is told", 7, letter("15@x", from("told@example.com")), func() {
			_, err := s.CreateEndpoint(t.Context(), access.System(),
				conversation.Endpoint{Name: "e", URL: "https://example.com/", Enabled: true, Events: []string{delivery.ToldCustomerCreated}})
			check(t, err)
		}},
		{"brought over", 5, letter("16@x", from("old@example.com"), dated("Tue, 5 Mar 2024 10:00:00 +0100")), func() {
			s.change(s.mailbox, conversation.MailboxChange{ImportMode: ptr(true)})
		}},
	} {
		if c.setup != nil {
			c.setup()
		}
		asked.Take()
		s.taken(c.mail)
		if got, _ := asked.TakeWork(); len(got) != c.want {
			t.Errorf("a mail %s: %d statements, want %d:\n%s", c.name, len(got), c.want, strings.Join(got, "\n"))
		}
	}
	for kind, want := range map[string]int{"third_party": 2, "note": 1, "reply": 1} {
		if n := s.house.Number(`SELECT count(*) FROM messages WHERE kind = $1`, kind); n != want {
			t.Errorf("%d messages are of the kind %s, want %d: what was counted was something else", n, kind, want)
		}
	}
	if n := s.house.Number(`SELECT count(*) FROM attachments WHERE name <> '' AND (content = 'a' AND size = 1 OR name <> 'a.txt') AND inline
		= (content_id = 'b')`); n != 6 {
		t.Errorf("%d files are as they came, want 6", n)
	}
}

// What was found when a recipient was named says only that the mail may come: where it
// goes is found out again when it is here.
func TestAMailGoesWhereItsAddressLeadsWhenItIsHere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	billing, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test"})
	check(t, err)
	s.change(s.mailbox, conversation.MailboxChange{Aliases: &[]string{"help@smarticks.test"}})
	found, err := s.HasMailboxes(t.Context(), "help@smarticks.test", "nobody@smarticks.test", "help+1@smarticks.test")
	check(t, err)
	if !slices.Equal(found, []bool{true, false, true}) {
		t.Fatalf("ours are %v", found)
	}
	s.change(s.mailbox, conversation.MailboxChange{Aliases: &[]string{}})
	if err := s.Receive(t.Context(), letter("gone@x", to("help@smarticks.test"))); !errs.Is(err, errs.NotFound) {
		t.Errorf("an alias that was taken off in the meantime: %v", err)
	}
	s.change(billing.ID, conversation.MailboxChange{Aliases: &[]string{"help@smarticks.test"}})
	s.received(t, "moved@x", to("help@smarticks.test"))
	if got := s.house.Text(`SELECT mailbox_id::text FROM messages WHERE message_id_header = 'moved@x'`); got != string(billing.ID) {
		t.Errorf("an alias that was moved in the meantime leads to %s", got)
	}
}

// A mail that comes into a conversation takes nothing away that is kept of it.
func TestAMailLeavesTheRestOfItsConversation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.received(t, "one@x")
	u, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	s.house.Exec(`UPDATE conversations SET assignee_id = '` + string(u.ID) +
		`', tags = '{vip}', rating = 'great', rating_comment = 'thanks', rated_at = now(), last_reply_id = gen_random_uuid(),
		last_reply_viewed_at = now(), followers = ARRAY['` + string(u.ID) +
		`'::uuid], auto_reply = 'sent', fields = '{"Order":"A1"}', attention = 'look', linked_id = gen_random_uuid(),
		linked_because = 'deleted', dues = '[{"row":"x"}]', next_due = now(), busy_until = now(), handled_seq = last_seq, closed_at = now(),
			last_agent_reply_at = now(), customer_replies = 7`)
	before, err := s.Conversation(t.Context(), access.System(), id)
	check(t, err)
	kept := s.house.Text(`SELECT dues::text || next_due || busy_until FROM conversations`)
	s.received(t, "two@x", answers("one@x"))
	after, err := s.Conversation(t.Context(), access.System(), id)
	check(t, err)
	if after.Messages != 2 || after.CustomerReplies != 8 || after.LastSeq != 2 || !after.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("the mail did not count: %+v", after.Conversation)
	}
	b, a := before.Conversation, after.Conversation
	b.Messages, b.CustomerReplies, b.LastSeq, b.UpdatedAt, b.LastCustomerReplyAt = a.Messages, a.CustomerReplies, a.LastSeq, a.UpdatedAt,
		a.LastCustomerReplyAt
	if !reflect.DeepEqual(a, b) {
		t.Errorf("it is\n%+v, and was\n%+v", a, b)
	}
	if now := s.house.Text(`SELECT dues::text || next_due || busy_until FROM conversations`); now != kept {
		t.Errorf("it is due for %s, and was for %s", now, kept)
	}
}
