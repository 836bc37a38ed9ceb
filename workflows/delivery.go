package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
)

// untilAskedAgain is the pause after an answer that is no end.
const untilAskedAgain = time.Minute

// DeliveryWorkflow attempts one delivery until its end, for days if need be. It
// fails when the activity gives up, so that it is seen.
func DeliveryWorkflow(ctx workflow.Context, in DeliveryInput) error {
	ctx = workflow.WithActivityOptions(ctx, deliverOptions(in.Kind))
	for {
		var out activities.Delivered
		err := workflow.ExecuteActivity(ctx, activities.DeliverName, activities.DeliverInput{
			DeliveryID: in.DeliveryID, Kind: in.Kind, HandedOver: true,
		}).Get(ctx, &out)
		if err != nil || over(out.State) {
			return err
		}
		if err := workflow.Sleep(ctx, untilAskedAgain); err != nil {
			return err
		}
		if workflow.GetInfo(ctx).GetCurrentHistoryLength() >= renewAfter {
			return workflow.NewContinueAsNewError(ctx, DeliveryWorkflowName, in)
		}
	}
}
