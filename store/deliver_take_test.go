package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store"
)

// parcel writes a waiting delivery of the first conversation.
func (s *shop) parcel(t *testing.T, kind delivery.Kind, seq int) delivery.ID {
	t.Helper()
	id := delivery.ID(store.NewID())
	_, err := s.house.Pool.Exec(t.Context(), `INSERT INTO deliveries (id, conversation_id, mailbox_id, seq, kind, state, next_at, payload,
		created_at)
		SELECT $1, id, mailbox_id, $2, $3, 'waiting', clock_timestamp(), '{}', clock_timestamp() FROM conversations LIMIT 1`, id, seq, kind)
	check(t, err)
	return id
}

func (s *shop) take(t *testing.T, id delivery.ID, hold time.Duration) delivery.Taken {
	t.Helper()
	taken, err := s.Take(t.Context(), id, hold)
	check(t, err)
	return taken
}

func (s *shop) states(t *testing.T, id delivery.ID) (states []string) {
	t.Helper()
	rows, err := s.house.Pool.Query(t.Context(), `SELECT state FROM attempts WHERE delivery_id = $1 ORDER BY n`, id)
	check(t, err)
	for rows.Next() {
		var state string
		check(t, rows.Scan(&state))
		states = append(states, state)
	}
	return states
}

func TestADeliveryIsTakenByOne(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.parcel(t, delivery.KindReply, 1)
	var mu sync.Mutex
	won := 0
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			taken, err := s.Take(t.Context(), id, time.Minute)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if taken.OK {
				won++
			} else if taken.Wait <= 0 {
				t.Error("who loses is not told when to ask again")
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d took it", won)
	}
}

func TestMailsOfAConversationGoOneAtATimeInOrderAndADeferredOneHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	first, second, hook := s.parcel(t, delivery.KindReply, 1), s.parcel(t, delivery.KindEmail, 2), s.parcel(t, delivery.KindWebhook, 2)
	if s.take(t, second, time.Minute).OK {
		t.Error("the second mail was taken before the first was tried")
	}
	if !s.take(t, hook, time.Minute).OK {
		t.Error("a webhook waits for a mail")
	}
	taken := s.take(t, first, time.Minute)
	if !taken.OK || taken.Delivery.Attempts != 1 {
		t.Fatalf("taken %+v", taken)
	}
	if s.take(t, second, time.Minute).OK {
		t.Error("two mails are under way at once")
	}
	check(t, s.Finish(t.Context(), delivery.Ended{ID: first, Attempt: 1,
		Result: delivery.Result{State: delivery.AttemptDeferred, Code: 451}, State: delivery.StateWaiting, Pause: time.Hour}))
	if !s.take(t, second, time.Minute).OK {
		t.Error("a deferred mail holds back the next")
	}
	if again := s.take(t, first, time.Minute); again.OK || again.Wait < 50*time.Minute {
		t.Errorf("the deferred mail is taken, or asked for in %v", again.Wait)
	}
}

func TestAHoldThatRanOutIsTakenOverAndItsOutcomeIsUnknownOnceTheDataWasOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.parcel(t, delivery.KindReply, 1)
	s.take(t, id, 0) // this hold has run out already
	check(t, s.DataSent(t.Context(), id, 1))
	second := s.take(t, id, time.Minute)
	if !second.OK || second.Delivery.Attempts != 2 {
		t.Fatalf("taken %+v", second)
	}
	if got := s.states(t, id); len(got) != 2 || got[0] != "unknown" || got[1] != "started" {
		t.Errorf("attempts %v", got)
	}
	// The first comes back to life: it may neither send nor tell.
	if err := s.DataSent(t.Context(), id, 1); !errs.Is(err, errs.Conflict) {
		t.Errorf("the attempt that lost its hold may send: %v", err)
	}
	check(t, s.Finish(t.Context(), delivery.Ended{ID: id, Attempt: 1, Result: delivery.Result{State: delivery.AttemptSent},
		State: delivery.StateSent}))
	if n := s.house.Number(`SELECT count(*) FROM deliveries WHERE state = 'waiting' AND attempts = 2`); n != 1 {
		t.Error("the attempt that lost its hold told the outcome")
	}
	check(t, s.Finish(t.Context(), delivery.Ended{ID: id, Attempt: 2, Result: delivery.Result{State: delivery.AttemptSent, Code: 250},
		State: delivery.StateSent}))
	check(t, s.Finish(t.Context(), delivery.Ended{ID: id, Attempt: 2, Result: delivery.Result{State: delivery.AttemptFailed},
		State: delivery.StateFailed}))
	if got := s.take(t, id, time.Minute); got.OK || got.Delivery.State != delivery.StateSent {
		t.Errorf("a sent delivery: %+v", got)
	}
}

func TestHandOverLeavesWhatIsHeldOrDone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	held, waiting := s.parcel(t, delivery.KindWebhook, 1), s.parcel(t, delivery.KindWebhook, 2)
	s.take(t, held, time.Minute)
	for id, want := range map[delivery.ID]delivery.State{held: delivery.StateWaiting, waiting: delivery.StateHandedOver} {
		for range 2 {
			d, err := s.HandOver(t.Context(), id)
			check(t, err)
			if d.State != want {
				t.Errorf("state %s, want %s", d.State, want)
			}
		}
	}
}
