package automation

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// Effects are what an action does, as far as others than its function must know it:
// checks, undo, confirmation and limits read it here. Each entry of the table of
// actions declares Event, Again, Reach and Undo, also where it does nothing.
type Effects struct {
	// Event is the kind of event that it makes when it changes something; NoEvent: none.
	Event conversation.Kind
	// With is the kind of an event that may come with its own: a move takes the assignee
	// off it who does not see the new mailbox.
	With conversation.Kind
	// Again is what the action does when it is done twice.
	Again Again
	// Reach is who sees of it what cannot be taken back.
	Reach Reach
	// Undo is how it is taken back, and Stays why it is not where nothing can be.
	Undo  UndoWay
	Stays string
	// Ends is what is over after it; empty: nothing.
	Ends Ending
	// Leaves returns what holds after it, as conditions that are true then; nil: nothing
	// that is known before the run.
	Leaves func(Action) []Condition
	// To returns to what the event says that it changed something; nil: to nothing.
	To func(Action) []string
}

// NoEvent says that an action makes no event.
const NoEvent conversation.Kind = "none"

// Again is what an action does when it is done twice.
type Again string

// What a second time does.
const (
	Settles  Again = "settles"  // once is enough: the second time changes nothing more, or something else
	Replaces Again = "replaces" // only the last of its kind counts
	Repeats  Again = "repeats"  // it happens twice
)

// UndoWay is how an action is taken back.
type UndoWay string

// The ways to undo.
const (
	UndoRestores UndoWay = "restores" // what its event changed is as it was
	UndoCancels  UndoWay = "cancels"  // what was not sent yet is not sent
	UndoNothing  UndoWay = "nothing"  // there is nothing to take back
	UndoNever    UndoWay = "never"    // see Stays
)

// Ending is what is over after an action.
type Ending string

// The endings. After each of them no later action of the run is done.
const (
	EndsEvent        Ending = "event"        // no later workflow sees the event
	EndsConversation Ending = "conversation" // there is no conversation any more: it must be the last action
)

// Effects returns what the action does; nothing of a kind that is not known.
func (a Action) Effects() Effects {
	if k := findAction(a.Do); k != nil {
		return k.effects
	}
	return Effects{}
}

// Leaves returns what holds after the action, as conditions that are true then.
func (a Action) Leaves() []Condition {
	if leaves := a.Effects().Leaves; leaves != nil {
		return leaves(a)
	}
	return nil
}

// MailsCustomer reports whether the action writes to the customer.
func (a Action) MailsCustomer() bool { return a.Effects().Reach == ReachCustomer }

// Outside reports whether somebody outside sees of it, or whether it deletes.
func (r Reach) Outside() bool { return r != "" && r != ReachNobody && r != ReachTeam }

// Done returns the actions that a run does: those after one that ends the run never are.
func (d Definition) Done() []Action {
	if i := slices.IndexFunc(d.Actions, func(a Action) bool { return a.Effects().Ends != "" }); i >= 0 {
		return d.Actions[:i+1]
	}
	return d.Actions
}

// AboutMailbox is the field of the one condition of Leaves that no workflow can write.
const AboutMailbox = "mailbox"

// changes are the effects of an action on the conversation alone.
func changes(event conversation.Kind, again Again, leaves func(Action) []Condition) Effects {
	return Effects{Event: event, Again: again, Reach: ReachNobody, Undo: UndoRestores, Leaves: leaves}
}

// sends are the effects of an action that sends something.
func sends(reach Reach, event conversation.Kind) Effects {
	return Effects{Event: event, Again: Repeats, Reach: reach, Undo: UndoCancels}
}

// with adds the kind of an event that may come with the action's own.
func (e Effects) with(event conversation.Kind) Effects {
	e.With = event
	return e
}

// to adds to what the event says that it changed something.
func (e Effects) to(of func(Action) []string) Effects {
	e.To = of
	return e
}

// leaves makes the one condition that holds after an action.
func leaves(field, op string, value func(Action) any) func(Action) []Condition {
	return func(a Action) []Condition { return []Condition{{Field: field, Op: op, Value: value(a)}} }
}

func statusOf(a Action) any  { return a.Status }
func mailboxOf(a Action) any { return a.Mailbox }
func tagsOf(a Action) any    { return anyList(a.Tags) }

func oneStatus(a Action) []string { return []string{a.Status} }
func whom(a Action) []string      { return a.To }

// leavesAssignee knows whom a name stands for; who is assigned by a word is known when
// the run comes, not before.
func leavesAssignee(a Action) []Condition {
	if len(a.To) != 1 || a.To[0] != Unassigned && StandsForPeople(a.To[0]) {
		return nil
	}
	return []Condition{{Field: "assignee", Op: "is", Value: a.To[0]}}
}

// leavesSubject knows the subject where it is plain text.
func leavesSubject(a Action) []Condition {
	if strings.Contains(a.Subject, openMark) {
		return nil
	}
	return []Condition{{Field: "subject", Op: "is", Value: a.Subject}}
}
