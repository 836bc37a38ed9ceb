package starter

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/workflows"
)

// wake starts or wakes the Temporal workflow that the wake is for.
func wake(ctx context.Context, c client.Client, r Wake) error {
	switch {
	case r.DeliveryID != "":
		return startDelivery(ctx, c, r)
	case r.RolloutID != "":
		return startJob(ctx, c, workflows.RolloutWorkflowID(r.RolloutID), "Rollout", workflows.RolloutWorkflowName,
			workflows.RolloutInput{RolloutID: r.RolloutID})
	case r.BacktestID != "":
		return startJob(ctx, c, workflows.BacktestWorkflowID(r.BacktestID), "Backtest", workflows.BacktestWorkflowName,
			workflows.BacktestInput{BacktestID: r.BacktestID})
	}
	signal := workflows.SignalChanged
	if r.Manual {
		signal = workflows.SignalManualRun
	}
	_, err := c.SignalWithStartWorkflow(ctx, workflows.ConversationWorkflowID(r.ConversationID),
		signal, workflows.Wake{Seq: r.Seq},
		client.StartWorkflowOptions{
			TaskQueue:             workflows.QueueConversations,
			TypedSearchAttributes: attributes(r),
			StaticSummary:         workflows.ConversationSummary(r.Number),
			Memo:                  map[string]any{workflows.MemoNumber: r.Number, workflows.MemoMailbox: r.MailboxID},
		},
		workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: r.ConversationID})
	return err
}

// startDelivery starts a delivery's own Temporal workflow. One that runs already
// is as good.
func startDelivery(ctx context.Context, c client.Client, r Wake) error {
	r.Status = "" // a conversation's
	_, err := c.ExecuteWorkflow(ctx,
		client.StartWorkflowOptions{
			ID:                       workflows.DeliveryWorkflowID(r.DeliveryID),
			TaskQueue:                workflows.QueueConversations,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			TypedSearchAttributes:    attributes(r),
			StaticSummary:            workflows.DeliverySummary(r.DeliveryKind),
		},
		workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: r.DeliveryID, Kind: r.DeliveryKind})
	return err
}

// startJob starts the Temporal workflow of a rollout or a backtest. One that runs
// already is as good.
func startJob(ctx context.Context, c client.Client, id, summary, name string, in any) error {
	_, err := c.ExecuteWorkflow(ctx,
		client.StartWorkflowOptions{
			ID:                       id,
			TaskQueue:                workflows.QueueConversations,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			StaticSummary:            summary,
		}, name, in)
	return err
}

func attributes(r Wake) temporal.SearchAttributes {
	var updates []temporal.SearchAttributeUpdate
	if r.MailboxID != "" {
		updates = append(updates, workflows.MailboxKey().ValueSet(r.MailboxID))
	}
	if r.Status != "" {
		updates = append(updates, workflows.StatusKey().ValueSet(r.Status))
	}
	return temporal.NewSearchAttributes(updates...)
}
