package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// children remembers which child workflows were started.
func (s *stage) children() *[]string {
	var ids []string
	s.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		ids = append(ids, info.WorkflowExecution.ID)
	})
	return &ids
}

func TestADeliveryIsBegunOnceWhileItIsInFlight(t *testing.T) {
	t.Parallel()
	// Each answer names the delivery: between two attempts nobody holds it.
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			if n <= 3 {
				return with(open(n), reply("d1")), nil
			}
			return closed(n), nil
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if n == 1 {
				return activities.Delivered{}, tryAgain(time.Hour)
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	s.wakeAfter(10 * time.Minute)
	s.wakeAfter(20 * time.Minute)
	s.wakeAfter(2 * time.Hour)
	s.mustComplete()
	if fake.attempts("d1") != 2 {
		t.Errorf("%d attempts, want 2", fake.attempts("d1"))
	}
}

func TestADeliveryHoldsNothingUp(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			if n == 1 {
				return with(open(n), webhook("slow")), nil
			}
			return closed(n), nil
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if n == 1 {
				return activities.Delivered{}, tryAgain(9 * time.Minute)
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	var handled int64
	s.wakeAfter(time.Second)
	s.RegisterDelayedCallback(func() { handled = s.state().HandledSeq }, 2*time.Second)
	start := s.Now()
	s.mustComplete()
	if handled != 2 {
		t.Errorf("handled up to %d while the delivery waited, want 2", handled)
	}
	if took := s.Now().Sub(start).Round(time.Minute); took != 9*time.Minute {
		t.Errorf("completed after %v: must wait for the delivery, 9m", took)
	}
}

func TestKindsHaveTheirOwnQueues(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		return with(closed(n), reply("m"), webhook("w")), nil
	}}
	s := newStage(t, fake)
	queues := map[string]bool{}
	s.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		queues[info.TaskQueue] = true
	})
	s.mustComplete()
	if !queues["mail"] || !queues["webhooks"] || len(queues) != 2 {
		t.Errorf("queues %v", queues)
	}
}

func TestADeliveryThatTakesLongGetsATemporalWorkflowOfItsOwn(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) { return with(closed(n), webhook("d1")), nil },
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			if !in.HandedOver {
				return delivered(in, "handed_over"), nil
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	ids := s.children()
	s.mustComplete()
	if !slices.Equal(*ids, []string{"delivery/d1"}) {
		t.Errorf("children %v", *ids)
	}
	if got := fake.handedOver(); len(got) != 0 {
		t.Errorf("HandOver was called for %v, though Deliver had done it", got)
	}
}

func TestADeliveryThatGaveUpIsShownAndTriedAtTheNextRing(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			if n <= 2 {
				return with(open(n), webhook("d1")), nil
			}
			return closed(n), nil
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if n == 1 {
				return activities.Delivered{}, never()
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	var before, after workflows.State
	s.RegisterDelayedCallback(func() { before = s.state() }, time.Second)
	s.wakeAfter(time.Minute)
	s.RegisterDelayedCallback(func() { after = s.state() }, 2*time.Minute)
	s.wakeAfter(3 * time.Minute)
	s.mustComplete()
	if before.Attention != "delivery_failed" || after.Attention != "" {
		t.Errorf("attention %q, then %q", before.Attention, after.Attention)
	}
}

func TestManyDeliveriesGoAFewAtATime(t *testing.T) {
	t.Parallel()
	const many = 300
	sent := make(chan string, many)
	done := map[string]bool{}
	fake := &fakeActivities{deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
		sent <- in.DeliveryID
		return delivered(in, "sent"), nil
	}}
	most := 0
	fake.advance = func(n int) (activities.Advanced, error) {
		for len(sent) > 0 {
			done[<-sent] = true
		}
		a := closed(n)
		for i := range many {
			if id := fmt.Sprintf("d%03d", i); !done[id] {
				a.Deliveries = append(a.Deliveries, webhook(id))
			}
		}
		return a, nil
	}
	s := newStage(t, fake)
	inFlight := 0
	s.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) {
		inFlight++
		most = max(most, inFlight)
	})
	s.SetOnActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) { inFlight-- })
	s.mustComplete()
	for len(sent) > 0 {
		done[<-sent] = true
	}
	if len(done) != many {
		t.Errorf("%d were sent, want %d", len(done), many)
	}
	if most > 64 {
		t.Errorf("%d were in flight at once", most)
	}
}

func TestADeliveryWorkflowGoesOnUntilTheEnd(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
		switch {
		case !in.HandedOver:
			return activities.Delivered{}, errors.New("must say that it was handed over")
		case n < 9:
			return activities.Delivered{}, tryAgain(10 * time.Hour)
		default:
			return delivered(in, "failed"), nil
		}
	}}
	s := newStage(t, fake)
	s.ExecuteWorkflow(workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: "d1", Kind: "email"})
	if err := s.GetWorkflowError(); err != nil || fake.attempts("d1") != 9 {
		t.Errorf("%v after %d attempts, want 9", err, fake.attempts("d1"))
	}
}
