package workflows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// begun is a delivery whose first attempt Advance has begun.
func begun(d activities.DeliveryWaiting) activities.DeliveryWaiting {
	d.Begun = true
	return d
}

// becomes answers Attempt with states by delivery; sent where none is given.
func becomes(states map[string]string) func(activities.AttemptInput) (activities.Attempted, error) {
	return func(in activities.AttemptInput) (activities.Attempted, error) {
		var out activities.Attempted
		for _, d := range in.Deliveries {
			state := states[d.ID]
			if state == "" {
				state = "sent"
			}
			out.Deliveries = append(out.Deliveries, activities.Delivered{DeliveryID: d.ID, Kind: d.Kind, State: state, Attempts: 1})
		}
		return out, nil
	}
}

func TestWhatWasBegunIsAttemptedBesideTheWorkflowTask(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			return with(closed(n), begun(reply("sent")), webhook("regular"), begun(webhook("waiting")), begun(webhook("handed over"))), nil
		},
		attempt: becomes(map[string]string{"waiting": "waiting", "handed over": "handed_over"}),
	}
	s := newStage(t, fake)
	ids := s.children()
	s.mustComplete()
	if !slices.Equal(fake.firsts, []string{"sent", "waiting", "handed over"}) {
		t.Errorf("first attempts of %v", fake.firsts)
	}
	for id, want := range map[string]int{"sent": 0, "regular": 1, "waiting": 1, "handed over": 1} {
		if got := fake.attempts(id); got != want {
			t.Errorf("%q went %d times the regular way, want %d", id, got, want)
		}
	}
	if !slices.Equal(*ids, []string{"delivery/handed over"}) || len(fake.handedOver()) != 0 {
		t.Errorf("children %v, handed over %v", *ids, fake.handedOver())
	}
}

// Nobody knows what came of the attempts: the regular way finds out.
func TestFirstAttemptsThatNobodyAnswersForGoTheRegularWay(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			return with(closed(n), begun(reply("d1")), webhook("d2")), nil
		},
		attempt: func(activities.AttemptInput) (activities.Attempted, error) {
			return activities.Attempted{}, errors.New("the worker was killed")
		},
	}
	newStage(t, fake).mustComplete()
	if len(fake.firsts) != 1 || fake.attempts("d1") != 1 || fake.attempts("d2") != 1 {
		t.Errorf("first attempts of %v, then %d and %d", fake.firsts, fake.attempts("d1"), fake.attempts("d2"))
	}
}

// The timer does not wait for the attempts.
func TestTheTimerIsArmedBeforeTheFirstAttempts(t *testing.T) {
	t.Parallel()
	var s *stage
	var during workflows.State
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			if n == 1 {
				return with(due(open(n), time.Hour), begun(reply("d1"))), nil
			}
			return closed(n), nil
		},
		attempt: func(in activities.AttemptInput) (activities.Attempted, error) {
			during = s.state()
			return becomes(nil)(in)
		},
	}
	s = newStage(t, fake)
	s.mustComplete()
	if during.TimerAt == nil {
		t.Error("no timer while the attempt was made")
	}
}

// While draining too, what was begun is attempted: it is held by this worker.
func TestWhatWasBegunWhileDrainingIsAttempted(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
		return activities.Delivered{}, tryAgain(time.Hour)
	}}
	fake.advance = lengthensAt(&s, 1, func(n int) activities.Advanced {
		if n == 1 {
			return with(open(n), reply("slow"))
		}
		return with(open(n), begun(webhook("quick")))
	})
	fake.handOver = func(_ int, in activities.DeliverInput) (activities.Delivered, error) {
		return delivered(in, "cancelled"), nil
	}
	s = newStage(t, fake)
	s.wakeAfter(500 * time.Millisecond) // drained, not yet a second old
	s.mustRenew()
	if !slices.Equal(fake.firsts, []string{"quick"}) || fake.attempts("quick") != 0 {
		t.Errorf("first attempts of %v, %d regular ones", fake.firsts, fake.attempts("quick"))
	}
}
