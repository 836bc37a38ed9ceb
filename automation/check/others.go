package check

import (
	"fmt"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// notAMember finds those to whom conversations are assigned that they cannot see.
func notAMember(set *set, w *subject, found func(path, message string, others ...*subject)) {
	mailbox := w.MailboxID
	for i, a := range w.active() {
		switch event := a.Effects().Event; {
		case event == conversation.KindMoved:
			mailbox = "" // the members of another mailbox are its own matter
		case event == conversation.KindAssigneeChanged && mailbox != "" && set.world.Member != nil:
			for _, to := range a.To {
				if !automation.StandsForPeople(to) && !set.world.Member(to, mailbox) {
					found(actionPath(i)+".to", "this user does not see the mailbox: make them a member of it, or assign somebody else")
				}
			}
		}
	}
}

// gone finds what is named and is not there any longer.
func gone(set *set, w *subject, found func(path, message string, others ...*subject)) {
	if set.world.Missing == nil {
		return
	}
	for _, r := range w.Definition.References() {
		if set.world.Missing(r) {
			found(r.Path, "there is no such "+r.Kind+" any more")
		}
	}
}

// beside returns the other automatic workflows of the mailbox.
func (s *set) beside(w *subject) []*subject {
	var list []*subject
	for _, o := range s.list {
		if o != w && o.MailboxID == w.MailboxID && o.automatic() {
			list = append(list, o)
		}
	}
	return list
}

// shadowed finds workflows that an earlier one keeps from seeing anything.
func shadowed(set *set, w *subject, found func(path, message string, others ...*subject)) {
	for _, o := range set.beside(w) {
		earlier, later := o, w
		if o.place > w.place {
			earlier, later = w, o
		}
		if !shadows(earlier, later) {
			continue
		}
		limit := ""
		if runs := earlier.Definition.MaxRuns; runs < later.Definition.MaxRuns || later.canHoldWithout(firstMessage) {
			limit = fmt.Sprintf(", until its %s on the conversation used up", times(runs))
		}
		if later == w {
			found("conditions", fmt.Sprintf("%s stands before it, holds whenever this one does, and stops what comes after%s: change the "+
				"order, or the conditions", o.name(), limit), o)
		} else {
			found(stopPath(w), fmt.Sprintf("%s stands after it and is never reached: this one holds whenever that one does%s; change the "+
				"order, or the conditions", o.name(), limit), o)
		}
	}
}

func times(n int) string {
	if n == 1 {
		return "one run is"
	}
	return fmt.Sprintf("%d runs are", n)
}

func stopPath(w *subject) string {
	return actionPath(w.ending(automation.EndsEvent))
}

// shadows reports whether the later workflow never sees an event that the earlier
// one, whose runs are not used up, does not keep from it. Due times are each
// workflow's own: nobody stops them.
func shadows(earlier, later *subject) bool {
	stops := earlier.ending(automation.EndsEvent) >= 0
	kinds := later.kinds()
	if !stops || earlier.Mode == automation.ModeWatch || later.dates || len(kinds) == 0 || later.Definition.ApplyToEarlier &&
		!earlier.Definition.ApplyToEarlier {
		return false
	}
	for _, k := range kinds {
		if !earlier.listens[k] {
			return false
		}
	}
	return later.narrows(earlier)
}

// sameConditions finds workflows that do the same thing at the same time.
func sameConditions(set *set, w *subject, found func(path, message string, others ...*subject)) {
	if !w.automatic() || w.impossible() {
		return
	}
	for _, o := range set.beside(w) {
		if !w.narrows(o) || !o.narrows(w) {
			continue
		}
		for i, a := range w.active() {
			if slices.ContainsFunc(o.active(), func(b automation.Action) bool { return same(a, b) }) {
				found(actionPath(i), o.name()+" has the same conditions and does this too: one of them is enough", o)
				break
			}
		}
	}
}

// name says the workflow's name for a sentence.
func (s *subject) name() string { return fmt.Sprintf("%q", s.Definition.Name) }
