package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
)

// ReconcileWorkflow makes one pass of the reconciler. A schedule starts it. A pass
// that the database cannot answer within a few tries is left to the next one.
func ReconcileWorkflow(ctx workflow.Context) (activities.Reconciled, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              QueueBulk,
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 2 * time.Minute,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second},
		Summary:                "look for what was left lying",
	})
	var found activities.Reconciled
	err := workflow.ExecuteActivity(ctx, activities.ReconcileName).Get(ctx, &found)
	if err == nil {
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d overdue, %d unhandled, %d undelivered; rung for %d, waiting for %d",
			found.Overdue, found.Unhandled, found.Undelivered, found.Rung, found.Waiting))
	}
	return found, err
}
