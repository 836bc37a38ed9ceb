package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

const (
	// renewAfter is how many events a Temporal run may have before it continues as
	// new: a short history is cheap to keep and quick to replay.
	renewAfter = 500
	// Temporal makes the run after one that lived for less than a second wait, so a
	// run is not renewed before that.
	shortestLife = time.Second

	// By rules 1 no run has more than renewAfter events: it is renewed while what is
	// under way still has room to end, each flight with a dozen events at most, and
	// no flight begins for which the room would be short.
	eventsOfFlight = 12
	crowdedAfter   = renewAfter - 120 // no flight begins
	renewBefore    = renewAfter - 70  // the run is drained
	endsAfter      = renewAfter - 50  // nothing is handled any longer
	overfullAfter  = renewAfter - 30  // nothing more is handed over while draining

	// By rules 0 a run waits for its second of life, unless its history has grown very
	// long.
	renewAnyway = 4 * renewAfter
)

// rules are those by which this run is kept short: of the worker that gave the newest
// answer, or, before the first one, of the run before.
func (c *conversationRun) rules() int {
	if !c.answered && c.in.Carried != nil {
		return c.in.Carried.Rules
	}
	return c.last.Rules
}

// foreseen is how long the history will be when all that is under way has ended.
func (c *conversationRun) foreseen() int {
	return workflow.GetInfo(c.own).GetCurrentHistoryLength() + eventsOfFlight*len(c.flights)
}

// crowded reports whether the history has no room for another flight.
func (c *conversationRun) crowded() bool {
	return c.rules() > 0 && c.foreseen()+eventsOfFlight > crowdedAfter
}

// overfull reports whether, while draining, the history has no room for another hand-over.
func (c *conversationRun) overfull() bool {
	return c.rules() > 0 && c.foreseen()+eventsOfFlight > overfullAfter
}

// atItsEnd reports whether the history has no room for anything more: a run that drains,
// and waits for a slow attempt to end, continues being signalled.
func (c *conversationRun) atItsEnd() bool {
	return c.rules() > 0 && workflow.GetInfo(c.own).GetCurrentHistoryLength() >= endsAfter
}

// ripeForRenewal reports whether the run is old enough to be renewed; drain sees to it that
// it will be.
func (c *conversationRun) ripeForRenewal() bool { return c.ripe == nil || c.ripe.IsReady() }

// tooLong reports whether this Temporal run should give way to a new one.
func (c *conversationRun) tooLong() bool {
	info := workflow.GetInfo(c.own)
	length := info.GetCurrentHistoryLength()
	asked := info.GetContinueAsNewSuggested() || info.GetTargetWorkerDeploymentVersionChanged()
	switch {
	case c.rules() > 0:
		waiting := c.wants(mails) || c.wants(webhooks)
		return asked && c.ofAge() || c.foreseen() >= renewBefore || waiting && c.crowded()
	case length >= renewAnyway:
		return true
	case length < renewAfter && !asked:
		return false
	default:
		return c.ofAge()
	}
}

func (c *conversationRun) age() time.Duration { return workflow.Now(c.own).Sub(c.began) }

func (c *conversationRun) ofAge() bool { return c.age() >= shortestLife }

// drain has everything in flight handed over. What waits for its next attempt
// goes at once; what is being attempted goes when the attempt ends.
func (c *conversationRun) drain() {
	c.draining = true
	if rest := shortestLife - c.age(); c.rules() > 0 && rest > 0 {
		c.ripe = workflow.NewTimer(c.own, rest)
	}
	for _, f := range c.flights {
		f.cancel()
	}
}

// renew continues as new. Nothing is in flight and no signal is pending, unless the run
// is at its end: then the next one finds out.
func (c *conversationRun) renew() error {
	var options workflow.ContinueAsNewErrorOptions
	if workflow.GetInfo(c.own).GetTargetWorkerDeploymentVersionChanged() {
		options.InitialVersioningBehavior = workflow.ContinueAsNewVersioningBehaviorAutoUpgrade
	}
	return workflow.NewContinueAsNewErrorWithOptions(c.own, options, ConversationWorkflowName, c.carry())
}

// carry is the input of the next Temporal run.
func (c *conversationRun) carry() ConversationInput {
	return ConversationInput{
		ConversationID: c.in.ConversationID,
		Carried: &Carried{
			Generation:   c.generation() + 1,
			HandledSeq:   c.last.HandledSeq,
			Rules:        c.rules(),
			EarlyFirings: c.alarm.early,
			Recent:       c.recent,
		},
	}
}

func (c *conversationRun) generation() int {
	if c.in.Carried == nil {
		return 0
	}
	return c.in.Carried.Generation
}
