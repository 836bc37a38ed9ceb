package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// exec changes the database behind the store's back.
func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

// lying makes n conversations that were handled, with a due time that passed so
// long ago.
func (s *shop) lying(t *testing.T, n int, ago time.Duration) {
	t.Helper()
	for i := range n {
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("lying-%d-%d@example.com", i, int(ago.Seconds())))))
	}
	s.exec(`UPDATE conversations SET handled_seq = last_seq, next_due = clock_timestamp() - $1::interval WHERE next_due IS NULL`, ago)
	s.exec(`DELETE FROM outbox`)
}

func (s *shop) pass(t *testing.T) conversation.ReconcilePass {
	t.Helper()
	p, err := s.Reconcile(t.Context())
	check(t, err)
	p.At = time.Time{}
	return p
}

func TestWhenAllGoesWellTheReconcilerFindsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.lying(t, 1, 30*time.Second)                                 // overdue, but not for long
	check(t, s.Receive(t.Context(), letter("fresh@example.com"))) // unhandled, but fresh
	s.parcel(t, delivery.KindWebhook, 1)                          // due, but fresh
	if p := s.pass(t); p != (conversation.ReconcilePass{}) {
		t.Errorf("found %+v", p)
	}
}

func TestTheReconcilerRingsForWhatWasLeftLying(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.lying(t, 1, 2*time.Minute)
	// Events whose ring was lost.
	check(t, s.Receive(t.Context(), letter("lost@example.com")))
	s.exec(`DELETE FROM outbox`)
	s.exec(`UPDATE events SET at = at - interval '2 minutes'`)
	want := conversation.ReconcilePass{Overdue: 1, Unhandled: 1, Rung: 2}
	if p := s.pass(t); p != want {
		t.Fatalf("found %+v, want %+v", p, want)
	}
	rings, _, err := s.Claim(t.Context(), 10)
	check(t, err)
	if len(rings) != 2 {
		t.Errorf("%d rings are due at once, want 2", len(rings))
	}
	// While these are not handled it rings for nobody else.
	s.exec(`UPDATE conversations SET next_due = clock_timestamp() - interval '2 minutes'`)
	want = conversation.ReconcilePass{Overdue: 2, Unhandled: 1, Waiting: 2}
	if p := s.pass(t); p != want {
		t.Errorf("the second pass found %+v, want %+v", p, want)
	}
	// What cannot be handled does not hold up the others for ever.
	s.exec(`UPDATE outbox SET reconciled_at = reconciled_at - interval '11 minutes'`)
	want = conversation.ReconcilePass{Overdue: 2, Unhandled: 1, Rung: 2}
	if p := s.pass(t); p != want {
		t.Errorf("the third pass found %+v, want %+v", p, want)
	}
	passes, err := s.ReconcilePasses(t.Context(), 10)
	check(t, err)
	if len(passes) != 3 || passes[0].Rung != 2 || passes[1].Waiting != 2 || passes[0].At.Before(passes[2].At) {
		t.Errorf("passes %+v", passes)
	}
}

func TestOnePassRingsForFiveHundredAtMostTheOldestFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.lying(t, 1, 2*time.Minute)
	// Many rows at once: copies of the one, a second younger each.
	s.exec(`INSERT INTO conversations (id, number, mailbox_id, customer_id, type, status, state, started_by, created_at, updated_at, status_changed_at, next_due)
		SELECT gen_random_uuid(), 100000 + n, mailbox_id, customer_id, type, status, state, started_by, created_at, updated_at, status_changed_at,
			clock_timestamp() - interval '2 hours' + n * interval '1 second'
		FROM conversations, generate_series(1, 699) n`)
	want := conversation.ReconcilePass{Overdue: 700, Rung: 500}
	if p := s.pass(t); p != want {
		t.Fatalf("found %+v, want %+v", p, want)
	}
	if younger := s.number(`SELECT count(*) FROM conversations c JOIN outbox o ON o.id = c.id
		WHERE c.next_due > (SELECT min(next_due) FROM conversations WHERE id NOT IN (SELECT id FROM outbox))`); younger != 0 {
		t.Errorf("%d were rung for before older ones", younger)
	}
}

func TestTheReconcilerLooksAfterDeliveries(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	waiting := s.parcel(t, delivery.KindWebhook, 1)
	old := func() { s.exec(`UPDATE deliveries SET next_at = clock_timestamp() - interval '2 minutes'`) }
	old()
	s.exec(`DELETE FROM outbox`)
	// One that is held, and one that waits for it.
	s.exec(`UPDATE deliveries SET held_until = clock_timestamp() + interval '1 minute' WHERE id = $1`, waiting)
	s.parcel(t, delivery.KindWebhook, 2)
	old()
	s.exec(`DELETE FROM outbox`)
	if p := s.pass(t); p != (conversation.ReconcilePass{}) {
		t.Errorf("found %+v while one is held", p)
	}
	s.exec(`UPDATE deliveries SET held_until = NULL`)
	if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 2, Rung: 1}); p != want {
		t.Errorf("found %+v, want %+v: one ring for the conversation", p, want)
	}
	// What has a Temporal workflow of its own is rung for itself.
	s.exec(`DELETE FROM outbox`)
	s.exec(`UPDATE deliveries SET state = 'handed_over'`)
	if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 2, Rung: 2}); p != want {
		t.Errorf("found %+v, want %+v", p, want)
	}
	if n := s.number(`SELECT count(*) FROM outbox WHERE delivery_id IS NOT NULL`); n != 2 {
		t.Errorf("%d deliveries are rung for, want 2", n)
	}
}
