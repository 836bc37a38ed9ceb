package worker

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	sdkworker "go.temporal.io/sdk/worker"

	"github.com/smarticks/smarticks/workflows"
)

// Run works until ctx is done, then takes nothing new, lets what is under way
// end, and returns nil. It returns an error when Temporal cannot be reached at
// the start, or when going on makes no sense (the namespace is gone). Being cut
// off from Temporal later is no error: the SDK waits for it.
func Run(ctx context.Context, config Config) error {
	config = config.withDefaults()
	group, ctx := errgroup.WithContext(ctx)
	for _, q := range config.queues() {
		group.Go(func() error {
			if err := q.worker.Run(interrupt(ctx)); err != nil {
				return fmt.Errorf("worker of queue %s: %w", q.name, err)
			}
			return nil
		})
	}
	config.Logger.InfoContext(ctx, "worker started",
		"advance_slots", config.Slots.Advance, "mail_slots", config.Slots.Mail, "webhook_slots", config.Slots.Webhooks)
	err := group.Wait()
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), config.StopTimeout)
	defer cancel()
	config.Activities.AwaitAttempts(late)
	config.Logger.InfoContext(ctx, "worker stopped")
	return err
}

type queue struct {
	name   string
	worker sdkworker.Worker
}

// queues makes one SDK worker for each task queue.
func (c Config) queues() []queue {
	conversations := c.options()
	conversations.MaxConcurrentWorkflowTaskExecutionSize = c.Slots.Workflows
	// First attempts have places of their own: however slow the other sides are, they
	// take none of Advance's.
	conversations.MaxConcurrentLocalActivityExecutionSize = c.Slots.Advance + 2*c.Slots.Attempts
	conversations.MaxConcurrentActivityExecutionSize = c.Slots.Advance
	conversations.WorkflowTaskPollerBehavior = pollers()
	cw := sdkworker.New(c.Client, workflows.QueueConversations, conversations)
	RegisterWorkflows(cw)
	registerConversationActivities(cw, c.Activities)

	return []queue{
		{workflows.QueueConversations, cw},
		c.activities(workflows.QueueMail, c.Slots.Mail, registerDeliveryActivities),
		c.activities(workflows.QueueWebhooks, c.Slots.Webhooks, registerDeliveryActivities),
		c.activities(workflows.QueueBulk, c.Slots.Bulk, registerBulkActivities),
	}
}

// activities makes a worker that runs no workflows.
func (c Config) activities(name string, slots int, register func(ActivityRegistry, Activities)) queue {
	o := c.options()
	o.DisableWorkflowWorker = true
	o.MaxConcurrentActivityExecutionSize = slots
	if name != workflows.QueueBulk { // a few in a minute
		o.ActivityTaskPollerBehavior = pollers()
	}
	w := sdkworker.New(c.Client, name, o)
	register(w, c.Activities)
	return queue{name, w}
}

// interrupt is closed when ctx is done.
func interrupt(ctx context.Context) <-chan any {
	c := make(chan any)
	context.AfterFunc(ctx, func() { close(c) })
	return c
}
