package runs

import (
	"fmt"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// PauseKind says what paused a workflow.
type PauseKind string

// The kinds of pause. PauseWorkflow is for all conversations, the others are
// for one.
const (
	PauseFailed   PauseKind = "failed"        // it failed in a way that waiting cannot heal
	PauseRuns     PauseKind = "runs"          // the workflow's runs on the conversation
	PauseAllRuns  PauseKind = "all_runs"      // all workflows' runs on the conversation
	PauseMails    PauseKind = "mails"         // automatic mails to the customer; of earlier releases
	PauseWorkflow PauseKind = "workflow_runs" // the workflow's runs on all conversations
)

// Pause keeps a workflow from running until somebody resumes it.
type Pause struct {
	ConversationID conversation.ID // empty: everywhere
	Number         int64           // the conversation's
	DefinitionID   automation.DefinitionID
	Kind           PauseKind
	// Reason says in words which limit was reached.
	Reason string
	// Path lists the workflows whose runs led here, first to last.
	Path []string
	// Tell says that admins have not been told of this breach yet.
	Tell bool
	At   time.Time
}

// Breach reports whether one more run of the workflow on this conversation would
// break a limit of the conversation, and which.
func (h Usage) Breach(id automation.DefinitionID, limits conversation.Limits) (Pause, bool) {
	limits = limits.OrDefault()
	switch {
	case h.Recent.runs[id] >= limits.WorkflowHere:
		return h.pause(id, PauseRuns, fmt.Sprintf("it ran %s on this conversation within an hour, which is the limit "+
			"(runs_per_workflow_and_conversation)",
			automation.Times(h.Recent.runs[id]))), true
	case h.Recent.all >= limits.Here:
		return h.pause(id, PauseAllRuns, fmt.Sprintf("all workflows together ran %s on this conversation within an hour, which is the limit "+
			"(runs_per_conversation)",
			automation.Times(h.Recent.all))), true
	}
	return Pause{}, false
}

// pause makes a pause; admins are told of the first of its kind here.
func (h Usage) pause(id automation.DefinitionID, kind PauseKind, reason string) Pause {
	p := Pause{DefinitionID: id, Kind: kind, Reason: reason, Tell: true}
	for other, open := range h.paused {
		// A workflow's own runs are its own breach; the others are the conversation's.
		if open.Kind == kind && (kind != PauseRuns || other == id) {
			p.Tell = false
		}
	}
	return p
}
