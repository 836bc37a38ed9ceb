package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// bare is the yardstick: one Temporal workflow for each conversation, signalled as ours is,
// that for each signal calls one empty local activity and two empty ones, whose calls are
// the two effects. Its workers have the pollers that ours have.
type bare struct {
	client  client.Client
	tracker *tracker
	name    string
	local   bool // the two activities are local ones, as the product's first attempts are
	stop    []sdkworker.Worker
}

const (
	bareWorkflow = "BareWorkflow"
	bareSignal   = "event"
)

// startBare starts the workers of a yardstick on queues of its own.
func startBare(c client.Client, t *tracker, name string, local bool) (*bare, error) {
	b := &bare{client: c, tracker: t, name: name, local: local}
	pollers := sdkworker.NewPollerBehaviorAutoscaling(sdkworker.PollerBehaviorAutoscalingOptions{
		InitialNumberOfPollers: 8, MinimumNumberOfPollers: 4, MaximumNumberOfPollers: 32,
	})
	main := sdkworker.New(c, name, sdkworker.Options{WorkflowTaskPollerBehavior: pollers, DisableRegistrationAliasing: true})
	main.RegisterWorkflowWithOptions(b.workflow, workflow.RegisterOptions{Name: bareWorkflow})
	b.register(main)
	workers := []sdkworker.Worker{main}
	for _, queue := range []string{"-mail", "-webhooks"} {
		w := sdkworker.New(c, name+queue, sdkworker.Options{DisableWorkflowWorker: true, ActivityTaskPollerBehavior: pollers,
			DisableRegistrationAliasing: true})
		b.register(w)
		workers = append(workers, w)
	}
	for _, w := range workers {
		if err := w.Start(); err != nil {
			b.close()
			return nil, err
		}
		b.stop = append(b.stop, w)
	}
	return b, nil
}

func (b *bare) register(w sdkworker.Worker) {
	w.RegisterActivityWithOptions(func(context.Context, int) error { return nil }, activity.RegisterOptions{Name: "Decide"})
	w.RegisterActivityWithOptions(func(_ context.Context, mark, which int) error {
		b.tracker.effect(mark, which)
		return nil
	}, activity.RegisterOptions{Name: "Deliver"})
}

func (b *bare) close() {
	for _, w := range b.stop {
		w.Stop()
	}
}

func (b *bare) workflow(ctx workflow.Context) error {
	events := workflow.GetSignalChannel(ctx, bareSignal)
	for {
		var mark int
		events.Receive(ctx, &mark)
		decide := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 5 * time.Second})
		if err := workflow.ExecuteLocalActivity(decide, "Decide", mark).Get(ctx, nil); err != nil {
			return err
		}
		for which, queue := range []string{byMail: "-mail", byWebhook: "-webhooks"} {
			workflow.Go(ctx, func(ctx workflow.Context) {
				if b.local {
					ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 5 * time.Second})
					_ = workflow.ExecuteLocalActivity(ctx, "Deliver", mark, which).Get(ctx, nil)
					return
				}
				ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: b.name + queue, StartToCloseTimeout: 10 * time.Second})
				_ = workflow.ExecuteActivity(ctx, "Deliver", mark, which).Get(ctx, nil)
			})
		}
	}
}

func (b *bare) connect() (sender, error) { return signals{b}, nil }

// signals is a client of the yardstick.
type signals struct{ *bare }

func (signals) close() {}

func (s signals) send(ctx context.Context, mark, first int) error {
	_, err := s.client.SignalWithStartWorkflow(ctx, s.id(first), bareSignal, mark,
		client.StartWorkflowOptions{TaskQueue: s.name}, bareWorkflow)
	return err
}

func (b *bare) id(first int) string { return fmt.Sprintf("%s/%d", b.name, first) }
