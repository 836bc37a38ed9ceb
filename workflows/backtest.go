package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation/runs"
)

// BacktestWorkflow goes through the conversations of a backtest, page by page, until
// it is done or cancelled.
func BacktestWorkflow(ctx workflow.Context, in BacktestInput) error {
	activity := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueBulk,
		StartToCloseTimeout: 5 * time.Minute, // a page takes seconds, a conversation of many thousand events longer
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:             "next page",
	})
	for {
		var page activities.Backtested
		if err := workflow.ExecuteActivity(activity, activities.BacktestName, activities.BacktestInput(in)).Get(ctx, &page); err != nil {
			return err
		}
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("workflow `%s`: looked at %d of %d conversations, %d runs, %s", page.WorkflowID,
			page.Looked, page.Total, page.Runs, page.State))
		if page.State != string(runs.BacktestRunning) {
			return nil
		}
		if workflow.GetInfo(ctx).GetCurrentHistoryLength() >= renewAfter {
			return workflow.NewContinueAsNewError(ctx, BacktestWorkflowName, in)
		}
	}
}
