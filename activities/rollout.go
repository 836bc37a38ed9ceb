package activities

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/automation/runs"
)

// RollOut continues with a rollout by one page. It is safe to repeat.
//
// Errors: only those that waiting can heal, and when there is no such rollout.
func (a *Activities) RollOut(ctx context.Context, in RollOutInput) (RolledOut, error) {
	r, pause, err := a.cfg.Rollouts.RollOut(ctx, runs.RolloutID(in.RolloutID))
	if err != nil {
		return RolledOut{}, verdict(err)
	}
	return RolledOut{State: string(r.State), Looked: r.Looked, Total: r.Total, PauseInMicros: pause.Microseconds(),
		WorkflowID: string(r.DefinitionID)}, nil
}

// Rollouts keeps the changes that go through the conversations of a mailbox.
type Rollouts interface {
	// RollOut looks at the next page, and says how long to wait before the one after.
	RollOut(ctx context.Context, id runs.RolloutID) (r runs.Rollout, pause time.Duration, err error)
}
