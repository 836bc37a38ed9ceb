package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// from makes the mail one of the address.
func from(address string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) {
		in.FromAddress, in.EnvelopeFrom, in.Sender.Address = address, address, address
		in.Raw = append(in.Raw, " from "+address...)
	}
}

// replyTo names whom to answer, beside From.
func replyTo(address string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) {
		in.FromAddress, in.Sender.ReplyTo, in.Sender.Claimed = address, []string{address}, true
	}
}

func addressedTo(addresses ...string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.To = addresses }
}

func marked(m conversation.Machine) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.Machine = m }
}

// sent is the id of a mail that we sent in the conversation.
func (s *shop) sent(id conversation.ID, kind, to string) string {
	s.t.Helper()
	ours := store.NewID()
	_, err := s.house.Pool.Exec(s.t.Context(), `INSERT INTO deliveries (id, conversation_id, mailbox_id, kind, state, next_at, payload,
		created_at)
		SELECT $1, id, mailbox_id, $3, 'sent', now(), jsonb_build_object('mail', jsonb_build_object('to', ARRAY[$4::text])), now()
		FROM conversations WHERE id = $2`, ours, id, kind, to)
	check(s.t, err)
	return ours + "@smarticks.test"
}

// as is what became of the mail with the id: its kind, and who wrote it.
func (s *shop) as(id string) string {
	s.t.Helper()
	return s.house.Text(`SELECT kind || ' by ' || author_kind FROM messages WHERE message_id_header = $1`, id)
}

// Who wrote a mail is proven by what it answers, never by a header alone.
func TestWhoWroteAMailIsNotWhatItsHeaderSays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "Maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	_, err = s.CreateUser(t.Context(), access.System(), conversation.User{Name: "Bob", Email: "bob@bücher.test", Role: conversation.RoleAgent})
	check(t, err)
	check(t, s.Receive(t.Context(), letter("ann@1", addressedTo("support@smarticks.test", "colleague@example.com"))))
	ann := s.conversationOf(t, "ann@1")
	reply := s.sent(ann, "reply", "ann@example.com")
	toMaria := s.sent(ann, "notify", "maria@smarticks.test")
	toBob := s.sent(ann, "notify", "bob@bücher.test")
	forward := s.sent(ann, "forward", "sales@factory.test")
	check(t, s.Receive(t.Context(), letter("maria@1", from("maria@smarticks.test"))))
	marias := s.conversationOf(t, "maria@1")
	noticeOfHers := s.sent(marias, "notify", "maria@smarticks.test")

	for i, c := range []struct {
		name   string
		answer string
		change []func(*conversation.Incoming)
		want   string // "" : a conversation of its own
		in     conversation.ID
	}{
		{"a user answers her notice", toMaria, []func(*conversation.Incoming){from("Maria@Smarticks.test")}, "note by user", ann},
		{"a user whose domain is written in letters answers his", toBob, []func(*conversation.Incoming){from("bob@xn--bcher-kva.test")},
			"note by user", ann},
		{"a user answers another's notice", toBob, []func(*conversation.Incoming){from("maria@smarticks.test")}, "third_party by third_party",
			ann},
		{"a user answers a reply to the customer", reply, []func(*conversation.Incoming){from("maria@smarticks.test")},
			"third_party by third_party", ann},
		{"a user's holiday note answers her notice", toMaria,
			[]func(*conversation.Incoming){from("maria@smarticks.test"), marked(conversation.MachineAutoReply)}, "third_party by third_party", ann},
		{"a user's holiday note that its subject alone tells", toMaria,
			[]func(*conversation.Incoming){from("maria@smarticks.test"), marked(conversation.MachineGenerated), func(in *conversation.Incoming) {
				in.MachineAsAnswer = conversation.MachineAutoReply
			}}, "third_party by third_party", ann},
		{"a user in her own conversation", noticeOfHers, []func(*conversation.Incoming){from("maria@smarticks.test")}, "customer by customer",
			marias},
		{"a user names a mail that she was not sent", "ann@1", []func(*conversation.Incoming){from("maria@smarticks.test")},
			"customer by customer", ""},
		{"a stranger names the user in Reply-To", toMaria,
			[]func(*conversation.Incoming){from("mallory@evil.example"), replyTo("maria@smarticks.test")}, "third_party by third_party", ann},
		{"a stranger names the customer in Reply-To", reply,
			[]func(*conversation.Incoming){from("mallory@evil.example"), replyTo("ann@example.com")}, "third_party by third_party", ann},
		{"a stranger answers a mail of ours", reply, []func(*conversation.Incoming){from("eve@evil.example")}, "third_party by third_party", ann},
		{"a supplier answers a forward", forward, []func(*conversation.Incoming){from("sales@factory.test")}, "third_party by third_party", ann},
		{"a server gives a mail back", reply, []func(*conversation.Incoming){from("mailer-daemon@example.com"),
			marked(conversation.MachineBounce)}, "third_party by third_party", ann},
		{"our own mail comes round", reply, []func(*conversation.Incoming){from("support@smarticks.test"), marked(conversation.MachineOwn)},
			"third_party by third_party", ann},
		{"the customer answers", reply, []func(*conversation.Incoming){from("ANN@example.com")}, "customer by customer", ann},
		{"the customer wants the answer elsewhere", reply,
			[]func(*conversation.Incoming){from("ann@example.com"), replyTo("ann@private.example")}, "customer by customer", ann},
		{"who was in To answers", "ann@1", []func(*conversation.Incoming){from("colleague@example.com")}, "customer by customer", ann},
	} {
		id := string(rune('a'+i)) + "@answers"
		check(t, s.Receive(t.Context(), letter(id, append(c.change, answers(c.answer))...)))
		if got := s.as(id); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := s.conversationOf(t, id); (got == c.in) != (c.in != "") || c.in == "" && (got == ann || got == marias) {
			t.Errorf("%s: it is in %s, want %s", c.name, got, c.in)
		}
	}
	if n := s.house.Number(`SELECT count(*) FROM conversations c JOIN customers cu ON cu.id = c.customer_id WHERE c.id = $1 AND cu.emails =
		'{ann@example.com}'`, ann); n != 1 {
		t.Error("the conversation is not Ann's any more")
	}
}

// A third party's mail is there to be read, and changes nothing else.
func TestAThirdPartysMailChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.conversationOf(t, "one@example.com")
	reply := s.sent(id, "reply", "ann@example.com")
	closed := conversation.StatusClosed
	_, err := s.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Status: &closed})
	check(t, err)
	before, err := s.Conversation(t.Context(), access.System(), id)
	check(t, err)
	for i, mark := range []conversation.Machine{"", conversation.MachineBounce, conversation.MachineAutoReply,
		conversation.MachineGenerated, conversation.MachineList} {
		name := string(rune('a'+i)) + "@third.example"
		check(t, s.Receive(t.Context(), letter(name, from("sales@factory.example"), answers(reply), marked(mark),
			addressedTo("boss@factory.example"))))
		if got := s.house.Text(`SELECT kind || ' ' || machine FROM messages WHERE message_id_header = $1`, name); got != "third_party "+
			string(mark) {
			t.Errorf("the mark %q is kept as %q", mark, got)
		}
	}
	after, err := s.Conversation(t.Context(), access.System(), id)
	check(t, err)
	if after.Messages != before.Messages+5 || after.LastSeq != before.LastSeq+5 {
		t.Errorf("%d messages and %d events, want 5 more than %d and %d", after.Messages, after.LastSeq, before.Messages, before.LastSeq)
	}
	if d := cmp.Diff(before.Conversation, after.Conversation,
		cmpopts.IgnoreFields(before.Conversation, "Messages", "LastSeq", "UpdatedAt")); d != "" {
		t.Errorf("more than that changed:\n%s", d)
	}
	if n := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'third_party_message' AND actor_kind = 'third_party' AND actor_id =
		''`); n != 5 {
		t.Errorf("%d events of a third party, want 5", n)
	}
}

func TestParticipantsAreWhomTheCustomerNamesAndNoneOfOurs(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, c := range []struct{ id, want string }{
		{s.opened("ann@example.com"), "{ann@example.com}"},
		{string(s.received(t, "1@x", addressedTo("support@smarticks.test", "Support+Order@smarticks.test", "Bob@Bücher.example"))),
			"{ann@example.com,bob@xn--bcher-kva.example}"},
		{string(s.received(t, "2@x", from("shop@shop.example"), replyTo("carl@customer.example"))), "{carl@customer.example,shop@shop.example}"},
		{string(s.received(t, "3@x", addressedTo("undisclosed-recipients", ""))), "{ann@example.com}"},
		{string(s.received(t, "4@x", func(in *conversation.Incoming) { in.Cc = []string{"zoe@example.com", "ANN@example.com"} })),
			"{ann@example.com,zoe@example.com}"},
	} {
		if got := s.house.Text(`SELECT participants::text FROM conversations WHERE id = $1`, c.id); got != c.want {
			t.Errorf("participants are %s, want %s", got, c.want)
		}
	}
	id := s.conversationOf(t, "4@x")
	many := make([]string, 500)
	for i := range many {
		many[i] = string(rune('a'+i/26)) + string(rune('a'+i%26)) + "@many.example"
	}
	check(t, s.Receive(t.Context(), letter("5@x", answers("4@x"), addressedTo(many...))))
	if n := s.house.Number(`SELECT cardinality(participants) FROM conversations WHERE id = $1`, id); n != conversation.MaxParticipants {
		t.Errorf("%d participants, want at most %d", n, conversation.MaxParticipants)
	}
}

// received is where a new mail went.
func (s *shop) received(t *testing.T, id string, change ...func(*conversation.Incoming)) conversation.ID {
	t.Helper()
	check(t, s.Receive(t.Context(), letter(id, change...)))
	return conversation.ID(s.house.Text(`SELECT conversation_id::text FROM messages WHERE message_id_header = $1 ORDER BY created_at DESC
		LIMIT 1`, id))
}

// opened is a conversation that the API opened for the customer.
func (s *shop) opened(customer string) string {
	s.t.Helper()
	r, err := s.OpenConversation(s.t.Context(), access.System(), conversation.Opening{
		MailboxID: s.mailbox, CustomerEmail: customer, Type: conversation.TypeEmail, Subject: "s", Body: "b",
	})
	check(s.t, err)
	return string(r.ID)
}

func TestAnOutOfOfficeNoteReopensNothingAndBeginsNoWait(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	reply := s.sent(s.conversationOf(t, "one@example.com"), "reply", "ann@example.com")
	_, err := s.house.Pool.Exec(t.Context(), `UPDATE conversations SET status = 'closed', waiting_since = NULL`)
	check(t, err)
	check(t, s.Receive(t.Context(), letter("two@example.com", answers("one@example.com"), marked(conversation.MachineAutoReply))))
	check(t, s.Receive(t.Context(), letter("three@example.com", answers(reply),
		func(in *conversation.Incoming) { in.MachineAsAnswer = conversation.MachineAutoReply })))
	if n := s.house.Number(`SELECT count(*) FROM conversations WHERE status = 'closed' AND waiting_since IS NULL AND messages = 3`); n != 1 {
		t.Error("an out-of-office note reopened the conversation or began a wait")
	}
	// Its subject alone says nothing when it answers nothing of ours.
	check(t, s.Receive(t.Context(), letter("four@example.com", answers("one@example.com"),
		func(in *conversation.Incoming) { in.MachineAsAnswer = conversation.MachineAutoReply })))
	if n := s.house.Number(`SELECT count(*) FROM conversations WHERE status = 'active' AND waiting_since IS NOT NULL`); n != 1 {
		t.Error("a person's mail with such a subject is taken for a machine's")
	}
}
