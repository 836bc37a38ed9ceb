package starter_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/internal/temporaltest"
	"github.com/smarticks/smarticks/starter"
)

func TestSchedulesAreMadeAndMadeAgain(t *testing.T) {
	t.Parallel()
	c := temporaltest.New(t).Client(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	for range 2 { // several starters may run
		go func() {
			ended <- starter.Run(ctx, starter.Config{Client: c, Outbox: &fakeOutbox{again: time.Hour}, Logger: quiet(),
				ScheduleEvery: 50 * time.Millisecond})
		}()
	}
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v", err)
			}
		}
	})
	schedule := c.ScheduleClient().GetHandle(t.Context(), "reconcile")
	there := func() bool {
		_, err := schedule.Describe(t.Context())
		return err == nil
	}
	eventually(t, "the schedule", there)
	eventually(t, "the schedule of the retention", func() bool {
		d, err := c.ScheduleClient().GetHandle(t.Context(), "retention").Describe(t.Context())
		if err != nil {
			return false
		}
		action, ok := d.Schedule.Action.(*client.ScheduleWorkflowAction)
		every := d.Schedule.Spec.Intervals
		return ok && action.Workflow == "RetentionWorkflow" && len(every) == 1 && every[0].Every == time.Hour
	})

	d, err := schedule.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	action, ok := d.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || action.Workflow != "ReconcileWorkflow" || action.TaskQueue != "conversations" {
		t.Errorf("the schedule starts %+v", d.Schedule.Action)
	}
	if every := d.Schedule.Spec.Intervals; len(every) != 1 || every[0].Every != time.Minute {
		t.Errorf("the schedule's intervals are %+v, want one of a minute", every)
	}
	if err := schedule.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the schedule after it was deleted", there)
}
