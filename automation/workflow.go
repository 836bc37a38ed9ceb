package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Workflow is a definition as it is kept: the draft that its author edits, its
// place in the mailbox, and what is published of it.
type Workflow struct {
	ID        DefinitionID
	MailboxID conversation.MailboxID
	// Position counts from 1, without gaps, within the mailbox.
	Position int
	Mode     Mode
	Draft    Definition
	// VersionID and Version name the published version; empty and 0 before the
	// first.
	VersionID VersionID
	Version   int
	// Changed says that the draft is not what is published.
	Changed bool
	// SwitchedOnAt and SwitchedWatchAt are when the mode was first on or watch;
	// zero: never.
	SwitchedOnAt    time.Time
	SwitchedWatchAt time.Time
	// OffReason is why it was switched off by itself; empty when a person did it.
	OffReason string
	// PausedAt is since when it is paused everywhere, zero when it is not.
	PausedAt     time.Time
	PausedReason string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	// Revision counts the changes of the draft, the mode and what is published.
	Revision int64
	// Names says the names of the users and mailboxes that the draft refers to.
	Names Names
	// Warnings is filled where the draft or its place was changed.
	Warnings []CheckFinding
}

// WorkflowPatch says what to change of a record; nil leaves it as it is.
type WorkflowPatch struct {
	Mode *Mode
	// Position is the place in the mailbox's order, from 1. Past the end is the
	// end.
	Position *int
}

// Published is a version with who made it and when.
type Published struct {
	ID           VersionID
	DefinitionID DefinitionID
	MailboxID    conversation.MailboxID
	Number       int
	Body         Definition
	AuthorID     string
	CreatedAt    time.Time
	// Names is like that of Record.
	Names Names
}

// Severity says what becomes of a workflow with a finding.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // it is refused
	SeverityWarning Severity = "warning" // it is saved, and its author is told
)

// CheckFinding is what a check has to say of a workflow that compiles: see package
// check.
type CheckFinding struct {
	ID       string // of the check
	Severity Severity
	Workflow DefinitionID // in which it is; empty for one that is not stored
	Path     string       // where: actions[1]; empty for the whole
	Message  string
	// Others are the other workflows that it is about.
	Others []DefinitionID
}

// Sentences says the whole definition in words, one sentence for each group and
// each action: "if the subject contains …", "and the status is active", "then add
// the tag …", one for a confirmation that is asked for or not, and one for when it is too late.
func (d Definition) Sentences(names Names) []string {
	out := make([]string, 0, len(d.Conditions)+len(d.Actions))
	for i, g := range d.Conditions {
		word := "and "
		if i == 0 {
			word = "if "
		}
		out = append(out, word+g.Sentence(names))
	}
	for _, a := range d.Actions {
		out = append(out, "then "+a.Sentence(names))
	}
	switch {
	case d.Confirm == nil:
	case *d.Confirm:
		out = append(out, "who runs it must confirm it first")
	default:
		out = append(out, "who runs it need not confirm it")
	}
	if d.TooLateAfter > 0 {
		out = append(out, "not when its time passed more than "+durationWords(FormatDuration(d.TooLateAfter))+" ago")
	}
	return out
}

// SwitchedAt is when the mode that it has was first switched to.
func (r Workflow) SwitchedAt() time.Time {
	switch r.Mode {
	case ModeOn:
		return r.SwitchedOnAt
	case ModeWatch:
		return r.SwitchedWatchAt
	default:
		return time.Time{}
	}
}
