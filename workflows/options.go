package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/delivery"
)

// summaries are what the Temporal UI shows beside an activity.
func summary(activity string) string {
	if activity == activities.HandOverName {
		return "hand over"
	}
	return "advance"
}

// localOptions stay below the time at which a workflow task has to be prolonged
// (8 s). The second attempt is for a connection that was cut.
func localOptions(name string) workflow.LocalActivityOptions {
	return workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 5 * time.Second,
		StartToCloseTimeout:    3 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, MaximumAttempts: 2},
		Summary:                summary(name),
	}
}

// attemptOptions give first attempts a little longer than they are waited for. There is
// no second try: what nobody answers for goes the regular way.
func attemptOptions() workflow.LocalActivityOptions {
	return workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 5 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:                "first attempts",
	}
}

// fallbackOptions wait out an outage of any length.
func fallbackOptions(name string) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		TaskQueue:           QueueConversations,
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    30 * time.Second,
		},
		Summary: summary(name) + ", waiting for the database",
	}
}

// deliverOptions leave the pauses between attempts to the activity, which names
// them in its errors; the intervals here are for attempts that left no word. A
// mail's worker sends heartbeats, so that its death is noticed in seconds.
func deliverOptions(kind string) workflow.ActivityOptions {
	o := workflow.ActivityOptions{
		TaskQueue:           QueueWebhooks,
		StartToCloseTimeout: delivery.WebhookAttemptTimeout + 15*time.Second,
		WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    30 * time.Second,
		},
		Summary: kind,
	}
	if delivery.Kind(kind).IsMail() {
		o.TaskQueue = QueueMail
		o.StartToCloseTimeout = delivery.MailAttemptTimeout
		o.HeartbeatTimeout = 10 * time.Second
	}
	return o
}
