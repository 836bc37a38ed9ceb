package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation/runs"
)

// RolloutWorkflow goes through the conversations that a change concerns, page by
// page at the set rate. It ends when the rollout does, or is paused: whoever resumes
// it has it started again, and it continues where it was.
func RolloutWorkflow(ctx workflow.Context, in RolloutInput) error {
	activity := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueBulk,
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:             "next page",
	})
	for {
		var page activities.RolledOut
		if err := workflow.ExecuteActivity(activity, activities.RollOutName, activities.RollOutInput(in)).Get(ctx, &page); err != nil {
			return err
		}
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("workflow `%s`: looked at %d of %d conversations, %s", page.WorkflowID, page.Looked,
			page.Total, page.State))
		if page.State != string(runs.RolloutRunning) {
			return nil
		}
		if err := workflow.Sleep(ctx, time.Duration(page.PauseInMicros)*time.Microsecond); err != nil {
			return err
		}
		if workflow.GetInfo(ctx).GetCurrentHistoryLength() >= renewAfter {
			return workflow.NewContinueAsNewError(ctx, RolloutWorkflowName, in)
		}
	}
}
