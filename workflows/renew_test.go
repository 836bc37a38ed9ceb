package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// lengthensAt makes the history long in the n-th call of Advance.
func lengthensAt(s **stage, at int, answer func(n int) activities.Advanced) func(int) (activities.Advanced, error) {
	return func(n int) (activities.Advanced, error) {
		if n == at {
			(*s).SetCurrentHistoryLength(435)
		}
		return answer(n), nil
	}
}

func TestALongHistoryContinuesAsNewWithItsState(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: lengthensAt(&s, 2, open)}
	s = newStage(t, fake)
	s.wakeAfter(time.Minute)
	in := s.mustRenew()
	if in.ConversationID != conversationID || in.Carried == nil {
		t.Fatalf("carried %+v", in)
	}
	if in.Carried.Generation != 1 || in.Carried.HandledSeq != 2 || len(in.Carried.Recent) != 2 {
		t.Errorf("carried %+v", in.Carried)
	}
	if fake.advanced() != 2 {
		t.Errorf("Advance was called %d times, want 2", fake.advanced())
	}
}

func TestWhatWasCarriedIsCarriedOn(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: lengthensAt(&s, 1, open)}
	s = newStage(t, fake)
	s.wakeAfter(time.Minute)
	s.ExecuteWorkflow(workflows.ConversationWorkflowName, workflows.ConversationInput{
		ConversationID: conversationID,
		Carried:        &workflows.Carried{Generation: 41, HandledSeq: 1, Recent: []string{"before"}},
	})
	if s.GetWorkflowError() == nil {
		t.Fatal("did not continue as new")
	}
	if state := s.state(); state.Generation != 41 || state.Recent[0] != "before" {
		t.Errorf("state %+v", state)
	}
}

func TestAYoungTemporalRunIsNotRenewed(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: lengthensAt(&s, 1, open)}
	s = newStage(t, fake)
	s.wakeAfter(400 * time.Millisecond)
	s.wakeAfter(1500 * time.Millisecond)
	start := s.Now()
	s.mustRenew()
	if took := s.Now().Sub(start); took < time.Second || fake.advanced() < 2 {
		t.Errorf("renewed after %v and %d calls, want at least 1s, 2", took, fake.advanced())
	}
}

func TestRingsComeBeforeRenewal(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{}
	fake.advance = func(n int) (activities.Advanced, error) {
		s.SetCurrentHistoryLength(435)
		if n < 4 {
			s.SignalWorkflow(workflows.SignalManualRun, workflows.Wake{Seq: int64(n)})
		}
		return open(n), nil
	}
	s = newStage(t, fake)
	if in := s.mustRenew(); fake.advanced() != 4 || in.Carried.HandledSeq != 4 {
		t.Errorf("renewed after %d calls, want 4", fake.advanced())
	}
}

func TestRenewalHandsOverWhatWaitsForItsNextAttempt(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{
		advance: lengthensAt(&s, 2, func(n int) activities.Advanced { return with(open(n), reply("d1"), webhook("d2")) }),
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			if in.HandedOver {
				return delivered(in, "sent"), nil
			}
			return activities.Delivered{}, tryAgain(5 * time.Minute)
		},
	}
	s = newStage(t, fake)
	ids := s.children()
	s.wakeAfter(time.Minute)
	start := s.Now()
	s.mustRenew()
	if took := s.Now().Sub(start).Round(time.Second); took != time.Minute {
		t.Errorf("renewed after %v, want 1m", took)
	}
	if got := fake.handedOver(); !slices.Equal(sorted(got), []string{"d1", "d2"}) {
		t.Errorf("handed over %v", got)
	}
	if !slices.Equal(sorted(*ids), []string{"delivery/d1", "delivery/d2"}) {
		t.Errorf("children %v", *ids)
	}
}

// What a wake brings while draining is handed over as long as a delivery from
// before holds up the renewal, and is left to the next Temporal run after that.
func TestDrainingEndsThoughEachRingBringsADelivery(t *testing.T) {
	t.Parallel()
	var s *stage
	wake := func() { s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{}) }
	secondHandedOver, firstLanded, lastNamed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	fake := &fakeActivities{}
	fake.advance = func(n int) (activities.Advanced, error) {
		switch n {
		case 1, 2: // after the second the history is long
			return with(open(n), webhook("d1")), nil
		case 3:
			return with(open(n), webhook("d1"), webhook("d2")), nil
		default:
			close(lastNamed)
			return with(open(n), webhook("d2"), webhook("d3")), nil
		}
	}
	fake.deliver = func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
		switch {
		case in.HandedOver && in.DeliveryID == "d1":
			close(firstLanded)
		case in.HandedOver:
		case in.DeliveryID == "d1":
			s.SetCurrentHistoryLength(425)
			wake()
			return activities.Delivered{}, tryAgain(time.Minute)
		default:
			t.Errorf("an attempt of %s was begun while draining", in.DeliveryID)
		}
		return delivered(in, "sent"), nil
	}
	fake.handOver = func(_ int, in activities.DeliverInput) (activities.Delivered, error) {
		switch in.DeliveryID {
		case "d1":
			wake()
			<-secondHandedOver
		case "d2":
			close(secondHandedOver)
			<-firstLanded
			wake()
			<-lastNamed
		}
		return delivered(in, "handed_over"), nil
	}
	s = newStage(t, fake)
	s.mustRenew()
	if got := sorted(fake.handedOver()); !slices.Equal(got, []string{"d1", "d2"}) {
		t.Errorf("handed over %v, want d1 and d2", got)
	}
}

func TestADeliveryThatEndedMeanwhileIsNotHandedOver(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{
		advance: lengthensAt(&s, 2, func(n int) activities.Advanced { return with(open(n), reply("d1")) }),
		deliver: func(context.Context, int, activities.DeliverInput) (activities.Delivered, error) {
			return activities.Delivered{}, tryAgain(5 * time.Minute)
		},
		handOver: func(_ int, in activities.DeliverInput) (activities.Delivered, error) {
			return delivered(in, "cancelled"), nil
		},
	}
	s = newStage(t, fake)
	ids := s.children()
	s.wakeAfter(time.Minute)
	s.mustRenew()
	if len(*ids) != 0 {
		t.Errorf("children %v, want none", *ids)
	}
}

func TestAFinishedConversationCompletesInsteadOfContinuing(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: lengthensAt(&s, 2, func(n int) activities.Advanced {
		if n == 1 {
			return open(n)
		}
		return closed(n)
	})}
	s = newStage(t, fake)
	s.wakeAfter(time.Minute)
	s.mustComplete()
}

func TestANewDeploymentVersionIsMovedToByContinuingAsNew(t *testing.T) {
	t.Parallel()
	var s *stage
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		s.SetTargetWorkerDeploymentVersionChanged(n == 2)
		return open(n), nil
	}}
	s = newStage(t, fake)
	s.wakeAfter(time.Minute)
	s.mustRenew()
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// An attempt that does not end holds up the renewal only while the history has room: the
// next run finds the delivery, and what was signalled meanwhile.
func TestARunThatIsFullGivesWayThoughAnAttemptIsUnderWay(t *testing.T) {
	t.Parallel()
	var s *stage
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	fake := &fakeActivities{deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
		<-end
		return delivered(in, "sent"), nil
	}}
	fake.advance = func(n int) (activities.Advanced, error) {
		if n == 2 {
			s.SetCurrentHistoryLength(480)
			s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{Seq: 3})
		}
		return with(open(n), reply("slow")), nil
	}
	s = newStage(t, fake)
	s.wakeAfter(2 * time.Second)
	if in := s.mustRenew(); fake.advanced() != 2 || in.Carried.Rules != 1 {
		t.Errorf("renewed after %d calls with rules %d, want 2 and 1", fake.advanced(), in.Carried.Rules)
	}
}
