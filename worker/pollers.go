package worker

import sdkworker "go.temporal.io/sdk/worker"

// How many calls for work one process keeps open for each kind of task of a queue; the
// server says when more or fewer are of use. A Temporal server has four partitions of each
// queue unless it is told otherwise: fewer than four calls leave some of them to others.
// A call that waits costs next to nothing; work that nobody waits for is written to
// Temporal's database and read again.
const (
	fewestPollers = 4
	firstPollers  = 8
	mostPollers   = 32
)

// pollers are those of a queue that much work comes through. They have the conversations
// that a process remembers (its sticky queue) and all others apart: with a fixed number,
// which serves both, calls go to the sticky queue as long as there is work in it, and new
// conversations wait behind the answers in old ones.
func pollers() sdkworker.PollerBehavior {
	return sdkworker.NewPollerBehaviorAutoscaling(sdkworker.PollerBehaviorAutoscalingOptions{
		InitialNumberOfPollers: firstPollers, MinimumNumberOfPollers: fewestPollers, MaximumNumberOfPollers: mostPollers,
	})
}
