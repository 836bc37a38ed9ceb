package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// DefinitionID names what users call a workflow: a UUIDv7 in lower case.
type DefinitionID string

// VersionID names one immutable version of a definition.
type VersionID string

// Type says what makes a workflow run.
type Type string

// The types.
const (
	TypeAutomatic Type = "automatic" // events and time
	TypeManual    Type = "manual"    // an agent; conditions are not looked at
)

// Mode says what a workflow may do.
type Mode string

// The modes. Watch decides and records, and does nothing.
const (
	ModeOff   Mode = "off"
	ModeWatch Mode = "watch"
	ModeOn    Mode = "on"
)

// Limits of a definition.
const (
	MaxNameLength = 75   // characters
	DefaultRuns   = 1    // runs per conversation
	MaxRunsLimit  = 1000 // the most that max_runs may say
	// DefaultReplies and MaxReplies bound replies_per_hour.
	DefaultReplies = 1
	MaxReplies     = 60
)

// Definition is a workflow as its author writes it. Decode makes one from JSON
// or YAML, Compile checks it.
type Definition struct {
	Name           string
	Type           Type
	MaxRuns        int  // per conversation; manual runs do not count
	ApplyToEarlier bool // also conversations created before it was first switched on
	// RepliesPerHour is how many runs within an hour may write to one customer,
	// about any conversation; manual runs do not count. 0 is the default.
	RepliesPerHour int
	// TooLateAfter is by how much a due time may be missed (an outage, a change of
	// the workflow) and still lead to a run; later than that it is skipped. 0: it is
	// never too late.
	TooLateAfter time.Duration
	// Confirm says whether who runs a manual workflow must confirm it; nil: by what
	// it does, see NeedsConfirmation.
	Confirm    *bool
	Notes      string
	Conditions []Group // all must hold
	Actions    []Action
	// Tests are examples that it must live up to when it is published.
	Tests []Test
}

// TooLate reports whether a due time is looked at too late at now.
func (d Definition) TooLate(due, now time.Time) bool {
	return d.TooLateAfter > 0 && now.Sub(due) > d.TooLateAfter
}

// Group holds when any of its conditions holds.
type Group struct{ Any []Condition }

// Condition is one condition. Which of its parts are used is a matter of its field:
// see the table in fields.go.
type Condition struct {
	Field string
	Op    string
	// Value is a string, float64, bool, or a []any of them, as decoded.
	Value any
	// From and To narrow an event condition (moved here, changed).
	From, To string
}

// Action is one thing to do. Which of its parts are used is a matter of Do: see
// the table in actions.go.
type Action struct {
	Do      string
	Tags    []string          // add_tags, remove_tags
	Status  string            // set_status
	To      []string          // assign: one, a user id or a word (PersonWords); notify: some; forward: addresses
	Mailbox string            // move: mailbox id
	Subject string            // email, notify: template
	Body    string            // reply, email, note, notify: template
	URL     string            // webhook
	Method  string            // webhook: POST (default), PUT, PATCH
	Headers map[string]string // webhook
	JSON    any               // webhook: body as a tree whose strings are templates
	Event   string            // webhook: event name
	Until   string            // snooze: a duration, or an instant of RFC 3339
	Cc, Bcc []string          // forward: addresses
	User    string            // follow, unfollow: a user id or a word (PersonWords)
	// Among narrows an assign to round_robin to these users; none: all members of
	// the mailbox.
	Among []string
	// OnlyIfAvailable passes over users who are not available.
	OnlyIfAvailable bool
	// Endpoint is the name of a webhook endpoint, instead of URL.
	Endpoint string
	Field    string // set_field: the name of a custom field
	Value    string // set_field: template for texts; empty takes the value away
	As       string // reply, email, note: AsAgent, or empty for the Workflow user
}

// Version is an immutable published snapshot of a definition, with what a
// conversation needs to know of its life.
type Version struct {
	ID           VersionID
	DefinitionID DefinitionID
	Number       int
	MailboxID    conversation.MailboxID
	Position     int // order within the mailbox
	Mode         Mode
	Paused       bool // everywhere
	// SwitchedOnAt is when the workflow was first switched on: conversations
	// created before are left alone unless ApplyToEarlier. Zero: never.
	SwitchedOnAt time.Time
	// SwitchedWatchAt is the same for watch mode.
	SwitchedWatchAt time.Time
	Definition      Definition
}
