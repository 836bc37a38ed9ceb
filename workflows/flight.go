package workflows

import (
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/delivery"
)

// A lane is what deliveries have in common that share a task queue; one that is
// full of what a dead endpoint does not take holds up no other.
type lane int

const (
	mails lane = iota
	webhooks
	lanes
)

func laneOf(kind string) lane {
	if delivery.Kind(kind).IsMail() {
		return mails
	}
	return webhooks
}

// room bounds the deliveries of a lane under way at once; mails go one after the
// other in any case. What finds no room is asked for again when half of it is
// free. It bounds the history too: a dead endpoint may make each flight cost a
// dozen events when it is handed over.
func (c *conversationRun) room(l lane) int {
	switch {
	case c.rules() > 0 && l == mails:
		return 8
	case c.rules() == 0 && l == webhooks:
		return 64
	default:
		return 16
	}
}

// maxHandOvers bounds what is handed over only because it came while draining:
// the rest is left to the next Temporal run, or the history of one that drains
// would grow with what waits for a dead endpoint.
const maxHandOvers = 32

// flight is a delivery under way.
type flight struct {
	id, kind string
	// handOver says that it began while draining.
	handOver bool
	// handedOver is set when its first attempt has handed it over already.
	handedOver *activities.Delivered
	// cancel ends the activity: at once between two attempts, else with the
	// attempt.
	cancel workflow.CancelFunc
}

func (f *flight) lane() lane { return laneOf(f.kind) }

// under is how many deliveries of a lane are under way.
func (c *conversationRun) under(l lane) int {
	n := 0
	for _, f := range c.flights {
		if f.lane() == l {
			n++
		}
	}
	return n
}

// roomAgain reports whether enough flights of a full lane have landed to ask for
// more.
func (c *conversationRun) roomAgain() bool {
	for l := range lanes {
		if c.wants(l) {
			return !c.crowded()
		}
	}
	return false
}

// wants reports whether a lane that was full has room again.
func (c *conversationRun) wants(l lane) bool { return c.full[l] && c.under(l) <= c.room(l)/2 }

// heldUp reports whether draining waits for a delivery that began before it.
func (c *conversationRun) heldUp() bool {
	return slices.ContainsFunc(c.flights, func(f *flight) bool { return !f.handOver })
}

// deliver starts the deliveries that are not yet under way, without waiting for
// them, mails first. While draining some of them are handed over, for as long as
// there is something to wait for; then they are left to the next Temporal run,
// which would never come if each wake brought another one.
func (c *conversationRun) deliver(waiting []activities.DeliveryWaiting) {
	for l := range lanes {
		for _, d := range waiting {
			if laneOf(d.Kind) != l || slices.ContainsFunc(c.flights, func(f *flight) bool { return f.id == d.ID }) {
				continue
			}
			if c.under(l) >= c.room(l) || c.crowded() && !c.draining {
				c.full[l] = true
				break
			}
			if c.draining {
				if !c.heldUp() || c.handOvers >= maxHandOvers || c.overfull() {
					return
				}
				c.handOvers++
			}
			c.begin(&flight{id: d.ID, kind: d.Kind, handOver: c.draining})
		}
	}
}

// begin starts a delivery.
func (c *conversationRun) begin(f *flight) {
	ctx, cancel := workflow.WithCancel(c.own)
	f.cancel = cancel
	c.flights = append(c.flights, f)
	workflow.GoNamed(ctx, "delivery "+f.id, func(ctx workflow.Context) {
		c.fly(ctx, f)
		cancel()
		c.flights = slices.DeleteFunc(c.flights, func(other *flight) bool { return other == f })
		// The loop may not wake up for it.
		workflow.SetCurrentDetails(c.own, c.details())
	})
}

// fly brings a delivery to its end, or to a DeliveryWorkflow. ctx is cancelled
// when it is to be handed over.
func (c *conversationRun) fly(ctx workflow.Context, f *flight) {
	in := activities.DeliverInput{DeliveryID: f.id, Kind: f.kind}
	var out activities.Delivered
	mustHandOver := c.draining && f.handedOver == nil
	if f.handedOver != nil {
		out = *f.handedOver
	} else if !mustHandOver {
		regular := workflow.WithActivityOptions(ctx, deliverOptions(f.kind))
		err := workflow.ExecuteActivity(regular, activities.DeliverName, in).Get(regular, &out)
		mustHandOver = err != nil && c.draining
		if err != nil && !mustHandOver {
			c.deliveryFailed(f, err)
			return
		}
	}
	ctx, _ = workflow.NewDisconnectedContext(ctx) // from here on to the end
	if mustHandOver {
		// Whatever came of the attempt, HandOver knows where the delivery stands. If
		// it cannot tell, the DeliveryWorkflow finds out.
		out = activities.Delivered{DeliveryID: f.id, Kind: f.kind, State: string(delivery.StateHandedOver)}
		if err := c.call(ctx, activities.HandOverName, in, &out); err != nil {
			workflow.GetLogger(ctx).Error("hand-over gave up", "delivery_id", f.id, "error", err)
		}
	}
	c.noteDelivery(out)
	if over(out.State) {
		return
	}
	if err := c.startDeliveryWorkflow(ctx, f); err != nil {
		c.deliveryFailed(f, err)
	}
}

// over reports whether nothing is left to be done for a delivery in the state.
func over(state string) bool { return delivery.State(state).Final() }

// deliveryFailed shows that somebody should look. The delivery is still waiting,
// and the next answer of Advance names it again.
func (c *conversationRun) deliveryFailed(f *flight, err error) {
	workflow.GetLogger(c.own).Error("delivery gave up",
		"conversation_id", c.in.ConversationID, "delivery_id", f.id, "error", err)
	c.stuck = true
	c.note(f.kind + " `" + f.id + "` gave up")
}

// startDeliveryWorkflow returns when the delivery's own Temporal workflow runs.
// One that runs already is as good.
func (c *conversationRun) startDeliveryWorkflow(ctx workflow.Context, f *flight) error {
	options := workflow.ChildWorkflowOptions{
		WorkflowID:            DeliveryWorkflowID(f.id),
		TaskQueue:             QueueConversations,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:         DeliverySummary(f.kind),
	}
	if c.last.MailboxID != "" {
		options.TypedSearchAttributes = temporal.NewSearchAttributes(MailboxKey().ValueSet(c.last.MailboxID))
	}
	ctx = workflow.WithChildOptions(ctx, options)
	child := workflow.ExecuteChildWorkflow(ctx, DeliveryWorkflowName, DeliveryInput{DeliveryID: f.id, Kind: f.kind})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}
