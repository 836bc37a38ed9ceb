package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// What a message costs in history events, counted on a real server.
func TestHistoryEconomy(t *testing.T) {
	t.Parallel()
	next := make(chan []activities.DeliveryWaiting, 1) // to be named by the next answer
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			// A timer is armed, and each message pushes the due time back a little.
			a := due(open(n), 4*time.Hour)
			a.Runs = open(n).Runs
			select {
			case list := <-next:
				return with(a, list...), nil
			default:
				return a, nil
			}
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if n < 3 {
				return activities.Delivered{}, tryAgain(10 * time.Millisecond)
			}
			return delivered(in, "sent"), nil
		},
	}
	h := newHouse(t, newServer(t), fake)

	advances := 0
	var length int64
	message := func(what string, want int64) {
		t.Helper()
		advances++
		h.wake(conversationID, int64(advances))
		now := h.settled(conversationID, advances)
		if cost := now - length; cost != want {
			t.Errorf("%s cost %d events, want %d", what, cost, want)
			t.Log(types(h.history(workflows.ConversationWorkflowID(conversationID), "")))
		}
		length = now
	}

	// Started, Signaled, task x3, Marker, TimerStarted, Upsert.
	message("the first message", 8)
	// Signaled, task x3, Marker.
	message("a quiet message", 5)
	message("a quiet message", 5)
	// Signaled, task x3, two Markers.
	next <- []activities.DeliveryWaiting{begun(reply("d2")), begun(webhook("d3"))}
	message("a message with two deliveries that go through at once", 6)
	next <- []activities.DeliveryWaiting{reply("d1")}
	// The attempts that failed are no events; activity x3, task x3.
	message("a message with a delivery that needs three attempts", 11)
	message("a quiet message", 5)
	if fake.attempts("d1") != 3 {
		t.Errorf("%d attempts, want 3", fake.attempts("d1"))
	}
}

// A conversation that is closed at once costs no timer and no search attribute
// but the status.
func TestAConversationThatEndsAtOnceIsShort(t *testing.T) {
	t.Parallel()
	h := newHouse(t, newServer(t), &fakeActivities{})
	h.wake(conversationID, 1)
	id := workflows.ConversationWorkflowID(conversationID)
	if status := h.ended(id, ""); status != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		t.Fatalf("ended as %v", status)
	}
	// Started, Signaled, task x3, Marker, Upsert, Completed.
	if got := h.history(id, ""); len(got.Events) != 8 {
		t.Errorf("%d events, want 8: %v", len(got.Events), types(got))
	}
}

func TestABurstIsDrainedInFewTasks(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) { return open(n), nil }}
	c := newServer(t)
	h := &house{Client: c, t: t, fake: fake}
	for seq := range int64(100) {
		h.wake(conversationID, seq+1) // nobody works yet
	}
	h.work()
	t.Cleanup(func() { h.stop() })
	// Started, 100 x Signaled, task x3, Marker.
	if got := h.settled(conversationID, 1); got != 105 {
		t.Errorf("%d events, want 105", got)
	}
}

// A conversation whose history grows long while two deliveries wait for their
// next attempt and one is being attempted.
func TestRenewalOnARealServer(t *testing.T) {
	t.Parallel()
	attempting, end := make(chan struct{}), make(chan struct{})
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			if n == 1 {
				return with(open(n), reply("d1"), webhook("d2"), webhook("d3")), nil
			}
			return open(n), nil
		},
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			switch {
			case in.HandedOver:
				return delivered(in, "sent"), nil
			case in.DeliveryID == "d3":
				close(attempting)
				<-end
			}
			return activities.Delivered{}, tryAgain(time.Hour)
		},
	}
	h := newHouse(t, newServer(t), fake)
	id := workflows.ConversationWorkflowID(conversationID)
	h.wake(conversationID, 1)
	<-attempting
	first := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
	h.eventually("attempted", func() bool { return fake.attempts("d1") == 1 && fake.attempts("d2") == 1 })
	// Those between two attempts are handed over at once, the other one holds up
	// the renewal until its attempt ends.
	for seq := int64(2); h.describe(id, "").WorkflowExecutionInfo.HistoryLength < 398; seq++ {
		h.wake(conversationID, seq)
	}
	h.eventually("handed over", func() bool { return len(fake.handedOver()) == 2 })
	if got := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId; got != first {
		t.Error("renewed while a delivery was being attempted")
	}
	close(end)
	if status := h.ended(id, first); status != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
		t.Fatalf("ended as %v", status)
	}
	for _, d := range []string{"d1", "d2", "d3"} {
		if status := h.ended(workflows.DeliveryWorkflowID(d), ""); status != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			t.Errorf("delivery %s ended as %v", d, status)
		}
	}
	h.eventually("the next run works", func() bool {
		value, err := h.QueryWorkflow(t.Context(), id, "", workflows.QueryState)
		if err != nil {
			return false
		}
		var s workflows.State
		return value.Get(&s) == nil && s.Generation == 1 && s.Open
	})
	if n := len(h.history(id, first).Events); n > 600 {
		t.Errorf("the first run has %d events", n)
	}
}

func TestADeliveryWorkflowThatRunsAlreadyIsAsGood(t *testing.T) {
	t.Parallel()
	c := newServer(t)
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.DeliveryWorkflowID("d1"), TaskQueue: "nobody",
	}, workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: "d1", Kind: "webhook"}); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, c, &fakeActivities{
		advance: func(n int) (activities.Advanced, error) { return with(open(n), webhook("d1")), nil },
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			return delivered(in, "handed_over"), nil
		},
	})
	h.wake(conversationID, 1)
	h.quiet(conversationID, 1)
	value, err := h.QueryWorkflow(t.Context(), workflows.ConversationWorkflowID(conversationID), "", workflows.QueryState)
	if err != nil {
		t.Fatal(err)
	}
	var state workflows.State
	if err := value.Get(&state); err != nil || state.Attention != "" || len(state.InFlight) != 0 {
		t.Errorf("state %+v, %v", state, err)
	}
}

// A dead endpoint and a conversation that writes to it with every message.
func TestADeadEndpointKeepsHistoriesShort(t *testing.T) {
	t.Parallel()
	const generations = 1
	fake := &fakeActivities{}
	fake.advance = func(n int) (activities.Advanced, error) {
		a := open(n)
		handedOver := map[string]bool{}
		for _, id := range fake.handedOver() {
			handedOver[id] = true
		}
		for i := range n {
			if id := fmt.Sprint(i); !handedOver[id] {
				a.Deliveries = append(a.Deliveries, webhook(id))
			}
		}
		return a, nil
	}
	fake.deliver = func(context.Context, int, activities.DeliverInput) (activities.Delivered, error) {
		return activities.Delivered{}, tryAgain(time.Hour)
	}
	h := newHouse(t, newServer(t), fake)
	id := workflows.ConversationWorkflowID(conversationID)
	var runs []string
	for seq := 1; len(runs) <= generations; seq++ {
		h.wake(conversationID, int64(seq))
		h.eventually("handled", func() bool { return fake.advanced() >= seq })
		run := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
		if !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	for _, run := range runs[:generations] {
		if n := len(h.history(id, run).Events); n > 500 {
			t.Errorf("a Temporal run has %d events, at most 500", n)
		}
	}
}
