package automation

import (
	"slices"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Definition returns what the program was compiled from.
func (p *Program) Definition() Definition { return clone(p.definition) }

// HasDates reports whether time alone may make the conditions hold: whether there
// is anything to ask Dues for.
func (p *Program) HasDates() bool {
	return p.definition.Type == TypeAutomatic && slices.ContainsFunc(p.times, func(r *row) bool { return !r.narrows() })
}

// LooksAtDeleted reports whether the workflow may look at conversations that are
// deleted or drafts: only one with a condition on state does.
func (p *Program) LooksAtDeleted() bool { return p.names(fieldState) }

// LooksAt reports whether the workflow looks at the conversation at all.
func (p *Program) LooksAt(c conversation.Conversation) bool {
	return c.State == conversation.StatePublished || p.LooksAtDeleted()
}

// Listens reports whether the event makes the workflow a candidate in the mailbox
// where it happened: by the kind of event, not by its values. Every condition listens
// to a conversation's first message; a move is listened to by "moved here" conditions
// only. An event at the end of a chain of runs (conversation.MaxDepth) makes
// nobody a candidate, and no event does for a manual workflow.
//
// Due times, considerations and manual runs name their workflow: whom they are
// about is not asked here, and the answer is no.
func (p *Program) Listens(e conversation.Event) bool {
	if p.definition.Type != TypeAutomatic || e.Cause.Depth >= conversation.MaxDepth {
		return false
	}
	return e.First || p.listens[e.Kind]
}

// names reports whether a condition is on the field.
func (p *Program) names(field string) bool {
	return slices.ContainsFunc(p.groups, func(g group) bool {
		return slices.ContainsFunc(g.rows, func(r *row) bool { return r.condition.Field == field })
	})
}

// PatternWork is what the program's patterns cost on a text each time that they look
// at it, counted as MaxPatternWork counts.
func (p *Program) PatternWork(s string) int {
	t, work := (*match.Text)(nil).Or(s), 0
	for _, g := range p.groups {
		for _, r := range g.rows {
			if re := r.operand.pattern; re != nil && (re.Literals == nil || match.HasAny(t.SimpleFold(), re.Literals)) {
				work += len(t.Raw) * re.Steps
			}
		}
	}
	return work
}

// Needs says what a program looks at beyond what every event comes with, so that
// the caller loads no more than that.
type Needs uint8

// What a program may need of the facts.
const (
	NeedsBodies     Needs = 1 << iota // the recent customer messages where the event has no message
	NeedsMails                        // the recent customer messages where the event's message is no customer's
	NeedsHeaders                      // the header fields of customer messages
	NeedsFiles                        // the files of messages
	NeedsNotes                        // the recent notes where the event's message is none
	NeedsRecipients                   // the last message where the event's has no recipients
)

// Needs says what the program looks at. Dues looks at the facts without an
// event: a program that HasDates needs all of it then.
func (p *Program) Needs() Needs { return p.needs }

// Any reports whether one of them is needed.
func (n Needs) Any(of Needs) bool { return n&of != 0 }
