package automation

import (
	"fmt"
	"reflect"
	"time"

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
	DefinitionID DefinitionID // empty: all of the mailbox
	VersionID    VersionID
	Version      int
	Name         string // the workflow's
	Reason       string
	// Consider says that each conversation is held against the workflow as if
	// something had happened; else only its due times are made anew.
	Consider bool
	// MakeUp says that it goes through the events that the workflow passed over while it
	// was paused: each is held against it. Total and Looked count events then.
	MakeUp bool
	// Since leaves out conversations that began before; zero: none.
	Since  time.Time
	State  RolloutState
	Total  int // -1: not counted yet
	Looked int
	Actor  conversation.UserID

	CreatedAt, UpdatedAt, FinishedAt time.Time
}

// Final tells whether nothing more comes of it.
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

// MayBeDueEarlier tells whether a conversation that waits may be due earlier by the
// definition after than by the one before: by a new or shorter date row, or by
// anything else that the conditions demand less of. When in doubt it is true. Before
// nil means that there was none in force.
func MayBeDueEarlier(before *Definition, after Definition) bool {
	p, _ := Compile(after)
	if p == nil || !p.HasDates() {
		return false
	}
	if before == nil || after.MaxRuns > before.MaxRuns || after.ApplyToEarlier && !before.ApplyToEarlier ||
		after.TooLateAfter != before.TooLateAfter || len(before.Conditions) != len(after.Conditions) {
		return true
	}
	for g := range after.Conditions {
		if len(before.Conditions[g].Any) != len(after.Conditions[g].Any) {
			return true
		}
		for r := range after.Conditions[g].Any {
			was, is := before.Conditions[g].Any[r], after.Conditions[g].Any[r]
			if !reflect.DeepEqual(was, is) && !longer(was, is) {
				return true
			}
		}
	}
	return false
}

// longer tells whether a row only asks for more time to pass than it did.
func longer(was, is Condition) bool {
	if was.Field != is.Field || was.Op != is.Op || is.Op != "longer_than" && is.Op != "not_in_the_last" {
		return false
	}
	before, isText := was.Value.(string)
	after, areTexts := is.Value.(string)
	if !isText || !areTexts {
		return false
	}
	from, wrong := ParseSpan(before)
	to, alsoWrong := ParseSpan(after)
	return wrong == "" && alsoWrong == "" && from.Business == to.Business && from.BusinessDays <= to.BusinessDays &&
		(from.BusinessDays > 0) == (to.BusinessDays > 0) && from.Clock <= to.Clock
}
