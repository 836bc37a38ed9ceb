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

// scheduleEvery is how often the schedules are looked for.
const scheduleEvery = 20 * time.Second

// schedule is what Temporal starts again and again.
type schedule struct {
	id, workflow  string
	every, within time.Duration
	summary, note string
}

// schedules are all of them. The next run does what one could not.
var schedules = []schedule{
	{
		workflows.ReconcileScheduleID, workflows.ReconcileWorkflowName, time.Minute, 5 * time.Minute,
		"Reconcile", "Looks for what is overdue, unhandled or undelivered and rings for it.",
	},
	{
		workflows.RetentionScheduleID, workflows.RetentionWorkflowName, time.Hour, 30 * time.Minute,
		"Remove what was kept long enough", "Removes what is kept for some time only, as the settings say.",
	},
}

// keepSchedules sees to it that the schedules are there: made by the first look, and
// made again when somebody has deleted one. One that was paused or changed by hand is
// left as it is.
func (s *starter) keepSchedules(ctx context.Context) {
	for ctx.Err() == nil {
		for _, sc := range schedules {
			if err := s.ensureSchedule(ctx, sc); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "a schedule cannot be seen to, trying again", "schedule_id", sc.id, "error", err)
			}
		}
		sleep(ctx, s.ScheduleEvery)
	}
}

func (s *starter) ensureSchedule(ctx context.Context, sc schedule) error {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	all := s.Client.ScheduleClient()
	_, err := all.GetHandle(ctx, sc.id).Describe(ctx)
	var missing *serviceerror.NotFound
	if !errors.As(err, &missing) {
		return err
	}
	_, err = all.Create(ctx, client.ScheduleOptions{
		ID:   sc.id,
		Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: sc.every}}},
		// What was missed while the server was away is one pass, not many.
		CatchupWindow: 2 * sc.every,
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID: sc.id, Workflow: sc.workflow, TaskQueue: workflows.QueueConversations,
			WorkflowExecutionTimeout: sc.within,
			StaticSummary:            sc.summary,
		},
		Note: sc.note,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil // another starter was quicker
	}
	if err == nil {
		s.log.InfoContext(ctx, "schedule made", "schedule_id", sc.id)
	}
	return err
}
