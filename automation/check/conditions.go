package check

import (
	"fmt"
	"slices"

	"github.com/smarticks/smarticks/automation"
)

// neverTrue finds conditions that contradict each other.
func neverTrue(w *subject, found func(path, message string)) {
	if w.impossible() && !w.impossibleForStatus() {
		a, b := w.contradiction()
		if a == "" {
			found("conditions", "the conditions contradict each other, so that the workflow never runs: conditions of which either may hold "+
				"belong into one group")
			return
		}
		found(b, fmt.Sprintf("this contradicts %s, so that the workflow never runs: conditions of which either may hold belong into one "+
			"group%s", a, w.meantReopened()))
	}
}

// meantReopened says how a customer who answers what was closed is written, where that
// seems to be meant.
func (s *subject) meantReopened() string {
	replied, closed := false, false
	for _, g := range s.groups {
		for _, r := range g.rows {
			replied = replied || r.Field == "customer_replied" || r.Field == "customer_reopened"
			closed = closed || r.Field == "status_changed" || r.Field == aboutStatus && r.Op == "is" && r.Value == "closed"
		}
	}
	if !replied || !closed {
		return ""
	}
	return "; for a customer who answers what was closed write {field: customer_reopened} alone: the answer itself makes it active"
}

func (s *subject) impossible() bool { return s.automatic() && len(s.groups) > 0 && !s.canHold(nil) }

// contradiction returns two groups that cannot both hold, or one group twice;
// empty when it takes more than two.
func (s *subject) contradiction() (a, b string) {
	for i, g := range s.groups {
		if !s.possible(nil, g.yes()) {
			return g.path, g.path
		}
		for _, before := range s.groups[:i] {
			if !s.possible(nil, before.yes(), g.yes()) {
				return before.path, g.path
			}
		}
	}
	return "", ""
}

// waitingStatus finds a waiting time in conversations in which nobody waits.
func waitingStatus(w *subject, found func(path, message string)) {
	if !w.impossible() || !w.impossibleForStatus() {
		return
	}
	for _, g := range w.groups {
		for _, r := range g.rows {
			if r.Field == "waiting_since" {
				found(r.path, "nobody waits in a conversation that is closed or spam, so that this never holds together with the condition on "+
					"the status")
				return
			}
		}
	}
}

// impossibleForStatus reports whether the conditions could hold if a customer could
// wait in a conversation of any status.
func (s *subject) impossibleForStatus() bool {
	choices := s.choices()
	for i, terms := range choices {
		choices[i] = nil
		for _, t := range terms {
			choices[i] = append(choices[i], slices.DeleteFunc(slices.Clone(t), func(c claim) bool {
				return slices.ContainsFunc(t, func(o claim) bool { return o.about == "waiting_since" }) && c.about == aboutStatus
			}))
		}
	}
	return s.possible(nil, choices...)
}

// deadRow finds a condition of a group that cannot hold together with the other groups.
func deadRow(w *subject, found func(path, message string)) {
	if !w.automatic() || w.impossible() {
		return
	}
	for i, g := range w.groups {
		if len(g.rows) < 2 {
			continue
		}
		choices := w.choices()
		for _, r := range g.rows {
			choices[i] = r.yes
			if !w.possible(nil, choices...) {
				found(r.path, "this condition never helps: where it holds, another group does not")
			}
		}
	}
}

// orOfNegatives finds groups such as "is not A, or is not B", which hold nearly
// always: what is A is not B.
func orOfNegatives(w *subject, found func(path, message string)) {
	if !w.automatic() {
		return
	}
	for _, g := range w.groups {
		if a, b := g.negatives(); b != nil {
			found(b.path, fmt.Sprintf("or between negative conditions holds nearly always: what one excludes the other lets through; put this "+
				"condition and %s into groups of their own", a.path))
		}
	}
}

// negatives returns the first two negative conditions of the group on one field, with
// different values.
func (g group) negatives() (a, b *row) {
	for i := range g.rows {
		for j := range i {
			first, second := &g.rows[j], &g.rows[i]
			if first.Field == second.Field && negative(first.Op) && negative(second.Op) && !g.equivalent(*first, *second) {
				return first, second
			}
		}
	}
	return nil, nil
}

func negative(op string) bool {
	return slices.Contains([]string{"is_not", "does_not_contain", "has_none", "not_in"}, op)
}

// alwaysTrue finds groups that hold whatever there is.
func alwaysTrue(w *subject, found func(path, message string)) {
	if !w.automatic() {
		return
	}
	for _, g := range w.groups {
		if _, b := g.negatives(); b == nil && !w.possible(nil, g.no()...) {
			found(g.path, "one of these conditions always holds, so that the group says nothing: leave it out, or put the conditions into "+
				"groups of their own")
		}
	}
}

// equivalent reports whether two conditions say the same.
func (s *solver) equivalent(a, b row) bool {
	return !s.possible(nil, a.yes, b.no) && !s.possible(nil, b.yes, a.no)
}

func duplicateRows(w *subject, found func(path, message string)) {
	for _, g := range w.groups {
		for i, r := range g.rows {
			for _, before := range g.rows[:i] {
				if r.Field == before.Field && g.equivalent(r, before) {
					found(r.path, "this condition says the same as "+before.path)
					break
				}
			}
		}
	}
}

func duplicateGroups(w *subject, found func(path, message string)) {
	for i, g := range w.groups {
		for _, before := range w.groups[:i] {
			if w.possible(nil, g.yes()) && g.narrows(before) && before.narrows(g) && w.possible(nil, g.no()...) {
				found(g.path, "this group says the same as "+before.path)
				break
			}
		}
	}
}

// listensToNothing finds conditions on what cannot happen.
func listensToNothing(w *subject, found func(path, message string)) {
	for _, g := range w.groups {
		for _, r := range g.rows {
			from := r.From
			if v, ok := r.Value.(string); ok && r.Field == "moved_here" {
				from = v
			}
			switch {
			case r.From != "" && r.From == r.To:
				found(r.path, "this never happens: what changes to the same does not change")
			case r.Field == "moved_here" && from != "" && from == string(w.MailboxID):
				found(r.path, "this never happens: nothing is moved here from this mailbox itself")
			}
		}
	}
}

// firstOnly are fields of what customers send, which listen to no replies.
var firstOnly = []string{
	"customer_email", "customer_name", "customer_company", "customer_phone",
	"subject", "type", "to", "cc", "attachment", "attachment_name", "attachment_count",
}

// repliesNotSeen names the messages that a workflow about messages does not look
// at.
func repliesNotSeen(w *subject, found func(path, message string)) {
	if !w.automatic() || w.dates || w.listens["customer_message"] || w.impossible() {
		return
	}
	path := ""
	for _, g := range w.groups {
		for _, r := range g.rows {
			if automation.IsEvent(r.Field) {
				return // its author says what it is to look at
			}
			if path == "" && slices.Contains(firstOnly, r.Field) {
				path = r.path
			}
		}
	}
	if path != "" {
		found(path, "no condition listens to replies, so that only a conversation's first message is looked at: add customer_replied, or "+
			"new_conversation if that is meant")
	}
}

// withoutEffect finds settings that change nothing.
func withoutEffect(w *subject, found func(path, message string)) {
	d := w.Definition
	if !w.automatic() {
		if len(d.Conditions) > 0 {
			found("conditions", "the conditions of a manual workflow are not looked at: an agent decides")
		}
		if d.MaxRuns > automation.DefaultRuns {
			found("max_runs", "manual runs are not counted: max_runs changes nothing")
		}
		if d.ApplyToEarlier {
			found("apply_to_earlier", "a manual workflow may be run on every conversation: apply_to_earlier changes nothing")
		}
		if d.TooLateAfter > 0 {
			found("too_late_after", "an agent runs it, not time: too_late_after changes nothing")
		}
		return
	}
	if d.TooLateAfter > 0 && !w.dates {
		found("too_late_after", "no condition counts time, so that there is no due time to be late for: too_late_after changes nothing")
	}
	if kinds := w.kinds(); !w.dates && len(kinds) == 1 && kinds[0] == firstMessage && !w.canHoldWithout(firstMessage) {
		if d.MaxRuns > 1 {
			found("max_runs", "a conversation begins once: max_runs changes nothing")
		}
		if d.ApplyToEarlier {
			found("apply_to_earlier", "only new conversations are looked at: apply_to_earlier changes nothing")
		}
	}
}

// canHoldWithout reports whether the conditions can hold at another event.
func (s *subject) canHoldWithout(kind string) bool {
	return s.canHold(state{aboutEvent: words{list: []string{kind}, except: true}})
}
