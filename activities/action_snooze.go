package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// snooze puts the conversation away until an instant. It comes back by an entry
// of its own in the due list.
func snooze(_ context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	until, ok := automation.SnoozeUntil(a.Until, s.now)
	switch {
	case !ok:
		return failed("the end of the snooze cannot be read"), nil
	case !until.After(s.now):
		return skipped("the snooze would have ended already"), nil
	case s.conv.Status == conversation.StatusClosed || s.conv.Status == conversation.StatusSpam:
		return skipped("a conversation that is closed or spam is not snoozed"), nil
	}
	return changed(s.editor.Snooze(until)), nil
}

// snoozeDue is what the due list says of the end of a snooze: it belongs to no
// workflow.
func (x *advance) snoozeDue() (due automation.Due, ok bool) {
	return automation.Due{At: x.conv.SnoozedUntil}, !x.conv.SnoozedUntil.IsZero()
}

// wake ends the snooze whose time came. One that was moved or ended meanwhile has
// another entry, or none.
func (x *advance) wake(due automation.Due) {
	if !x.conv.SnoozedUntil.Equal(due.At) {
		return
	}
	ed := conversation.Edit(&x.conv, conversation.Actor{Kind: conversation.ActorSystem}, conversation.Cause{}, x.now)
	ed.Wake()
	x.record(ed.Events())
}
