package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// overBudget reports whether one more run of the workflow would break a limit of
// the conversation; then it is paused here. In watch mode nothing is done, and so
// nothing is limited.
func (x *advance) overBudget(ctx context.Context, v automation.Version, cause conversation.Cause) (bool, error) {
	if v.Mode != automation.ModeOn {
		return false, nil
	}
	p, over := x.history.Breach(v.DefinitionID, x.around.Limits)
	if !over {
		return false, nil
	}
	p.Path = slices.Clone(cause.Path)
	return true, x.breach(ctx, p)
}

// breach pauses the workflow here for a limit that it reached.
func (x *advance) breach(ctx context.Context, p runs.Pause) error {
	x.conv.Call("a workflow reached a limit and is paused here")
	return x.pause(ctx, p)
}

func (x *advance) pause(ctx context.Context, p runs.Pause) error {
	x.history.Pause(p)
	return x.c.Pause(ctx, p)
}
