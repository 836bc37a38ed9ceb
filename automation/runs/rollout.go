package runs

import (
	"fmt"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// RolloutID names a rollout: a UUIDv7 in lower case.
type RolloutID string

// RolloutState says how far a rollout is.
type RolloutState string

// The states of a rollout. Cancelled and done are its end.
const (
	RolloutRunning   RolloutState = "running"
	RolloutPaused    RolloutState = "paused"
	RolloutCancelled RolloutState = "cancelled" // by somebody, or by a newer one of the same workflow
	RolloutDone      RolloutState = "done"
)

// Why there is a rollout.
const (
	RolloutPublished = "published"
	RolloutSwitched  = "switched"
	RolloutResumed   = "resumed"
	RolloutClock     = "clock" // the mailbox's hours, time zone or folders
)

// Rollout is a change that goes through the conversations of a mailbox.
type Rollout struct {
	ID           RolloutID
	MailboxID    conversation.MailboxID
	DefinitionID automation.DefinitionID // empty: all of the mailbox
	VersionID    automation.VersionID
	Version      int
	Name         string // the workflow's
	Reason       string
	// Consider says that each conversation is compared with the workflow as if
	// something had happened; else only its due times are made again.
	Consider bool
	// MakeUp says that it goes through the events that the workflow passed over while it
	// was paused: each is compared with it. Total and Looked count events then.
	MakeUp bool
	// Since leaves out conversations that began before; zero: none.
	Since  time.Time
	State  RolloutState
	Total  int // -1: not counted yet
	Looked int
	Actor  conversation.UserID

	CreatedAt, UpdatedAt, FinishedAt time.Time
}

// Final reports whether nothing more comes of it.
func (s RolloutState) Final() bool { return s == RolloutCancelled || s == RolloutDone }

// RolloutPreview is what publishing a workflow would go through.
type RolloutPreview struct {
	Needed bool // false: nobody has to be looked at, the next event sees the new version
	Looks  int  // conversations
	// DueNow is how many of them would be due at once; of those that were Asked, the
	// newest.
	DueNow int
	Asked  int
}

// Sentence says the preview in words.
func (p RolloutPreview) Sentence() string {
	switch {
	case !p.Needed:
		return "no conversation has to be looked at"
	case p.Asked < p.Looks:
		return fmt.Sprintf("would look at %d conversations; of the newest %d, %d are due now", p.Looks, p.Asked, p.DueNow)
	default:
		return fmt.Sprintf("would look at %d conversations, %d are due now", p.Looks, p.DueNow)
	}
}
