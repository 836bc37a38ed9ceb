package automation

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

// ByHand reports whether a person asks for such runs: they count against no limit.
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
	ActionCancelled    ActionState = "cancelled"     // what was to be sent is not sent any longer
)

// FailingAttention is how the call for attention begins that a workflow of the name
// makes where it fails: it ends when the workflow runs well there, or is changed.
func FailingAttention(name string) string { return "the workflow “" + name + "” failed" }
