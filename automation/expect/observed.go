package expect

import (
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// World is what a workflow's tests are done in: its mailbox as it is now.
type World struct {
	// Around is what stands around a conversation of the mailbox, but for the
	// customer.
	Around conversation.Surroundings
	// Mailboxes are those that the author may name, its own among them.
	Mailboxes []conversation.Mailbox
	Users     []conversation.User
	// Own are the addresses of all mailboxes, in lower case.
	Own []string
	// Names says the names of what the definition refers to.
	Names automation.Names
}

// ID finds a user or a mailbox by its id or its address.
func (w World) ID(kind, name string) string {
	same := func(id, address string) bool { return name == id || strings.EqualFold(name, address) }
	if kind == automation.RefMailbox {
		for _, m := range w.Mailboxes {
			if same(string(m.ID), m.Email) {
				return string(m.ID)
			}
		}
		return ""
	}
	for _, u := range w.Users {
		if same(string(u.ID), u.Email) {
			return string(u.ID)
		}
	}
	return ""
}

// Address is the address of a user or a mailbox by its id; where there is none, it is
// the id.
func (w World) Address(kind, id string) string {
	for _, u := range w.Users {
		if kind == automation.RefUser && string(u.ID) == id {
			return u.Email
		}
	}
	if m, ok := w.Mailbox(conversation.MailboxID(id)); ok && kind == automation.RefMailbox {
		return m.Email
	}
	return id
}

// Mailbox is the mailbox of the id among those that may be named.
func (w World) Mailbox(id conversation.MailboxID) (conversation.Mailbox, bool) {
	i := slices.IndexFunc(w.Mailboxes, func(m conversation.Mailbox) bool { return m.ID == id })
	if i < 0 {
		return conversation.Mailbox{}, false
	}
	return w.Mailboxes[i], true
}

// ObservedStep is what a step of a test came to.
type ObservedStep struct {
	// Do is the kind of step, Sentence the step in words.
	Do       string
	Sentence string
	// At is when it was over, Since how long after the first step.
	At    time.Time
	Since time.Duration
	Runs  []ObservedRun
	// Why says why the workflow does not run now, whatever it did before.
	Why string
}

// Ran reports whether the workflow ran at the step.
func (s ObservedStep) Ran() bool {
	return slices.ContainsFunc(s.Runs, func(r ObservedRun) bool { return r.State == automation.RunDone || r.State == automation.RunFailed })
}

// ObservedRun is one run in a test.
type ObservedRun struct {
	runs.Run
	// Spread is by how much its due time was moved: see MaxSpread.
	Spread time.Duration
	// Done are its actions as they were done, with what the variables came to; as
	// long as Run.Actions.
	Done []automation.Action
}

// Observed is what a test came to.
type Observed struct {
	Start time.Time
	Zone  *time.Location
	Steps []ObservedStep
	// Conversation is how it is at the end, Fields the custom fields of the mailbox
	// where it is then.
	Conversation conversation.Conversation
	Fields       []conversation.Field
	// Explanation is that of the end, as if nothing had run.
	Explanation explain.Explanation
	// Program is the workflow under test.
	Program *automation.Program
	// ID looks up a user (RefUser) or a mailbox (RefMailbox) by id or address; empty:
	// there is none.
	ID func(kind, name string) string
	// Address is the address of a user or a mailbox by its id; Names are their names.
	Address func(kind, id string) string
	Names   automation.Names
}

// observedRun is a run with the step that led to it, from 0.
type observedRun struct {
	ObservedRun
	step int
}

// runs lists all runs in their order.
func (o Observed) runs() []observedRun {
	var list []observedRun
	for i, s := range o.Steps {
		for _, r := range s.Runs {
			list = append(list, observedRun{r, i})
		}
	}
	return list
}

// happened reports whether the run is one: a due time that led to none, or a run that
// was refused, is not.
func (r observedRun) happened() bool {
	return r.State == automation.RunDone || r.State == automation.RunFailed
}

// observedAction is one action of one of the runs.
type observedAction struct {
	runs.ActionOutcome
	as  automation.Action // as it was done
	run observedRun
}

// actions lists the actions of all runs in their order.
func (o Observed) actions() []observedAction {
	var list []observedAction
	for _, r := range o.runs() {
		for i, a := range r.Actions {
			list = append(list, observedAction{a, r.Done[i], r})
		}
	}
	return list
}

// did reports whether the action did something.
func (a observedAction) did() bool {
	return slices.Contains([]automation.ActionState{automation.ActionDone, automation.ActionQueued}, a.State)
}
