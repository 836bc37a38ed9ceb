package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// aboutMailbox is the aspect of the mailbox that the conversation is in.
const aboutMailbox = automation.AboutMailbox

// then returns what holds after the action.
func then(a automation.Action) term {
	var t term
	for _, left := range a.Leaves() {
		for _, c := range read(left).yes[0] {
			t = append(t, c)
			if c.about == aboutStatus && c.in.and(openStatus.in).empty() {
				t = append(t, notWaiting)
			}
		}
	}
	return t
}

func actionPath(i int) string { return fmt.Sprintf("actions[%d]", i) }

// active returns the actions before one that ends the run.
func (s *subject) active() []automation.Action {
	actions := s.Definition.Actions
	if i := slices.IndexFunc(actions, func(a automation.Action) bool { return a.Effects().Ends != "" }); i >= 0 {
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

// undoes reports whether later takes back what earlier did.
func undoes(later, earlier automation.Action) bool {
	if same(later, earlier) {
		return false
	}
	if later.Do == earlier.Do && later.Effects().Again == automation.Replaces {
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

// ending returns the index of the first action after which this is over, -1 when there is
// none.
func (s *subject) ending(what automation.Ending) int {
	return slices.IndexFunc(s.Definition.Actions, func(a automation.Action) bool { return a.Effects().Ends == what })
}

func afterStop(w *subject, found func(path, message string)) {
	if stop := w.ending(automation.EndsEvent); stop >= 0 && stop < len(w.Definition.Actions)-1 {
		found(actionPath(stop+1), fmt.Sprintf("this is never done: %s stops the run; let stop be the last action", actionPath(stop)))
	}
}

func afterDelete(w *subject, found func(path, message string)) {
	if gone := w.ending(automation.EndsConversation); gone >= 0 && gone < len(w.Definition.Actions)-1 {
		found(actionPath(gone+1), fmt.Sprintf("this is never done: after %s there is no conversation; let it be the last action",
			actionPath(gone)))
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
				found(actionPath(i)+"."+part.key, "agent is who runs a manual workflow: an automatic one has none, so that nothing stands there; "+
					"take assignee or user")
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
	mail := slices.IndexFunc(w.active(), automation.Action.MailsCustomer)
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
	left = left.put(append(term{{aboutEvent, words{list: []string{string(conversation.KindCustomerMessage)}}}},
		after[string(conversation.KindCustomerMessage)]...))
	if w.canHold(left) {
		found(actionPath(mail), fmt.Sprintf("this answers each message of a customer, up to %d times: two machines could answer each other; "+
			"lower max_runs, or tag what was answered and ask for the tag", w.Definition.MaxRuns))
	}
}
