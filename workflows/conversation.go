package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
)

// ConversationWorkflow watches over one conversation: it calls Advance whenever
// the conversation is woken or something is due, sees to its deliveries, and
// ends when nobody has to act any longer. It never fails: what Advance cannot do
// is shown, and tried again at the next wake.
func ConversationWorkflow(ctx workflow.Context, in ConversationInput) error {
	c, err := newConversationRun(ctx, in)
	if err != nil {
		return err
	}
	for {
		s := c.next()
		if s == stepAdvance {
			// Work first, wait after: a wake lost between two Temporal runs costs
			// nothing.
			c.advance()
			continue
		}
		if err := c.show(); err != nil {
			return err
		}
		switch s {
		case stepDrain:
			c.drain()
		case stepWait:
			if err := c.await(); err != nil {
				return err
			}
		case stepComplete:
			return nil
		case stepRenew:
			return c.renew()
		default: // stepCancel
			return ctx.Err()
		}
	}
}

// step is what a ConversationWorkflow does next.
type step int

const (
	stepWait step = iota
	stepAdvance
	stepDrain
	stepComplete
	stepRenew
	stepCancel
)

// conversationRun is one Temporal run of a ConversationWorkflow.
type conversationRun struct {
	in ConversationInput
	// root is cancelled when somebody cancels the Temporal workflow; own never is,
	// so that what is in flight can be brought to an end.
	root, own workflow.Context
	began     time.Time

	changed, manual workflow.ReceiveChannel

	again    bool                // Advance is to be called without being woken
	answered bool                // last is an answer of this Temporal run
	last     activities.Advanced // the newest answer
	gaveUp   bool                // the newest call of Advance failed for good
	stuck    bool                // a delivery failed in a way that nobody foresaw

	alarm     alarm
	flights   []*flight       // deliveries under way, oldest first
	full      [lanes]bool     // there are deliveries for which the lane had no room
	draining  bool            // deliveries are handed over, none is begun
	ripe      workflow.Future // while draining: the run is old enough to be renewed; nil: it is
	handOvers int             // handed over because they came while draining
	recent    []string        // what happened lately, newest last
}

func newConversationRun(ctx workflow.Context, in ConversationInput) (*conversationRun, error) {
	own, _ := workflow.NewDisconnectedContext(ctx)
	c := &conversationRun{in: in, root: ctx, own: own, began: workflow.Now(ctx), again: true}
	if in.Carried != nil {
		c.last.HandledSeq = in.Carried.HandledSeq
		c.alarm.early = in.Carried.EarlyFirings
		c.recent = in.Carried.Recent
	}
	c.changed = workflow.GetSignalChannelWithOptions(ctx, SignalChanged, workflow.SignalChannelOptions{
		Description: "Something happened to the conversation: look at it.",
	})
	c.manual = workflow.GetSignalChannelWithOptions(ctx, SignalManualRun, workflow.SignalChannelOptions{
		Description: "Somebody asked for a manual run: look at the conversation.",
	})
	return c, workflow.SetQueryHandlerWithOptions(ctx, QueryState, c.state, workflow.QueryHandlerOptions{
		Description: "What this Temporal run knows: seq, timer, deliveries in flight.",
	})
}

// next names what to do. It changes nothing: wait asks it again and again.
func (c *conversationRun) next() step {
	switch {
	case c.root.Err() != nil:
		return c.leaving(stepCancel)
	case c.atItsEnd():
		return c.giveWay()
	case c.again, c.waking(), c.alarm.fired(), c.roomAgain() && !c.draining:
		return stepAdvance
	case c.tooLong() && !c.draining:
		return stepDrain
	case len(c.flights) > 0:
		return stepWait
	case c.finished():
		return stepComplete
	case c.draining && c.ripeForRenewal():
		return stepRenew
	default:
		return stepWait
	}
}

// giveWay is what is left to do where the history has no room for more: what is under way
// or was signalled is found by the next Temporal run, which begins by calling Advance.
func (c *conversationRun) giveWay() step {
	switch {
	case len(c.flights) == 0 && !c.waking() && c.finished():
		return stepComplete
	case !c.draining:
		return stepDrain
	case !c.ripeForRenewal():
		return stepWait
	default:
		return stepRenew
	}
}

// leaving puts draining and waiting for what is in flight before the end.
func (c *conversationRun) leaving(end step) step {
	switch {
	case !c.draining:
		return stepDrain
	case len(c.flights) > 0:
		return stepWait
	default:
		return end
	}
}

// await returns when there is something to do.
func (c *conversationRun) await() error {
	return workflow.Await(c.own, func() bool { return c.next() != stepWait })
}

// waking reports whether a signal is waiting.
func (c *conversationRun) waking() bool { return c.changed.Len() > 0 || c.manual.Len() > 0 }

// finished reports whether nobody has to act and nothing is due.
func (c *conversationRun) finished() bool {
	switch {
	case !c.answered, c.gaveUp:
		return false
	case c.last.Gone:
		return true
	default:
		return !c.last.Open && !c.last.HasDue
	}
}
