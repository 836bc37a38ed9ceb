package starter

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/workflows"
)

const (
	reconcileEvery = time.Minute
	// scheduleEvery is how often the schedule is looked for.
	scheduleEvery = 20 * time.Second
)

// keepSchedule sees to it that the schedule of the reconciler is there: made by
// the first look, and made again when somebody has deleted it. One that was
// paused or changed by hand is left as it is.
func (s *starter) keepSchedule(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.ensureSchedule(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the schedule of the reconciler cannot be seen to, trying again", "error", err)
		}
		sleep(ctx, s.ScheduleEvery)
	}
}

func (s *starter) ensureSchedule(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ringTimeout)
	defer cancel()
	schedules := s.Client.ScheduleClient()
	_, err := schedules.GetHandle(ctx, workflows.ReconcileScheduleID).Describe(ctx)
	var missing *serviceerror.NotFound
	if !errors.As(err, &missing) {
		return err
	}
	_, err = schedules.Create(ctx, client.ScheduleOptions{
		ID:   workflows.ReconcileScheduleID,
		Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: reconcileEvery}}},
		// What was missed while the server was away is one pass, not many.
		CatchupWindow: 2 * reconcileEvery,
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.ReconcileScheduleID, Workflow: workflows.ReconcileWorkflowName, TaskQueue: workflows.QueueConversations,
			// The next pass does what this one could not.
			WorkflowExecutionTimeout: 5 * time.Minute,
			StaticSummary:            "Reconcile",
		},
		Note: "Looks for what is overdue, unhandled or undelivered and rings for it.",
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil // another starter was quicker
	}
	if err == nil {
		s.log.InfoContext(ctx, "schedule of the reconciler made", "schedule_id", workflows.ReconcileScheduleID)
	}
	return err
}
