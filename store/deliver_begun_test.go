package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store"
)

// begin writes a delivery of the conversation whose first attempt begins with it.
func (s *shop) begin(t *testing.T, kind delivery.Kind, hold time.Duration) delivery.ID {
	t.Helper()
	id := delivery.ID(store.NewID())
	check(t, s.WithConversation(t.Context(), s.firstConversation(t), func(ctx context.Context, c *store.Conversation) error {
		d := delivery.Delivery{
			ID: id, ConversationID: c.Row().ID, MailboxID: c.Row().MailboxID, Seq: 1, Kind: kind, State: delivery.StateWaiting,
			NextAt: c.Now(), CreatedAt: c.Now(), Attempts: 1, FirstAt: c.Now(), HeldUntil: c.Now().Add(hold),
		}
		if kind == delivery.KindWebhook {
			d.Webhook = &delivery.Webhook{URL: "https://example.com/hook", Body: []byte(`{}`)}
		} else {
			d.Mail = &delivery.Mail{To: []string{"ann@example.com"}, Subject: "Re: Hello", Text: "Hi"}
		}
		return c.Save(ctx, runs.Step{Conversation: c.Row()}, []delivery.Delivery{d})
	}))
	return id
}

func (s *shop) firstConversation(t *testing.T) (id conversation.ID) {
	t.Helper()
	check(t, s.house.Pool.QueryRow(t.Context(), `SELECT id FROM conversations ORDER BY id LIMIT 1`).Scan(&id))
	return id
}

func TestADeliveryThatBeganWithItsTransactionIsHeldAndReadAsIfTaken(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	sender := "bounces@smarticks.test"
	_, err := s.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{AutomaticSender: &sender})
	check(t, err)
	hook, mail, lapsed, ended := s.begin(t, delivery.KindWebhook, time.Minute), s.begin(t, delivery.KindReply, time.Minute),
		s.begin(t, delivery.KindWebhook, 0), s.begin(t, delivery.KindWebhook, time.Minute)
	waiting := s.parcel(t, delivery.KindWebhook, 1)
	check(t, s.Finish(t.Context(), delivery.Ended{ID: ended, Attempt: 1, Result: delivery.Result{State: delivery.AttemptSent},
		State: delivery.StateSent}))

	list, err := s.Begun(t.Context(), []delivery.ID{hook, mail, lapsed, ended, waiting})
	check(t, err)
	got := map[delivery.ID]delivery.Taken{}
	for _, taken := range list {
		got[taken.Delivery.ID] = taken
	}
	if len(got) != 2 || !got[hook].OK || got[hook].Delivery.Attempts != 1 || got[hook].Delivery.Webhook.Secret == "" ||
		got[mail].Delivery.Mail.Text != "Hi" ||
		got[mail].Delivery.Mail.AutomaticSender != sender {
		t.Fatalf("begun: %+v", got)
	}
	if s.take(t, hook, time.Minute).OK || s.take(t, mail, time.Minute).OK {
		t.Error("what is under way was taken by somebody else")
	}
	if states := s.states(t, hook); len(states) != 1 || states[0] != "started" {
		t.Errorf("attempts %v", states)
	}
	// Whoever it was begun for is gone: it is taken when the hold has run out.
	if again := s.take(t, lapsed, time.Minute); !again.OK || again.Delivery.Attempts != 2 {
		t.Errorf("a lapsed one: %+v", again)
	}
}

func TestSeveralAttemptsEndInOneStatementEachOnItsOwn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	sent, deferred, failed, lost := s.begin(t, delivery.KindReply, time.Minute), s.begin(t, delivery.KindWebhook, time.Minute),
		s.begin(t, delivery.KindWebhook, time.Minute), s.begin(t, delivery.KindWebhook, 0)
	s.take(t, lost, time.Minute) // somebody else has it now
	end := []delivery.Ended{
		{ID: sent, Attempt: 1, Result: delivery.Result{State: delivery.AttemptSent, Code: 250, RelayID: "0102018c-from-the-relay"},
			State: delivery.StateSent},
		{ID: deferred, Attempt: 1, Result: delivery.Result{State: delivery.AttemptDeferred, Code: 503, Reason: "503"},
			State: delivery.StateWaiting, Pause: time.Hour},
		{ID: failed, Attempt: 1, Result: delivery.Result{State: delivery.AttemptFailed, Code: 410}, State: delivery.StateFailed},
		{ID: lost, Attempt: 1, Result: delivery.Result{State: delivery.AttemptSent, Code: 200}, State: delivery.StateSent},
	}
	for range 2 { // a second time changes nothing
		check(t, s.Finish(t.Context(), end...))
		for id, want := range map[delivery.ID]string{
			sent:     `state = 'sent' AND relay_id LIKE '0102%' AND finished_at IS NOT NULL AND held_until IS NULL`,
			deferred: `state = 'waiting' AND reason = '503' AND next_at > clock_timestamp() + interval '59 minutes' AND held_until IS NULL`,
			failed:   `state = 'failed' AND finished_at IS NOT NULL AND held_until IS NULL`,
			lost:     `state = 'waiting' AND held_until IS NOT NULL AND attempts = 2`,
		} {
			if s.house.Number(`SELECT count(*) FROM deliveries WHERE id = $1 AND `+want, id) != 1 {
				t.Errorf("it is not %s", want)
			}
		}
		if n := s.house.Number(`SELECT count(*) FROM attempts WHERE ended_at IS NULL`); n != 1 {
			t.Errorf("%d attempts are under way, want the one that somebody else makes", n)
		}
	}
}
