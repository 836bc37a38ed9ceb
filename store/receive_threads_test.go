package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store"
)

// letter is a mail to the support mailbox.
func letter(id string, change ...func(*conversation.Incoming)) conversation.Incoming {
	in := conversation.Incoming{
		EnvelopeFrom: "ann@example.com", FromAddress: "ann@example.com", FromName: "Ann Example", Recipients: []string{"support@smarticks.test"},
		Raw: []byte("raw " + id), Subject: "Hello", Text: "Hello", MessageIDHeader: id,
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

// answers makes the mail an answer to those with the ids.
func answers(ids ...string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.InReplyTo = ids }
}

func to(addresses ...string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.Recipients = addresses }
}

// conversationOf is where the mail with the id went.
func (s *shop) conversationOf(t *testing.T, header string) conversation.ID {
	t.Helper()
	var id conversation.ID
	check(t, s.house.Pool.QueryRow(t.Context(), `SELECT conversation_id FROM messages WHERE message_id_header = $1 ORDER BY created_at LIMIT
		1`, header).Scan(&id))
	return id
}

func TestAMailJoinsTheConversationThatItAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	first := s.conversationOf(t, "one@example.com")

	// A mail that we sent: its Message-ID begins with the delivery's id.
	ours := store.NewID()
	_, err = s.house.Pool.Exec(t.Context(), `INSERT INTO deliveries (id, conversation_id, mailbox_id, kind, state, next_at, payload,
		created_at)
		SELECT $1, id, mailbox_id, 'email', 'sent', now(), '{}', now() FROM conversations WHERE id = $2`, ours, first)
	check(t, err)

	for _, c := range []struct {
		name, id string
		change   []func(*conversation.Incoming)
		joins    bool
	}{
		{"by In-Reply-To", "a@example.com", []func(*conversation.Incoming){answers("one@example.com")}, true},
		{"by References", "b@example.com", []func(*conversation.Incoming){func(in *conversation.Incoming) {
			in.References = []string{"gone@x",
				"one@example.com"}
		}}, true},
		{"by our own Message-ID", "c@example.com", []func(*conversation.Incoming){answers(ours + "@smarticks.test")}, true},
		{"by the id of an answer", "d@example.com", []func(*conversation.Incoming){answers("a@example.com")}, true},
		{"not by an unknown id", "e@example.com", []func(*conversation.Incoming){answers("unknown@example.com")}, false},
		{"not by something that looks like a token", "f@example.com",
			[]func(*conversation.Incoming){answers("00000000-0000-7000-8000-000000000000@smarticks.test")}, false},
		{"not in another mailbox", "g@example.com", []func(*conversation.Incoming){answers("one@example.com"), to("billing@smarticks.test")},
			false},
		{"by our id from another address", "i@example.com",
			[]func(*conversation.Incoming){answers(ours + "@smarticks.test"), from("ann@private.example")}, true},
		{"not by our id in another mailbox", "h@example.com",
			[]func(*conversation.Incoming){answers(ours + "@smarticks.test"), to("billing@smarticks.test")}, false},
	} {
		check(t, s.Receive(t.Context(), letter(c.id, c.change...)))
		if got := s.conversationOf(t, c.id); (got == first) != c.joins {
			t.Errorf("%s: joined %v, want %v", c.name, got == first, c.joins)
		}
	}
	if gaps := s.house.Number(`SELECT count(*) FROM conversations c WHERE last_seq <> (SELECT count(*) FROM events e WHERE e.conversation_id
		= c.id)`); gaps != 0 {
		t.Errorf("%d conversations have gaps in their events", gaps)
	}
}

// names makes the mail name the ids in References, from the old to the new.
func names(ids ...string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.References = ids }
}

// Our own ids go before everybody's, In-Reply-To before References, the new
// reference before the old, and whoever takes no part begins again.
func TestWhichOfSeveralConversationsAMailJoins(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	a, b := s.received(t, "a@example.com"), s.received(t, "b@example.com")
	oursA, oursB := s.sent(a, "reply", "ann@example.com"), s.sent(b, "reply", "ann@example.com")
	stranger := s.received(t, "eve@evil.example", from("eve@evil.example"))
	// Somebody gives their mail the id that a mail of Ann's has, or will have.
	stolen := s.received(t, "a@example.com", from("mallory@evil.example"))
	early := s.received(t, "later@example.com", from("mallory@evil.example"))
	anns := s.received(t, "later@example.com")
	gone, live := s.received(t, "gone@example.com"), s.received(t, "live@example.com")
	_, err := s.house.Pool.Exec(t.Context(), `UPDATE conversations SET state = 'deleted' WHERE id = $1`, gone)
	check(t, err)

	for i, c := range []struct {
		name    string
		change  []func(*conversation.Incoming)
		joins   conversation.ID // "": none
		linked  conversation.ID
		because conversation.Linked
	}{
		{"In-Reply-To goes before a newer reference",
			[]func(*conversation.Incoming){answers("a@example.com"), names("b@example.com", "a@example.com")}, a, "", ""},
		{"In-Reply-To goes before what stands last in References",
			[]func(*conversation.Incoming){answers("a@example.com"), names("b@example.com")}, a, "", ""},
		{"the newest reference goes before older ones", []func(*conversation.Incoming){names("a@example.com", "b@example.com")}, b, "", ""},
		{"an unknown reference hides none", []func(*conversation.Incoming){answers("x@y"), names("a@example.com", "z@y")}, a, "", ""},
		{"our id goes before another's in In-Reply-To",
			[]func(*conversation.Incoming){answers("b@example.com"), names(oursA, "b@example.com")}, a, "", ""},
		{"our newest id counts", []func(*conversation.Incoming){names(oursA, oursB, "x@y")}, b, "", ""},
		{"of two mails with one id whoever takes part there", []func(*conversation.Incoming){answers("a@example.com")}, a, "", ""},
		{"also when the stranger's came first", []func(*conversation.Incoming){answers("later@example.com")}, anns, "", ""},
		{"the stranger's own", []func(*conversation.Incoming){from("mallory@evil.example"), answers("later@example.com")}, early, "", ""},
		{"a stranger does not join by an id that anybody may know",
			[]func(*conversation.Incoming){from("bob@example.org"), answers("b@example.com")}, "", b, conversation.LinkedNoPart},
		{"a customer does not join somebody else's conversation", []func(*conversation.Incoming){answers("eve@evil.example")}, "", stranger,
			conversation.LinkedNoPart},
		{"a deleted conversation is not joined", []func(*conversation.Incoming){answers("gone@example.com")}, "", gone,
			conversation.LinkedDeleted},
		{"a deleted conversation hides no live one",
			[]func(*conversation.Incoming){answers("gone@example.com"), names("live@example.com", "gone@example.com")}, live, "", ""},
	} {
		id := fmt.Sprintf("case%d@example.com", i)
		check(t, s.Receive(t.Context(), letter(id, c.change...)))
		got := s.conversationOf(t, id)
		if c.joins != "" && got != c.joins {
			t.Errorf("%s: it does not", c.name)
		}
		var linked conversation.ID
		var because conversation.Linked
		check(t, s.house.Pool.QueryRow(t.Context(), `SELECT coalesce(linked_id::text, ''), linked_because FROM conversations WHERE id = $1`,
			got).Scan(&linked, &because))
		if linked != c.linked || because != c.because {
			t.Errorf("%s: linked to %q because %q, want %q because %q", c.name, linked, because, c.linked, c.because)
		}
	}
	if n := s.house.Number(`SELECT count(*) FROM messages WHERE conversation_id = $1 AND author_id = (SELECT customer_id::text FROM
		conversations WHERE id = $2)`, stolen, a); n != 0 {
		t.Error("Ann's words are in the conversation of whoever took her id")
	}
	if n := s.house.Number(`SELECT count(*) FROM events WHERE data ->> 'to' = 'deleted' AND data ->> 'from' = $1`, gone); n != 1 {
		t.Error("the first event does not say which conversation the mail answers")
	}
}

func TestAMailThatComesAfterItsAnswer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	answer := s.received(t, "answer@example.org", from("bob@example.org"), answers("first@example.com"), addressedTo("ann@example.com"))
	if got := s.received(t, "first@example.com"); got != answer {
		t.Error("the mail that was answered is not where its answer is")
	}
	later := s.received(t, "c@example.com", names("a@example.com", "b@example.com"))
	if got := s.received(t, "a@example.com"); got != later {
		t.Error("a mail that stands in References only is not where the other is")
	}
	// Whoever foretells an id does not get what comes under it.
	trap := s.received(t, "trap@evil.example", from("mallory@evil.example"), answers("foretold@example.com"))
	if got := s.received(t, "foretold@example.com"); got == trap {
		t.Error("a stranger took over a mail by naming it before it came")
	}
}

func TestAMailAfterAMoveJoinsFromBothMailboxes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	billing, err := s.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	_, err = s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Sales", Email: "sales@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	id := s.received(t, "one@example.com")
	before := s.sent(id, "reply", "ann@example.com")
	_, err = s.ChangeConversation(t.Context(), access.System(), id, conversation.Change{MailboxID: &billing.ID})
	check(t, err)
	after := s.sent(id, "reply", "ann@example.com")
	for i, c := range []struct {
		names, to string
		joins     bool
	}{
		{"one@example.com", "support@smarticks.test", true},
		{"one@example.com", "billing@smarticks.test", true},
		{before, "support@smarticks.test", true},
		{before, "billing@smarticks.test", true},
		{after, "billing@smarticks.test", true},
		{after, "support@smarticks.test", true},
		{after, "sales@smarticks.test", false},
		{"one@example.com", "sales@smarticks.test", false},
	} {
		header := fmt.Sprintf("case%d@example.com", i)
		if got := s.received(t, header, answers(c.names), to(c.to)); (got == id) != c.joins {
			t.Errorf("%s to %s: joined %v, want %v", c.names, c.to, got == id, c.joins)
		}
	}
}

func TestARelayThatRenamesOurMailsTakesNoAnswerAway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := conversation.ID(s.opened("zoe@example.net"))
	ours := s.sent(id, "email", "zoe@example.net")
	local, _, _ := strings.Cut(ours, "@")
	token := delivery.Reference(delivery.ID(local), "smarticks.test")
	if got := s.received(t, "answer@example.net", from("zoe@example.net"), answers("0102@ses.example"),
		names(token, "0102@ses.example")); got != id {
		t.Error("the answer to a renamed mail begins a new conversation")
	}
	// Our own mail comes round, without a word of what it answers.
	if got := s.received(t, ours, from("support@smarticks.test"), marked(conversation.MachineOwn)); got != id {
		t.Error("our own mail begins a conversation")
	}
}

// dated gives the mail a Date.
func dated(date string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) {
		in.Headers = append(in.Headers, conversation.Header{Name: "Date", Value: date})
	}
}

const noon = "Wed, 25 Nov 2026 12:00:00 +0000"

func TestOneMailIsStoredOnceHoweverItComes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	bytes := func(raw string) func(*conversation.Incoming) {
		return func(in *conversation.Incoming) { in.Raw = []byte(raw) }
	}
	for _, c := range []struct {
		name   string
		change []func(*conversation.Incoming)
		again  bool // it is the mail of before
	}{
		{"the first", []func(*conversation.Incoming){dated(noon)}, false},
		{"the same bytes", []func(*conversation.Incoming){dated(noon)}, true},
		{"another trace", []func(*conversation.Incoming){dated(noon), bytes("Received: by b")}, true},
		{"a list's footer and tag", []func(*conversation.Incoming){dated(noon), bytes("x"),
			func(in *conversation.Incoming) { in.Subject, in.Text = "[team] Hello", "Hello\n-- \nteam" }}, true},
		{"another envelope", []func(*conversation.Incoming){dated(noon), bytes("y"),
			func(in *conversation.Incoming) { in.EnvelopeFrom = "team-bounces@example.org" }}, true},
		{"the date in another zone and with a comment",
			[]func(*conversation.Incoming){dated("Wed, 25 Nov 2026 13:00:00 +0100 (CET)"), bytes("z")}, true},
		{"the address in other letters", []func(*conversation.Incoming){dated(noon), bytes("q"), from("Ann@EXAMPLE.com")}, true},
		{"a list that sets Reply-To", []func(*conversation.Incoming){dated(noon), bytes("r"), from("ann@example.com"),
			replyTo("team@lists.example")}, true},
		{"another date", []func(*conversation.Incoming){dated("Wed, 25 Nov 2026 12:00:01 +0000"), bytes("1")}, false},
		{"another author", []func(*conversation.Incoming){dated(noon), bytes("2"), from("mallory@evil.example")}, false},
		{"without a date", []func(*conversation.Incoming){bytes("3")}, false},
		{"without a date, other bytes", []func(*conversation.Incoming){bytes("4")}, false},
	} {
		before := s.house.Number(`SELECT count(*) FROM messages`)
		check(t, s.Receive(t.Context(), letter("one@example.com", c.change...)))
		if again := s.house.Number(`SELECT count(*) FROM messages`) == before; again != c.again {
			t.Errorf("%s: taken for the same %v, want %v", c.name, again, c.again)
		}
	}
}

func TestCopiesOfAMailThatComeAtOnceAreOne(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var group sync.WaitGroup
	come := func(in conversation.Incoming) {
		group.Go(func() {
			err := s.Receive(t.Context(), in)
			for errs.Is(err, errs.Unavailable) { // a sender tries again
				err = s.Receive(t.Context(), in)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 8 {
		come(letter("one@example.com", dated(noon), func(in *conversation.Incoming) { in.Raw = fmt.Appendf(nil, "Received: %d", i) }))
		come(letter("two@example.com", answers("one@example.com"), dated(noon)))
	}
	group.Wait()
	if n := s.house.Number(`SELECT count(*) FROM messages`); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
	if n := s.house.Number(`SELECT count(*) FROM conversations`); n != 1 {
		t.Errorf("%d conversations, want 1 of the mail and its answer, whichever came first", n)
	}
}

func TestAMailToTwoMailboxesIsInBothOrNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	both := letter("one@example.com", to("support@smarticks.test", "BILLING@smarticks.test", "stranger@elsewhere.test"))
	check(t, s.Receive(t.Context(), both))
	check(t, s.Receive(t.Context(), both))
	if n := s.house.Number(`SELECT count(DISTINCT mailbox_id) FROM conversations`); n != 2 ||
		s.house.Number(`SELECT count(*) FROM messages`) != 2 {
		t.Errorf("%d mailboxes have it", n)
	}
	err = s.Receive(t.Context(), letter("two@example.com", to("stranger@elsewhere.test")))
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("a mail to nobody of ours: %v", err)
	}
}

func TestACustomersMessageReopensAndADeletedConversationStaysDeleted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.conversationOf(t, "one@example.com")
	for i, status := range []string{"closed", "pending", "spam"} {
		_, err := s.house.Pool.Exec(t.Context(), `UPDATE conversations SET status = $2 WHERE id = $1`, id, status)
		check(t, err)
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("again%d@example.com", i), answers("one@example.com"))))
		var now string
		check(t, s.house.Pool.QueryRow(t.Context(), `SELECT status FROM conversations WHERE id = $1`, id).Scan(&now))
		if want := map[string]string{"closed": "active", "pending": "active", "spam": "spam"}[status]; now != want {
			t.Errorf("%s became %s, want %s", status, now, want)
		}
	}
	if n := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'status_changed' AND origin > 0`); n != 2 {
		t.Errorf("%d reopenings are events that the message caused, want 2", n)
	}
	_, err := s.house.Pool.Exec(t.Context(), `UPDATE conversations SET state = 'deleted' WHERE id = $1`, id)
	check(t, err)
	check(t, s.Receive(t.Context(), letter("late@example.com", answers("one@example.com"))))
	if s.conversationOf(t, "late@example.com") == id {
		t.Error("the mail vanished into a deleted conversation")
	}
}

func TestAMailWithoutASenderIsStored(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com", func(in *conversation.Incoming) {
		in.FromAddress, in.EnvelopeFrom, in.Problem = "", "", "the header cannot be read"
	})))
	if n := s.house.Number(`SELECT count(*) FROM raw_mails`); n != 1 {
		t.Errorf("%d mails stored", n)
	}
}
