package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/store"
)

func TestEachRowIsClaimedByOneStarterAndRungAgainLater(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for range 40 {
		check(t, s.Receive(t.Context(), letter(store.NewID())))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				wakes, _, err := s.Claim(t.Context(), 5)
				if err != nil {
					t.Error(err)
					return
				}
				if len(wakes) == 0 {
					return
				}
				mu.Lock()
				for _, r := range wakes {
					seen[string(r.ConversationID)]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(seen) != 40 {
		t.Errorf("%d of 40 conversations were claimed", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	_, next, err := s.Claim(t.Context(), 5)
	check(t, err)
	if next < 5*time.Second || next > 10*time.Second {
		t.Errorf("the next ring is in %v, want 10 s after the first", next)
	}
}

func TestRingsOfOneConversationKeepTheirDistance(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	wakes, _, err := s.Claim(t.Context(), 5)
	check(t, err)
	if len(wakes) != 1 || wakes[0].Number == 0 || wakes[0].Seq != 1 || wakes[0].Status != "active" {
		t.Fatalf("rings %+v: the first message rings at once", wakes)
	}
	check(t, s.Receive(t.Context(), letter("two@example.com", answers("one@example.com"))))
	if early := s.house.Number(`SELECT count(*) FROM outbox WHERE ring_at < rung_at + interval '200 milliseconds'`); early != 0 {
		t.Error("the second ring is less than 200 ms after the first")
	}
	if late := s.house.Number(`SELECT count(*) FROM outbox WHERE ring_at > rung_at + interval '1 second'`); late != 0 {
		t.Error("the second message waits for the ring that repeats the first")
	}
}

func TestWhatWasRungForDuringAnOutageIsDueAgainAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for n := range 4 {
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("outage-%d@example.com", n))))
	}
	wakes, _, err := s.Claim(t.Context(), 3) // the fourth was not woken
	check(t, err)
	if len(wakes) != 3 {
		t.Fatalf("%d rings", len(wakes))
	}
	long := wakes[0].ConversationID
	s.house.Exec(`UPDATE outbox SET rings = 6, rung_at = clock_timestamp() - interval '5 minutes' WHERE conversation_id = $1`, long)
	s.house.Exec(`UPDATE outbox SET rings = 3, rung_at = clock_timestamp() - interval '20 seconds' WHERE conversation_id <> $1 AND rung_at
		IS NOT NULL`, long)
	check(t, s.WakeAgain(t.Context(), time.Minute))
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE ring_at <= clock_timestamp() AND rings = 0`); n != 3 {
		t.Errorf("%d are due, want the two of the outage and the one that was due before", n)
	}
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE conversation_id = $1 AND rings = 6 AND ring_at > clock_timestamp()`,
		long); n != 1 {
		t.Error("one that was rung for before the outage lost its place")
	}
	// Two wakes of one conversation keep their distance.
	if _, _, err := s.Claim(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	check(t, s.WakeAgain(t.Context(), time.Minute))
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE ring_at < rung_at + interval '200 milliseconds'`); n != 0 {
		t.Errorf("%d are due too soon after their last ring", n)
	}
}
