package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Turn is what a workflow found when an event was handled and its own turn came.
type Turn struct {
	// Seq is the newest event that its conditions saw: what the event brought about, and
	// what runs did before its turn. What people did after the event is taken back.
	Seq int64
	// At is when the event was handled. Known says that a run tells it; else At is the
	// earliest that it can have been, and Until, if not zero, the latest.
	At    time.Time
	Known bool
	Until time.Time
	// ran are the runs that were made before.
	ran map[automation.RunID]bool
}

// After reports whether the run was made before the workflow's turn.
func (t Turn) After(r Past) bool { return t.ran[r.ID] }

// Turn says what the workflow that is asked about found when the event was handled,
// as far as the runs tell.
func (t History) Turn(ev conversation.Event) Turn {
	turn := Turn{Seq: ev.Seq, At: ev.At, ran: map[automation.RunID]bool{}}
	for _, r := range t.Runs {
		switch {
		case r.Trigger.ByHand(): // is kept from when it was asked for
		case r.Seq == ev.Seq, r.firedBefore(ev) && !turn.Known:
			turn.At, turn.Known = r.CreatedAt, true
		case r.Seq < ev.Seq && !turn.Known && r.CreatedAt.After(turn.At):
			turn.At = r.CreatedAt
		case r.Seq > ev.Seq && (turn.Until.IsZero() || r.CreatedAt.Before(turn.Until)):
			turn.Until = r.CreatedAt
		}
	}
	stopped := false
	for _, r := range t.Runs {
		switch {
		case r.Seq < ev.Seq, r.firedBefore(ev) && !r.CreatedAt.After(turn.At):
			turn.ran[r.ID] = true
		case r.Seq == ev.Seq && r.Before && !stopped:
			// What the one that stopped did was never seen.
			if stopped = r.Stopped; !stopped {
				turn.ran[r.ID] = true
			}
		}
	}
	for _, other := range t.Events {
		if other.Seq > turn.Seq && turn.sees(ev, other) {
			turn.Seq = other.Seq
		}
	}
	return turn
}

// sees reports whether the conditions saw an event that came after the one that is handled.
func (t Turn) sees(handled, later conversation.Event) bool {
	return t.ran[automation.RunID(later.Cause.Run)] || later.Cause.Run == "" && later.OriginSeq() == handled.OriginSeq()
}

// Found is the conversation as the conditions saw it in the turn, and what of it is as
// of today.
func (t History) Found(ev conversation.Event, turn Turn) (c conversation.Conversation, unknown []string) {
	r := conversation.NewReplay(t.Now, t.Events, t.Messages)
	for _, other := range t.Events {
		if other.Seq <= ev.Seq || turn.sees(ev, other) {
			r.Happen(other)
		}
	}
	return r.Conversation(), r.Unknown()
}

// firedBefore reports whether the run is one by time that was due before the event, and
// was looked at when the event was handled: due times come first.
func (r Past) firedBefore(ev conversation.Event) bool {
	return r.Trigger == automation.TriggerTime && r.Seq > ev.Seq && !r.DueAt.After(ev.At) && !r.CreatedAt.Before(ev.At)
}
