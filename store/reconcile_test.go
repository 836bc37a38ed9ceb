package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// exec changes the database behind the store's back.
// lying makes n conversations that were handled, with a due time that passed so
// long ago.
func (s *shop) lying(t *testing.T, n int, ago time.Duration) {
	t.Helper()
	for i := range n {
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("lying-%d-%d@example.com", i, int(ago.Seconds())))))
	}
	s.house.Exec(`UPDATE conversations SET handled_seq = last_seq, next_due = clock_timestamp() - $1::interval WHERE next_due IS NULL`, ago)
	s.house.Exec(`DELETE FROM outbox`)
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
	// Events whose wake was lost.
	check(t, s.Receive(t.Context(), letter("lost@example.com")))
	s.house.Exec(`DELETE FROM outbox`)
	s.house.Exec(`UPDATE events SET at = at - interval '2 minutes'`)
	want := conversation.ReconcilePass{Overdue: 1, Unhandled: 1, Rung: 2}
	if p := s.pass(t); p != want {
		t.Fatalf("found %+v, want %+v", p, want)
	}
	wakes, _, err := s.Claim(t.Context(), 10)
	check(t, err)
	if len(wakes) != 2 {
		t.Errorf("%d rings are due at once, want 2", len(wakes))
	}
	// It does not wake again for what it woke.
	s.house.Exec(`UPDATE conversations SET next_due = clock_timestamp() - interval '2 minutes'`)
	want = conversation.ReconcilePass{Overdue: 2, Unhandled: 1, Waiting: 2}
	if p := s.pass(t); p != want {
		t.Errorf("the second pass found %+v, want %+v", p, want)
	}
	// What was not handled for long is woken again.
	s.house.Exec(`UPDATE outbox SET reconciled_at = reconciled_at - interval '11 minutes'`)
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
	s.house.Exec(`INSERT INTO conversations (id, number, mailbox_id, customer_id, type, status, state, started_by, created_at, updated_at,
		status_changed_at, next_due)
		SELECT gen_random_uuid(), 100000 + n, mailbox_id, customer_id, type, status, state, started_by, created_at, updated_at, status_changed_at,
			clock_timestamp() - interval '2 hours' + n * interval '1 second'
		FROM conversations, generate_series(1, 699) n`)
	want := conversation.ReconcilePass{Overdue: 700, Rung: 500}
	if p := s.pass(t); p != want {
		t.Fatalf("found %+v, want %+v", p, want)
	}
	if younger := s.house.Number(`SELECT count(*) FROM conversations c JOIN outbox o ON o.id = c.id
		WHERE c.next_due > (SELECT min(next_due) FROM conversations WHERE id NOT IN (SELECT id FROM outbox))`); younger != 0 {
		t.Errorf("%d were rung for before older ones", younger)
	}
}

func TestTheReconcilerLooksAfterDeliveries(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	waiting := s.parcel(t, delivery.KindWebhook, 1)
	old := func() { s.house.Exec(`UPDATE deliveries SET next_at = clock_timestamp() - interval '2 minutes'`) }
	old()
	s.house.Exec(`DELETE FROM outbox`)
	// One that is held, and one that waits for it.
	s.house.Exec(`UPDATE deliveries SET held_until = clock_timestamp() + interval '1 minute' WHERE id = $1`, waiting)
	s.parcel(t, delivery.KindWebhook, 2)
	old()
	s.house.Exec(`DELETE FROM outbox`)
	if p := s.pass(t); p != (conversation.ReconcilePass{}) {
		t.Errorf("found %+v while one is held", p)
	}
	s.house.Exec(`UPDATE deliveries SET held_until = NULL`)
	if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 2, Rung: 1}); p != want {
		t.Errorf("found %+v, want %+v: one ring for the conversation", p, want)
	}
	// What has a Temporal workflow of its own is woken itself.
	s.house.Exec(`DELETE FROM outbox`)
	s.house.Exec(`UPDATE deliveries SET state = 'handed_over'`)
	if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 2, Rung: 2}); p != want {
		t.Errorf("found %+v, want %+v", p, want)
	}
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE delivery_id IS NOT NULL`); n != 2 {
		t.Errorf("%d deliveries are rung for, want 2", n)
	}
}

// heldUp are ways in which something else may be in the way: each leaves wakes open
// that nobody answers.
var heldUp = map[string]func(s *shop, t *testing.T){
	"a conversation that nobody can handle": func(s *shop, t *testing.T) {
		s.lying(t, 1, 3*time.Minute)
	},
	"a thousand deliveries whose rings are open": func(s *shop, t *testing.T) {
		s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
		s.crowd(t, 1000, `'handed_over'`, `clock_timestamp() - interval '1 hour'`)
	},
	"a thousand deliveries in back-off": func(s *shop, t *testing.T) {
		s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
		s.crowd(t, 1000, `'handed_over'`, `clock_timestamp() - interval '1 hour'`)
		s.pass(t)
		s.house.Exec(`UPDATE deliveries SET next_at = clock_timestamp() + interval '1 hour'`)
	},
	"a delivery in back-off that was rung for": func(s *shop, t *testing.T) {
		s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
		s.crowd(t, 1, `'handed_over'`, `clock_timestamp() - interval '1 hour'`)
		s.pass(t)
		s.house.Exec(`UPDATE deliveries SET next_at = clock_timestamp() + interval '1 hour'`)
	},
	"events that cannot be handled": func(s *shop, t *testing.T) {
		for n := range 3 {
			check(t, s.Receive(t.Context(), letter(fmt.Sprintf("stuck-%d@example.com", n))))
		}
		s.house.Exec(`DELETE FROM outbox`)
		s.house.Exec(`UPDATE events SET at = at - interval '1 hour'`)
	},
	"rings of the outbox that are put off": func(s *shop, t *testing.T) {
		check(t, s.Receive(t.Context(), letter("put-off@example.com")))
		s.house.Exec(`UPDATE outbox SET rings = 6, rung_at = clock_timestamp(), ring_at = clock_timestamp() + interval '10 minutes'`)
	},
}

// crowd makes so many webhooks of the one conversation.
func (s *shop) crowd(t *testing.T, n int, state, nextAt string) {
	t.Helper()
	first := s.parcel(t, delivery.KindWebhook, 1)
	s.house.Exec(`INSERT INTO deliveries SELECT (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'seq', 1 + i))).*
		FROM deliveries d, generate_series(1, $2::int - 1) i WHERE d.id = $1`, first, n)
	s.house.Exec(`UPDATE deliveries SET state = ` + state + `, next_at = ` + nextAt)
	s.house.Exec(`DELETE FROM outbox`)
}

func TestALostTimerIsRungForByTheNextPassWhateverElseIsHeldUp(t *testing.T) {
	t.Parallel()
	for name, hold := range heldUp {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			hold(s, t)
			s.pass(t)
			before := s.house.Number(`SELECT count(*) FROM outbox WHERE reconciled_at IS NOT NULL`)
			// Another conversation loses its timer.
			check(t, s.Receive(t.Context(), letter("timer@example.com")))
			lost := s.house.Text(`SELECT conversation_id::text FROM messages WHERE message_id_header = 'timer@example.com'`)
			s.house.Exec(`UPDATE conversations SET handled_seq = last_seq, next_due = clock_timestamp() - interval '61 seconds' WHERE id = $1`, lost)
			s.house.Exec(`DELETE FROM outbox WHERE id = $1`, lost)
			s.pass(t)
			if n := s.house.Number(`SELECT count(*) FROM outbox WHERE id = $1 AND ring_at <= clock_timestamp() AND reconciled_at IS NOT NULL`,
				lost); n != 1 {
				t.Errorf("the lost timer is not rung for; %d rings were open before", before)
			}
		})
	}
}

func TestADeliveryInBackOffIsNotRungFor(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]delivery.State{"waiting": delivery.StateWaiting, "handed over": delivery.StateHandedOver} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
			s.crowd(t, 1, `'handed_over'`, `clock_timestamp() - interval '1 hour'`)
			if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 1, Rung: 1}); p != want {
				t.Fatalf("found %+v, want %+v", p, want)
			}
			id := delivery.ID(s.house.Text(`SELECT id::text FROM deliveries`))
			taken, err := s.Take(t.Context(), id, time.Minute)
			check(t, err)
			check(t, s.Finish(t.Context(), delivery.Ended{ID: id, Attempt: taken.Delivery.Attempts,
				Result: delivery.Result{State: delivery.AttemptDeferred}, State: outcome, Pause: time.Hour}))
			if p := s.pass(t); p != (conversation.ReconcilePass{}) {
				t.Errorf("found %+v", p)
			}
			if wakes, _, err := s.Claim(t.Context(), 10); err != nil || len(wakes) != 0 {
				t.Errorf("rung for %+v, %v", wakes, err)
			}
			// Should its next try not come, it is found again.
			s.house.Exec(`UPDATE deliveries SET next_at = clock_timestamp() - interval '2 minutes'`)
			if p, want := s.pass(t), (conversation.ReconcilePass{Undelivered: 1, Rung: 1}); p != want {
				t.Errorf("then found %+v, want %+v", p, want)
			}
		})
	}
}
