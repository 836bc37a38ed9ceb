package automation

import "github.com/smarticks/smarticks/conversation"

// Told is the history of one conversation: what happened to it, and what the
// workflows did on it.
type Told struct {
	// Now is the conversation as it is today.
	Now conversation.Conversation
	// Events are all of them, in seq order.
	Events []conversation.Event
	// Messages are those that the events name, by kind and machine only.
	Messages map[conversation.MessageID]conversation.Message
	// Runs are those of all workflows, the oldest first.
	Runs []ToldRun
}

// ToldRun is a run that was made, without its reasons and its actions.
type ToldRun struct {
	Run
	// Stopped says that no later workflow saw the event.
	Stopped bool
	// Before says that its workflow stands before the one that is asked about.
	Before bool
}

// Happened tells whether the run is one that counts: the conditions held and the
// workflow was on, by itself.
func (r ToldRun) Happened() bool {
	return r.Mode == ModeOn && !r.Trigger.ByHand() && (r.State == RunDone || r.State == RunFailed)
}

// SawLater tells whether the run saw the conversation with what happened to it after
// the event, or the due time, that led to the run: somebody was quicker than the
// workflow was.
func (t Told) SawLater(r ToldRun) bool {
	led := make(map[string]bool) // the runs on the same event
	for _, other := range t.Runs {
		if other.Seq == r.Seq {
			led[string(other.ID)] = true
		}
	}
	for _, ev := range t.Events {
		switch {
		case !ev.At.Before(r.CreatedAt) || led[ev.Cause.Run] || ev.Kind == conversation.KindDue:
		case r.Trigger == TriggerTime && ev.At.After(r.DueAt) && ev.Seq < r.Seq:
			return true
		case r.Trigger != TriggerTime && ev.Seq > r.Seq && ev.Cause.Run == "":
			return true
		}
	}
	return false
}

// Used is what the workflow used up on the conversation, in the mode, by those of its
// runs that count.
func (t Told) Used(id DefinitionID, mode Mode, counts func(ToldRun) bool) Used {
	u := Used{Episodes: map[string]bool{}, Origins: map[int64]bool{}}
	for _, r := range t.Runs {
		if r.DefinitionID != id || r.Mode != mode || r.Trigger == TriggerManual || !counts(r) {
			continue
		}
		for _, e := range r.Episodes {
			u.Episodes[e] = true
		}
		if r.State == RunDone || r.State == RunFailed {
			if r.Trigger != TriggerUndo { // which is no run of its workflow: see History.Count
				u.Runs++
			}
			u.Origins[r.Cause.Origin] = true
		}
		if r.State == RunLimited {
			u.Origins[r.Cause.Origin] = true
		}
	}
	return u
}
