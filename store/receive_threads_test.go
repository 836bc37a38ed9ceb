package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
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
	check(t, s.pool.QueryRow(t.Context(), `SELECT conversation_id FROM messages WHERE message_id_header = $1 ORDER BY created_at LIMIT 1`, header).Scan(&id))
	return id
}

func TestAMailJoinsTheConversationThatItAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	first := s.conversationOf(t, "one@example.com")

	// A mail that we sent: its Message-ID begins with the delivery's id.
	ours := store.NewID()
	_, err = s.pool.Exec(t.Context(), `INSERT INTO deliveries (id, conversation_id, mailbox_id, kind, state, next_at, payload, created_at)
		SELECT $1, id, mailbox_id, 'email', 'sent', now(), '{}', now() FROM conversations WHERE id = $2`, ours, first)
	check(t, err)

	for _, c := range []struct {
		name, id string
		change   []func(*conversation.Incoming)
		joins    bool
	}{
		{"by In-Reply-To", "a@example.com", []func(*conversation.Incoming){answers("one@example.com")}, true},
		{"by References", "b@example.com", []func(*conversation.Incoming){func(in *conversation.Incoming) { in.References = []string{"gone@x", "one@example.com"} }}, true},
		{"by our own Message-ID", "c@example.com", []func(*conversation.Incoming){answers(ours + "@smarticks.test")}, true},
		{"by the id of an answer", "d@example.com", []func(*conversation.Incoming){answers("a@example.com")}, true},
		{"not by an unknown id", "e@example.com", []func(*conversation.Incoming){answers("unknown@example.com")}, false},
		{"not by something that looks like a token", "f@example.com", []func(*conversation.Incoming){answers("00000000-0000-7000-8000-000000000000@smarticks.test")}, false},
		{"not in another mailbox", "g@example.com", []func(*conversation.Incoming){answers("one@example.com"), to("billing@smarticks.test")}, false},
		{"not by our id in another mailbox", "h@example.com", []func(*conversation.Incoming){answers(ours + "@smarticks.test"), to("billing@smarticks.test")}, false},
	} {
		check(t, s.Receive(t.Context(), letter(c.id, c.change...)))
		if got := s.conversationOf(t, c.id); (got == first) != c.joins {
			t.Errorf("%s: joined %v, want %v", c.name, got == first, c.joins)
		}
	}
	if gaps := s.number(`SELECT count(*) FROM conversations c WHERE last_seq <> (SELECT count(*) FROM events e WHERE e.conversation_id = c.id)`); gaps != 0 {
		t.Errorf("%d conversations have gaps in their events", gaps)
	}
}

func TestASendersRetryIsCollapsedAndAnotherMailWithTheSameIDIsNot(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := s.Receive(t.Context(), letter("one@example.com")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	check(t, s.Receive(t.Context(), letter("one@example.com", func(in *conversation.Incoming) { in.Raw = []byte("other words") })))
	if n := s.number(`SELECT count(*) FROM messages`); n != 2 {
		t.Errorf("%d messages, want 2: the retried one once, and the other", n)
	}
}

func TestAMailToTwoMailboxesIsInBothOrNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test", TimeZone: "UTC"})
	check(t, err)
	both := letter("one@example.com", to("support@smarticks.test", "BILLING@smarticks.test", "stranger@elsewhere.test"))
	check(t, s.Receive(t.Context(), both))
	check(t, s.Receive(t.Context(), both))
	if n := s.number(`SELECT count(DISTINCT mailbox_id) FROM conversations`); n != 2 || s.number(`SELECT count(*) FROM messages`) != 2 {
		t.Errorf("%d mailboxes have it", n)
	}
	err = s.Receive(t.Context(), letter("two@example.com", to("stranger@elsewhere.test")))
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("a mail to nobody of ours: %v", err)
	}
}

func TestACustomersMessageReopensAndADeletedConversationStaysDeleted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.conversationOf(t, "one@example.com")
	for i, status := range []string{"closed", "pending", "spam"} {
		_, err := s.pool.Exec(t.Context(), `UPDATE conversations SET status = $2 WHERE id = $1`, id, status)
		check(t, err)
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("again%d@example.com", i), answers("one@example.com"))))
		var now string
		check(t, s.pool.QueryRow(t.Context(), `SELECT status FROM conversations WHERE id = $1`, id).Scan(&now))
		if want := map[string]string{"closed": "active", "pending": "active", "spam": "spam"}[status]; now != want {
			t.Errorf("%s became %s, want %s", status, now, want)
		}
	}
	if n := s.number(`SELECT count(*) FROM events WHERE kind = 'status_changed' AND origin > 0`); n != 2 {
		t.Errorf("%d reopenings are events that the message caused, want 2", n)
	}
	_, err := s.pool.Exec(t.Context(), `UPDATE conversations SET state = 'deleted' WHERE id = $1`, id)
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
	if n := s.number(`SELECT count(*) FROM raw_mails`); n != 1 {
		t.Errorf("%d mails stored", n)
	}
}
