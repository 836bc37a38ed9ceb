package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
)

// forgetCalls is how often one run asks: what is left then is left to the next one.
const forgetCalls = 60

// RetentionWorkflow removes what was kept long enough. A schedule starts it. What the
// database cannot do within a few tries is left to the next run.
func RetentionWorkflow(ctx workflow.Context) (activities.Forgotten, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              QueueBulk,
		StartToCloseTimeout:    time.Minute,
		HeartbeatTimeout:       40 * time.Second,
		ScheduleToCloseTimeout: 5 * time.Minute,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:                "remove what was kept long enough",
	})
	var sum activities.Forgotten
	for range forgetCalls {
		var part activities.Forgotten
		if err := workflow.ExecuteActivity(ctx, activities.ForgetName).Get(ctx, &part); err != nil {
			return sum, err
		}
		sum.Explanations += part.Explanations
		sum.Attempts += part.Attempts
		sum.RawMails += part.RawMails
		sum.Audit += part.Audit
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("removed %d explanations, %d attempts, %d raw mails, %d rows of the audit",
			sum.Explanations, sum.Attempts, sum.RawMails, sum.Audit))
		if sum.More = part.More; !sum.More {
			break
		}
	}
	return sum, nil
}
