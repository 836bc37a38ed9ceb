package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
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
	ID             automation.RunID
	ConversationID conversation.ID
	MailboxID      conversation.MailboxID
	DefinitionID   automation.DefinitionID
	VersionID      automation.VersionID
	VersionNumber  int
	Name           string // the workflow's, at that time
	Mode           automation.Mode
	MayRunAway     bool // see Definition.MayRunAway; it is not kept
	Trigger        automation.Trigger
	State          automation.RunState
	Reason         string
	Actor          conversation.Actor // of a run by hand: who asked
	// Undoes is the run that this one takes back; UndoneBy the one that takes this
	// one back, asked for or done. Empty: none.
	Undoes, UndoneBy automation.RunID
	Confirmed        bool               // of a manual run: by who asked, for the version of VersionID
	Seq              int64              // the event that led to it
	Cause            conversation.Cause // of that event, its origin made explicit
	Episodes         []string           // used up by this run
	DueAt            time.Time          // zero: time did not lead to it
	Verdict          automation.Verdict
	Actions          []ActionOutcome
	CreatedAt        time.Time
	FinishedAt       time.Time
}

// Filter narrows a list of runs; what is empty does not narrow.
type Filter struct {
	State        automation.RunState
	Mode         automation.Mode
	DefinitionID automation.DefinitionID
	From, Before time.Time // From is included, Before is not
}

// ActionOutcome is what became of one action of a run.
type ActionOutcome struct {
	Index    int
	Do       string
	State    automation.ActionState
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
	Dues         []automation.Due
	PassedOver   []PassedOver
	// Done says that nothing is left to handle: the outbox condition may go.
	Done bool
	// Erase, when not empty, is the run that deleted the conversation permanently: a
	// tombstone is left of it. Such a step is Done.
	Erase automation.RunID
}

// Asked is what came of asking for a manual run on one of several conversations.
type Asked struct {
	ConversationID conversation.ID
	Run            Run   // when Err is nil
	Err            error // why it may not be
}

// actionWords says what became of an action.
var actionWords = map[automation.ActionState]string{
	automation.ActionDone:      "done",
	automation.ActionUnchanged: "nothing to change",
	automation.ActionSkipped:   "skipped",
	automation.ActionQueued:    "on its way",
	automation.ActionFailed:    "failed",
	automation.ActionWatched:   "not done, its mode is watch",

	automation.ActionUndone:       "undone",
	automation.ActionChangedSince: "not undone",
	automation.ActionCannot:       "not undone",
	automation.ActionCancelled:    "cancelled",
}

// Words says an action with what became of it: add the tag "refund": done.
func (o ActionOutcome) Words() string {
	words := o.Sentence + ": " + actionWords[o.State]
	if o.Reason != "" && o.State != automation.ActionUnchanged {
		words += ", " + o.Reason
	}
	return words
}
