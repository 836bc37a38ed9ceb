package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

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
	return r.Mode == ModeOn && r.Trigger != TriggerManual && (r.State == RunDone || r.State == RunFailed)
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

// UsedBefore is what the workflow used up on the conversation before the instant.
func (t Told) UsedBefore(id DefinitionID, at time.Time) (runs int, origins []int64, episodes []string) {
	for _, r := range t.Runs {
		if r.DefinitionID != id || r.Mode != ModeOn || r.Trigger == TriggerManual || !r.CreatedAt.Before(at) {
			continue
		}
		episodes = append(episodes, r.Episodes...)
		if r.Happened() {
			runs, origins = runs+1, append(origins, r.Cause.Origin)
		}
	}
	return runs, origins, episodes
}
