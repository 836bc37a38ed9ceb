package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// RunID names a run: a UUIDv7 in lower case.
type RunID string

// Trigger says what led to a run.
type Trigger string

// The triggers.
const (
	TriggerEvent    Trigger = "event"
	TriggerTime     Trigger = "time"
	TriggerManual   Trigger = "manual"
	TriggerConsider Trigger = "consider"
	TriggerUndo     Trigger = "undo" // somebody takes back what another run did
)

// ByHand tells whether a person asks for such runs: they count against no limit.
func (t Trigger) ByHand() bool { return t == TriggerManual || t == TriggerUndo }

// RunState says how far a run is.
type RunState string

// The states of a run. Only one that is asked for by hand is ever Asked.
const (
	RunAsked   RunState = "asked"
	RunDone    RunState = "done"
	RunFailed  RunState = "failed"  // an action failed in a way that waiting cannot heal
	RunRefused RunState = "refused" // a manual run that may not be, with the reason
	RunSkipped RunState = "skipped" // a due time came and did not lead to a run, with the reason
	RunLimited RunState = "limited" // its mail might not go, and so none of its actions was done; with the reason
)

// Reasons why a due time did not lead to a run.
const (
	SkipConditionsChanged = "conditions_changed"
	SkipEpisodeMoved      = "episode_moved"
	SkipWorkflowOff       = "workflow_off"
	SkipConversationGone  = "conversation_gone"
	SkipTooLate           = "too_late"
	SkipMaxRuns           = "max_runs"
	SkipPaused            = "paused"
)

// SkipSentence says in words why a due time did not lead to a run.
func SkipSentence(reason string) string {
	switch reason {
	case SkipConditionsChanged:
		return "its conditions no longer held when its time came"
	case SkipEpisodeMoved:
		return "what it counted from had changed when its time came"
	case SkipWorkflowOff:
		return "it was switched off, or the conversation was in another mailbox, when its time came"
	case SkipConversationGone:
		return "the conversation was deleted when its time came"
	case SkipTooLate:
		return "its time had passed for longer than too_late_after allows"
	case SkipMaxRuns:
		return "it had run as often as it may (max_runs)"
	case SkipPaused:
		return "it was paused when its time came"
	default:
		return reason
	}
}

// Run is one use of one version on one conversation, for one cause.
type Run struct {
	ID             RunID
	ConversationID conversation.ID
	MailboxID      conversation.MailboxID
	DefinitionID   DefinitionID
	VersionID      VersionID
	VersionNumber  int
	Name           string // the workflow's, at that time
	Mode           Mode
	MayRunAway     bool // see Definition.MayRunAway; it is not kept
	Trigger        Trigger
	State          RunState
	Reason         string
	Actor          conversation.Actor // of a run by hand: who asked
	// Undoes is the run that this one takes back; UndoneBy the one that takes this
	// one back, asked for or done. Empty: none.
	Undoes, UndoneBy RunID
	Confirmed        bool               // of a manual run: by who asked, for the version of VersionID
	Seq              int64              // the event that led to it
	Cause            conversation.Cause // of that event, its origin made explicit
	Episodes         []string           // used up by this run
	DueAt            time.Time          // zero: time did not lead to it
	Verdict          Verdict
	Actions          []ActionOutcome
	CreatedAt        time.Time
	FinishedAt       time.Time
}

// RunFilter narrows a list of runs; what is empty does not narrow.
type RunFilter struct {
	State        RunState
	Mode         Mode
	DefinitionID DefinitionID
	From, Before time.Time // From is included, Before is not
}

// ActionState says what became of an action.
type ActionState string

// The states of an action.
const (
	ActionDone      ActionState = "done"
	ActionUnchanged ActionState = "unchanged" // there was nothing to change
	ActionSkipped   ActionState = "skipped"   // with the reason
	ActionQueued    ActionState = "queued"    // a delivery was written; its own state says the rest
	ActionFailed    ActionState = "failed"    // with the reason
	ActionWatched   ActionState = "watched"   // watch mode: it would have been done

	// What becomes of an action that is undone, in the run that undoes it; Unchanged
	// where there was nothing to take back.
	ActionUndone       ActionState = "undone"
	ActionChangedSince ActionState = "changed_since" // something else changed it after the run: that stays
	ActionCannot       ActionState = "cannot"        // with the reason: what was sent is out
	ActionCancelled    ActionState = "cancelled"     // what was to be sent is not sent any more
)

// ActionOutcome is what became of one action of a run.
type ActionOutcome struct {
	Index    int
	Do       string
	State    ActionState
	Reason   string
	Sentence string   // the action in words
	Delivery []string // ids of the deliveries it wrote
	// Seqs are the events that it made. They are not kept with the run: an event
	// names its run.
	Seqs []int64
}

// Step is what one call of Advance changes, written all or nothing.
type Step struct {
	// Conversation is the working copy after everything; HandledSeq and LastSeq
	// included.
	Conversation conversation.Conversation
	Events       []conversation.Event
	Messages     []conversation.Message
	Runs         []Run
	Dues         []Due
	PassedOver   []PassedOver
	// Done says that nothing is left to handle: the outbox row may go.
	Done bool
	// Erase, when not empty, is the run that deleted the conversation for ever: a
	// tombstone is left of it. Such a step is Done.
	Erase RunID
}
