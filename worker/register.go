package worker

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// Activities is what the workflows call.
type Activities interface {
	Advance(context.Context, activities.AdvanceInput) (activities.Advanced, error)
	Attempt(context.Context, activities.AttemptInput) (activities.Attempted, error)
	Deliver(context.Context, activities.DeliverInput) (activities.Delivered, error)
	HandOver(context.Context, activities.DeliverInput) (activities.Delivered, error)
	Reconcile(context.Context) (activities.Reconciled, error)
	RollOut(context.Context, activities.RollOutInput) (activities.RolledOut, error)
	Forget(context.Context) (activities.Forgotten, error)
	Backtest(context.Context, activities.BacktestInput) (activities.Backtested, error)
	// AwaitAttempts returns when no attempt continues that outlasted its workflow task.
	AwaitAttempts(ctx context.Context)
}

// WorkflowRegistry is an SDK worker, a replayer or a test environment.
type WorkflowRegistry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// ActivityRegistry is an SDK worker or a test environment.
type ActivityRegistry interface {
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// Register registers everything, as a test environment needs it that knows one
// task queue only.
func Register(r interface {
	WorkflowRegistry
	ActivityRegistry
}, a Activities) {
	RegisterWorkflows(r)
	registerConversationActivities(r, a)
	registerDeliveryActivities(r, a)
	registerBulkActivities(r, a)
}

// RegisterWorkflows registers the workflows under the names that histories hold.
//
// Where workers are versioned, a conversation stays with the version that began
// its Temporal run and moves on when it continues as new. A delivery's run lasts
// days without doing so: it moves at once, and must always replay.
func RegisterWorkflows(r WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.ConversationWorkflow, workflow.RegisterOptions{
		Name:               workflows.ConversationWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
	r.RegisterWorkflowWithOptions(workflows.DeliveryWorkflow, workflow.RegisterOptions{
		Name:               workflows.DeliveryWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
	r.RegisterWorkflowWithOptions(workflows.ReconcileWorkflow, workflow.RegisterOptions{
		Name:               workflows.ReconcileWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
	r.RegisterWorkflowWithOptions(workflows.RolloutWorkflow, workflow.RegisterOptions{
		Name:               workflows.RolloutWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
	r.RegisterWorkflowWithOptions(workflows.RetentionWorkflow, workflow.RegisterOptions{
		Name:               workflows.RetentionWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
	r.RegisterWorkflowWithOptions(workflows.BacktestWorkflow, workflow.RegisterOptions{
		Name:               workflows.BacktestWorkflowName,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
}

func registerConversationActivities(r ActivityRegistry, a Activities) {
	r.RegisterActivityWithOptions(a.Advance, activity.RegisterOptions{Name: activities.AdvanceName})
	r.RegisterActivityWithOptions(a.Attempt, activity.RegisterOptions{Name: activities.AttemptName})
	r.RegisterActivityWithOptions(a.HandOver, activity.RegisterOptions{Name: activities.HandOverName})
}

func registerDeliveryActivities(r ActivityRegistry, a Activities) {
	r.RegisterActivityWithOptions(a.Deliver, activity.RegisterOptions{Name: activities.DeliverName})
}

func registerBulkActivities(r ActivityRegistry, a Activities) {
	r.RegisterActivityWithOptions(a.Reconcile, activity.RegisterOptions{Name: activities.ReconcileName})
	r.RegisterActivityWithOptions(a.RollOut, activity.RegisterOptions{Name: activities.RollOutName})
	r.RegisterActivityWithOptions(a.Forget, activity.RegisterOptions{Name: activities.ForgetName})
	r.RegisterActivityWithOptions(a.Backtest, activity.RegisterOptions{Name: activities.BacktestName})
}
