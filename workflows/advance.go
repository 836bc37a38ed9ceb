package workflows

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/delivery"
)

// advance takes all wakes, calls Advance once and acts on its answer.
func (c *conversationRun) advance() {
	c.again, c.full = false, [lanes]bool{}
	c.takeWakes()
	fired := c.alarm.take()

	var answer activities.Advanced
	in := activities.AdvanceInput{ConversationID: c.in.ConversationID}
	if err := c.call(c.root, activities.AdvanceName, in, &answer); err != nil {
		c.advanceFailed(err)
		return
	}
	c.answered, c.gaveUp, c.stuck = true, false, false
	c.last = answer
	c.again = answer.More
	c.noteRuns(answer)
	arm := func() {
		if !answer.More {
			c.alarm.arm(c.own, answer, fired)
		}
	}
	if slices.ContainsFunc(answer.Deliveries, begun) {
		arm() // before the attempts, which may take a second
		c.deliver(c.attempt(answer.Deliveries))
		return
	}
	c.deliver(answer.Deliveries)
	arm()
}

func begun(d activities.DeliveryWaiting) bool { return d.Begun }

// attempt lets the first attempts be made that Advance began, and returns the deliveries
// that are to go the regular way: all others, and those that need another attempt. What
// came of an attempt that nobody answers for is found there too.
func (c *conversationRun) attempt(waiting []activities.DeliveryWaiting) []activities.DeliveryWaiting {
	var in activities.AttemptInput
	var regular []activities.DeliveryWaiting
	for _, d := range waiting {
		if d.Begun {
			in.Deliveries = append(in.Deliveries, d)
		} else {
			regular = append(regular, d)
		}
	}
	var out activities.Attempted
	local := workflow.WithLocalActivityOptions(c.own, attemptOptions())
	if err := workflow.ExecuteLocalActivity(local, activities.AttemptName, in).Get(local, &out); err != nil {
		return waiting
	}
	for _, d := range out.Deliveries {
		switch {
		case over(d.State):
			c.noteDelivery(d)
		case d.State == string(delivery.StateHandedOver):
			c.begin(&flight{id: d.DeliveryID, kind: d.Kind, handedOver: &d})
		default:
			regular = append(regular, activities.DeliveryWaiting{ID: d.DeliveryID, Kind: d.Kind})
		}
	}
	return regular
}

// takeWakes empties both channels. One call of Advance answers all of them.
func (c *conversationRun) takeWakes() {
	var wake Wake
	for c.changed.ReceiveAsync(&wake) {
	}
	for c.manual.ReceiveAsync(&wake) {
	}
}

// advanceFailed shows that the conversation needs somebody. For an event the
// outbox row is still there and wakes again; for a due time nothing may, so that
// there is always a timer.
func (c *conversationRun) advanceFailed(err error) {
	if c.root.Err() != nil {
		return // cancelled, and next sees it
	}
	workflow.GetLogger(c.own).Error("advance gave up",
		"conversation_id", c.in.ConversationID, "error", err)
	c.gaveUp = true
	c.note("Advance gave up")
	c.alarm.set(c.own, retryGivenUp)
}

// call runs an activity beside the workflow task, which is quick and costs one
// event. When that fails it runs as a regular activity, which waits as long as
// it takes for what waiting can heal.
func (c *conversationRun) call(ctx workflow.Context, name string, in, out any) error {
	local := workflow.WithLocalActivityOptions(ctx, localOptions(name))
	err := workflow.ExecuteLocalActivity(local, name, in).Get(local, out)
	if err == nil || hopeless(err) {
		return err
	}
	regular := workflow.WithActivityOptions(ctx, fallbackOptions(name))
	return workflow.ExecuteActivity(regular, name, in).Get(regular, out)
}

// hopeless reports whether calling again cannot help.
func hopeless(err error) bool {
	var app *temporal.ApplicationError
	return temporal.IsCanceledError(err) || errors.As(err, &app) && app.NonRetryable()
}
