package runs

import (
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// History is the history of one conversation: what happened to it, and what the
// workflows did on it.
type History struct {
	// Now is the conversation as it is today.
	Now conversation.Conversation
	// Events are all of them, in seq order.
	Events []conversation.Event
	// Messages are those that the events name, by kind and machine only.
	Messages map[conversation.MessageID]conversation.Message
	// Runs are those of all workflows, the oldest first.
	Runs []Past
}

// Past is a run that was made, without its reasons and its actions.
type Past struct {
	Run
	// Stopped says that no later workflow saw the event.
	Stopped bool
	// Before says that its workflow stands before the one that is asked about.
	Before bool
}

// Happened reports whether the run is one that counts: the conditions held and the
// workflow was on, by itself.
func (r Past) Happened() bool {
	return r.Mode == automation.ModeOn && !r.Trigger.ByHand() && (r.State == automation.RunDone || r.State == automation.RunFailed)
}

// SawLater reports whether the run saw the conversation with what happened to it after
// the event, or the due time, that led to the run: somebody was quicker than the
// workflow was.
func (t History) SawLater(r Past) bool {
	led := make(map[string]bool) // the runs on the same event
	for _, other := range t.Runs {
		if other.Seq == r.Seq {
			led[string(other.ID)] = true
		}
	}
	for _, ev := range t.Events {
		switch {
		case !ev.At.Before(r.CreatedAt) || led[ev.Cause.Run] || ev.Kind == conversation.KindDue:
		case r.Trigger == automation.TriggerTime && ev.At.After(r.DueAt) && ev.Seq < r.Seq:
			return true
		case r.Trigger != automation.TriggerTime && ev.Seq > r.Seq && ev.Cause.Run == "":
			return true
		}
	}
	return false
}

// Used is what the workflow used up on the conversation, in the mode, by those of its
// runs that count.
func (t History) Used(id automation.DefinitionID, mode automation.Mode, counts func(Past) bool) automation.Used {
	u := automation.Used{Episodes: map[string]bool{}, Origins: map[int64]bool{}}
	for _, r := range t.Runs {
		if r.DefinitionID != id || r.Mode != mode || r.Trigger == automation.TriggerManual || !counts(r) {
			continue
		}
		for _, e := range r.Episodes {
			u.Episodes[e] = true
		}
		if r.State == automation.RunDone || r.State == automation.RunFailed {
			if r.Trigger != automation.TriggerUndo { // which is no run of its workflow: see History.Count
				u.Runs++
			}
			u.Origins[r.Cause.Origin] = true
		}
		if r.State == automation.RunLimited {
			u.Origins[r.Cause.Origin] = true
		}
	}
	return u
}
