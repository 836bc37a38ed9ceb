package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// PassedOver is an event that a workflow did not look at, because it was paused: one
// that it would have been held against. Whoever resumes it can have it made up for.
type PassedOver struct {
	// ID is its place in the list, the oldest first.
	ID             int64
	ConversationID conversation.ID
	Number         int64 // the conversation's
	DefinitionID   automation.DefinitionID
	Seq            int64 // the event
	Kind           conversation.Kind
	// EventAt is when it happened, At when it was passed over.
	EventAt, At time.Time
	// MadeUpAt is when the workflow was asked to look at it after all; zero: not yet.
	MadeUpAt time.Time
}

// Sentence says what became of it.
func (p PassedOver) Sentence() string {
	if p.MadeUpAt.IsZero() {
		return "it was paused when this event was handled, at " + automation.Stamp(p.At) +
			", and passed it over; this was not made up for (make_up)"
	}
	return "it was paused when this event was handled, at " + automation.Stamp(p.At) + ", and passed it over; this was made up for at " +
		automation.Stamp(p.MadeUpAt)
}
