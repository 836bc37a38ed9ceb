package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

func TestWorkComesBeforeWaiting(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{}
	s := newStage(t, fake)
	s.mustComplete() // closed from the start, and no signal
	if fake.advanced() != 1 {
		t.Errorf("Advance was called %d times, want 1", fake.advanced())
	}
}

func TestOneCallAnswersAllRings(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n == 1 {
			for range 20 {
				s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{Seq: 2})
				s.SignalWorkflow(workflows.SignalManualRun, workflows.Wake{Seq: 2})
			}
			return open(n), nil
		}
		return closed(n), nil
	}}
	s = newStage(t, fake)
	s.mustComplete()
	if fake.advanced() != 2 {
		t.Errorf("Advance was called %d times, want 2", fake.advanced())
	}
}

func TestARingDuringTheLastCallIsNotLost(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n < 3 {
			s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{Seq: int64(n)})
		}
		return closed(n), nil
	}}
	s = newStage(t, fake)
	s.mustComplete()
	if fake.advanced() != 3 {
		t.Errorf("Advance was called %d times, want 3", fake.advanced())
	}
}

func TestMoreIsAskedForAtOnce(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		a := closed(n)
		a.More = n < 5
		return a, nil
	}}
	s := newStage(t, fake)
	s.mustComplete()
	if fake.advanced() != 5 || len(s.timers) != 0 {
		t.Errorf("Advance was called %d times, timers %v; want 5, none", fake.advanced(), s.timers)
	}
}

func TestAGoneConversationCompletes(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(int) (activities.Advanced, error) {
		return activities.Advanced{Gone: true}, nil
	}}
	newStage(t, fake).mustComplete()
}

func TestAnOpenConversationStays(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n == 1 {
			return open(n), nil
		}
		return closed(n), nil
	}}
	s := newStage(t, fake)
	var seen workflows.State
	s.RegisterDelayedCallback(func() { seen = s.state() }, 300*24*time.Hour)
	s.wakeAfter(365 * 24 * time.Hour)
	s.mustComplete()
	if !seen.Open || seen.HandledSeq != 1 || seen.Number != 7 || len(seen.Recent) != 1 {
		t.Errorf("state = %+v", seen)
	}
}

func TestWhatALocalActivityCannotDoARegularOneDoes(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n < 10 {
			return activities.Advanced{}, errors.New("the database is away")
		}
		return closed(n), nil
	}}
	s := newStage(t, fake)
	s.mustComplete()
	if fake.advanced() != 10 || fake.ranRegularly() != 8 {
		t.Errorf("Advance was called %d times, %d of them regularly; want 10, 8", fake.advanced(), fake.ranRegularly())
	}
}

func TestAConversationWhoseAdvanceGaveUpWaitsForTheNextRing(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n == 1 {
			return activities.Advanced{}, never()
		}
		return closed(n), nil
	}}
	s := newStage(t, fake)
	var seen workflows.State
	s.RegisterDelayedCallback(func() { seen = s.state() }, time.Second)
	s.wakeAfter(10 * time.Second)
	s.mustComplete()
	if seen.Attention != "advance_failed" {
		t.Errorf("attention = %q", seen.Attention)
	}
	if fake.advanced() != 2 || fake.ranRegularly() != 0 {
		t.Errorf("Advance was called %d times, %d of them regularly; want 2, 0", fake.advanced(), fake.ranRegularly())
	}
}

func TestAConversationWhoseAdvanceGaveUpIsLookedAtWithoutARing(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		if n == 1 {
			return activities.Advanced{}, never()
		}
		return closed(n), nil
	}}
	newStage(t, fake).mustComplete()
}

func TestAConversationWhoseAdvanceGaveUpDoesNotComplete(t *testing.T) {
	t.Parallel()
	// Closed already, but for a delivery; then Advance gives up.
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			switch n {
			case 1:
				return with(closed(n), webhook("d1")), nil
			case 2:
				return activities.Advanced{}, never()
			default:
				return closed(n), nil
			}
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if n == 1 {
				return activities.Delivered{}, tryAgain(time.Minute)
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	s.wakeAfter(30 * time.Second)
	s.mustComplete()
	if fake.advanced() != 3 {
		t.Errorf("Advance was called %d times, want 3", fake.advanced())
	}
}

func TestCancellingHandsOverWhatIsInFlight(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) { return with(open(n), reply("d1")), nil },
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			if in.HandedOver {
				return delivered(in, "sent"), nil
			}
			return activities.Delivered{}, tryAgain(time.Hour)
		},
	}
	s := newStage(t, fake)
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Minute)
	var cancelled *temporal.CanceledError
	if err := s.run(); !errors.As(err, &cancelled) {
		t.Fatalf("ended with %v, want cancelled", err)
	}
	if got := fake.handedOver(); len(got) != 1 || got[0] != "d1" {
		t.Errorf("handed over %v, want d1", got)
	}
}
