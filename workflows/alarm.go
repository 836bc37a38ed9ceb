package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/activities"
)

const (
	// tolerance is by how much a due time must be earlier than the armed timer for
	// the timer to be replaced: the same due time, asked for again, comes out a few
	// milliseconds apart, by as much as the call of Advance took.
	tolerance = 250 * time.Millisecond

	// A timer that fired early is armed again for the rest and a little more, and
	// from the patience-th in a row for calmly at least.
	earlyRest = 10 * time.Millisecond
	calmly    = time.Second
	patience  = 3

	// retryGivenUp is how long after Advance gave up it is called without a wake.
	retryGivenUp = 10 * time.Minute
)

// alarm is the one durable timer of a Temporal run. An armed timer is only
// replaced by an earlier one: a conversation that continues pushes its due times
// back with every message, and one spare firing is cheaper than a timer
// cancelled and a timer started for each.
type alarm struct {
	future workflow.Future // nil when none is armed
	cancel workflow.CancelFunc
	at     time.Time // when it fires, by Temporal's clock
	early  int       // firings in a row that found nothing due yet
}

func (a *alarm) armed() bool { return a.future != nil }
func (a *alarm) fired() bool { return a.future != nil && a.future.IsReady() }

// take reports whether the timer fired, and disarms it if so.
func (a *alarm) take() bool {
	if !a.fired() {
		return false
	}
	a.future, a.cancel = nil, nil
	return true
}

// arm sees to it that a timer fires by the due time of the answer. fired says
// that the call that led to the answer was made because the timer fired.
func (a *alarm) arm(ctx workflow.Context, answer activities.Advanced, fired bool) {
	if !answer.HasDue {
		a.early = 0
		return // an armed timer is kept: it costs less to let it fire
	}
	rest := time.Duration(answer.DueInMicros) * time.Microsecond
	a.set(ctx, a.pause(rest, fired, len(answer.Runs) > 0))
}

// pause returns how long to wait when rest is left until the due time.
func (a *alarm) pause(rest time.Duration, fired, useful bool) time.Duration {
	if !fired && rest > 0 {
		return rest
	}
	// Early by the database's clock, or due while Advance was looking.
	if useful || rest >= calmly {
		a.early = 0
	} else {
		a.early++
	}
	if a.early >= patience {
		return max(rest+earlyRest, calmly)
	}
	return max(rest, 0) + earlyRest
}

// set arms a timer of that length unless one is armed that fires before.
func (a *alarm) set(ctx workflow.Context, length time.Duration) {
	at := workflow.Now(ctx).Add(length)
	if a.armed() {
		if !at.Before(a.at.Add(-tolerance)) {
			return
		}
		a.cancel()
	}
	a.at = at.UTC().Truncate(time.Millisecond)
	ctx, a.cancel = workflow.WithCancel(ctx)
	a.future = workflow.NewTimerWithOptions(ctx, length, workflow.TimerOptions{
		Summary: "next due " + a.at.Format(time.RFC3339),
	})
}
