package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// deleteForever deletes the conversation and lets the call end with it: no later
// workflow sees it, and with the commit its content is gone.
func deleteForever(_ context.Context, s *acting, _ automation.Action, _ int) (runs.ActionOutcome, error) {
	s.editor.SetState(conversation.StateDeleted)
	s.stop, s.erased = true, s.run.ID
	return done, nil
}

// erase writes what the call did, and that only a tombstone is to be left of the
// conversation. Endpoints are told of what no workflow looks at any longer.
func (x *advance) erase(ctx context.Context) error {
	for _, h := range x.queue {
		x.tell(h)
	}
	x.queue, x.dues = nil, nil
	x.conv.HandledSeq = x.conv.LastSeq
	x.step.Dues = []automation.Due{}
	x.step.Done, x.step.Erase = true, x.erased
	return x.flush(ctx)
}
