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
	// run is not renewed before that, unless its history has grown very long.
	shortestLife = time.Second
	renewAnyway  = 4 * renewAfter
)

// tooLong tells whether this Temporal run should give way to a new one.
func (c *conversationRun) tooLong() bool {
	info := workflow.GetInfo(c.own)
	length := info.GetCurrentHistoryLength()
	switch {
	case length >= renewAnyway:
		return true
	case length < renewAfter && !info.GetContinueAsNewSuggested() && !info.GetTargetWorkerDeploymentVersionChanged():
		return false
	default:
		return workflow.Now(c.own).Sub(c.began) >= shortestLife
	}
}

// drain has everything in flight handed over. What waits for its next attempt
// goes at once; what is being attempted goes when the attempt ends.
func (c *conversationRun) drain() {
	c.draining = true
	for _, f := range c.flights {
		f.cancel()
	}
}

// renew continues as new. Nothing is in flight and no signal is pending.
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
