package workflows_test

import (
	"testing"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// Scenes of what looks at many conversations.

// A pass of the reconciler whose first try finds the database away.
func sceneReconcile(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{})
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.ReconcileScheduleID, TaskQueue: workflows.QueueConversations,
	}, workflows.ReconcileWorkflowName)
	if err != nil {
		t.Fatal(err)
	}
	var found activities.Reconciled
	if err := run.Get(t.Context(), &found); err != nil || found.Rung != 2 {
		t.Fatalf("the pass answered %+v, %v", found, err)
	}
	return recording{h, workflows.ReconcileScheduleID, []string{""}}
}

// Three batches of what was kept long enough.
func sceneRetention(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{})
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.RetentionScheduleID, TaskQueue: workflows.QueueConversations,
	}, workflows.RetentionWorkflowName)
	if err != nil {
		t.Fatal(err)
	}
	var removed activities.Forgotten
	if err := run.Get(t.Context(), &removed); err != nil || removed != (activities.Forgotten{Explanations: 15, Audit: 3}) {
		t.Fatalf("the run answered %+v, %v", removed, err)
	}
	return recording{h, workflows.RetentionScheduleID, []string{""}}
}

// A rollout of three pages.
func sceneRollout(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{})
	id := workflows.RolloutWorkflowID("r1")
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.QueueConversations,
	}, workflows.RolloutWorkflowName, workflows.RolloutInput{RolloutID: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Get(t.Context(), nil); err != nil || h.fake.pages != 3 {
		t.Fatalf("%d pages, %v", h.fake.pages, err)
	}
	return recording{h, id, []string{""}}
}

// A backtest of three pages.
func sceneBacktest(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{})
	id := workflows.BacktestWorkflowID("b1")
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.QueueConversations,
	}, workflows.BacktestWorkflowName, workflows.BacktestInput{BacktestID: "b1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Get(t.Context(), nil); err != nil || h.fake.pages != 3 {
		t.Fatalf("%d pages, %v", h.fake.pages, err)
	}
	return recording{h, id, []string{""}}
}
