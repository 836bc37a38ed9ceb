package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// effect is what an action does to a conversation.
type effect struct {
	// event is the kind of event that it makes if it changes something.
	event conversation.Kind
	// then returns what holds after it.
	then func(automation.Action) term
	// repeats says that it always does something: done twice, it happens twice.
	repeats bool
	// replaces says that a later one of its kind makes an earlier one useless.
	replaces bool
	// mails says that the customer is written to.
	mails bool
}

// effects says of an action what it does; those that are not here change nothing
// that a row looks at.
var effects = map[string]effect{
	automation.DoSetStatus:  {event: conversation.KindStatusChanged, replaces: true, then: thenStatus},
	automation.DoAssign:     {event: conversation.KindAssigneeChanged, replaces: true, then: thenAssignee},
	automation.DoMove:       {event: conversation.KindMoved, replaces: true, then: func(a automation.Action) term { return term{{aboutMailbox, words{list: []string{a.Mailbox}}}} }},
	automation.DoAddTags:    {event: conversation.KindTagsChanged, then: thenTags("yes")},
	automation.DoRemoveTags: {event: conversation.KindTagsChanged, then: thenTags("no")},
	automation.DoNote:       {event: conversation.KindNoteAdded, repeats: true},
	automation.DoReply:      {event: conversation.KindWorkflowMessage, repeats: true, mails: true},
	automation.DoEmail:      {event: conversation.KindWorkflowMessage, repeats: true, mails: true},
	"set_subject":           {event: conversation.KindSubjectChanged, replaces: true, then: thenSubject},
	"snooze":                {replaces: true},
	"delete":                {event: conversation.KindStateChanged, then: func(automation.Action) term { return term{{"state", words{list: []string{"deleted"}}}} }},
}

const aboutMailbox = "mailbox"

func thenStatus(a automation.Action) term {
	after := term{{aboutStatus, words{list: []string{a.Status}, all: statuses()}}}
	if a.Status != "active" && a.Status != "pending" {
		after = append(after, notWaiting)
	}
	return after
}

// thenAssignee knows whom a name stands for; who is assigned by a word is known when
// the run comes, not before.
func thenAssignee(a automation.Action) term {
	if len(a.To) != 1 || a.To[0] != automation.Unassigned && automation.StandsForPeople(a.To[0]) {
		return nil
	}
	return term{{"assignee", words{list: a.To}}}
}

// thenSubject knows the subject where it is plain text.
func thenSubject(a automation.Action) term {
	if strings.Contains(a.Subject, "{%") {
		return nil
	}
	return term{{"subject", texts{literals: []literal{{op: "is", value: match.Fold(a.Subject)}}}}}
}

func thenTags(has string) func(automation.Action) term {
	return func(a automation.Action) term {
		var t term
		for _, name := range a.Tags {
			t = append(t, tag(match.Fold(name), has))
		}
		return t
	}
}

// then returns what holds after the action.
func then(a automation.Action) term {
	if e := effects[a.Do]; e.then != nil {
		return e.then(a)
	}
	return nil
}

func actionPath(i int) string { return fmt.Sprintf("actions[%d]", i) }

// active returns the actions before one that ends the run.
func (s *subject) active() []automation.Action {
	actions := s.Definition.Actions
	if i := slices.IndexFunc(actions, func(a automation.Action) bool { return a.Do == automation.DoStop || a.Do == automation.DoDeleteForever }); i >= 0 {
		return actions[:i]
	}
	return actions
}

// undoneAction finds an action whose work a later one takes back.
func undoneAction(w *subject, found func(path, message string)) {
	actions := w.active()
	for i, a := range actions {
		for j := i + 1; j < len(actions); j++ {
			if undoes(actions[j], a) {
				found(actionPath(i), fmt.Sprintf("%s undoes this: of the two only the last has an effect", actionPath(j)))
				break
			}
		}
	}
}

// undoes tells whether later takes back what earlier did.
func undoes(later, earlier automation.Action) bool {
	if same(later, earlier) {
		return false
	}
	if later.Do == earlier.Do && effects[later.Do].replaces {
		return true
	}
	for _, c := range then(earlier) {
		for _, o := range then(later) {
			if c.about == o.about && c.in.and(o.in).empty() && c.about != aboutWaiting {
				return true
			}
		}
	}
	return false
}

func duplicateAction(w *subject, found func(path, message string)) {
	actions := w.active()
	for i, a := range actions {
		if j := slices.IndexFunc(actions[:i], func(b automation.Action) bool { return same(a, b) }); j >= 0 {
			found(actionPath(i), "this is the same as "+actionPath(j))
		}
	}
}

func afterStop(w *subject, found func(path, message string)) {
	actions := w.Definition.Actions
	stop := slices.IndexFunc(actions, func(a automation.Action) bool { return a.Do == automation.DoStop })
	if stop >= 0 && stop < len(actions)-1 {
		found(actionPath(stop+1), fmt.Sprintf("this is never done: %s stops the run; let stop be the last action", actionPath(stop)))
	}
}

func afterDelete(w *subject, found func(path, message string)) {
	actions := w.Definition.Actions
	gone := slices.IndexFunc(actions, func(a automation.Action) bool { return a.Do == automation.DoDeleteForever })
	if gone >= 0 && gone < len(actions)-1 {
		found(actionPath(gone+1), fmt.Sprintf("this is never done: after %s there is no conversation; let it be the last action", actionPath(gone)))
	}
}

var agentVariable = regexp.MustCompile(`\{%\s*agent\.`)

// agentOfAutomatic finds the agent who runs a workflow where nobody does.
func agentOfAutomatic(w *subject, found func(path, message string)) {
	if !w.automatic() {
		return
	}
	for i, a := range w.Definition.Actions {
		tree, _ := json.Marshal(a.JSON)
		for _, part := range []struct{ key, text string }{{"subject", a.Subject}, {"body", a.Body}, {"body", string(tree)}} {
			if agentVariable.MatchString(part.text) {
				found(actionPath(i)+"."+part.key, "agent is who runs a manual workflow: an automatic one has none, so that nothing stands there; take assignee or user")
			}
		}
	}
}

// manyMails is how many automatic answers a conversation may get before it is
// told that two machines could be talking to each other.
const manyMails = 10

// replyLoop finds workflows that may answer every message of a customer.
func replyLoop(w *subject, found func(path, message string)) {
	if w.Definition.MaxRuns <= manyMails || !w.sees(conversation.KindCustomerMessage) {
		return
	}
	mail := slices.IndexFunc(w.active(), func(a automation.Action) bool { return effects[a.Do].mails })
	if mail < 0 {
		return
	}
	// The next message finds what the actions left, in a conversation that is open.
	left := state{}
	for _, a := range w.active() {
		left = left.put(then(a))
	}
	delete(left, aboutWaiting)
	delete(left, aboutMailbox)
	left[aboutStatus] = openStatus.in
	left = left.put(append(term{{aboutEvent, words{list: []string{string(conversation.KindCustomerMessage)}}}}, after[string(conversation.KindCustomerMessage)]...))
	if w.canHold(left) {
		found(actionPath(mail), fmt.Sprintf("this answers each message of a customer, up to %d times: two machines could answer each other; lower max_runs, or tag what was answered and ask for the tag", w.Definition.MaxRuns))
	}
}
