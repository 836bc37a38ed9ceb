package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Finding is one thing that a check has to say.
type Finding = automation.CheckFinding

// Short names for the tables below.
const (
	refuses = automation.SeverityError
	informs = automation.SeverityWarning
)

// Workflow is a workflow with what the checks need to know of its surroundings.
type Workflow struct {
	ID         automation.DefinitionID
	MailboxID  conversation.MailboxID
	Mode       automation.Mode
	Definition automation.Definition
}

// World is what the checks may ask about; nil functions know nothing.
type World struct {
	// Member reports whether a user sees the mailbox.
	Member func(user string, mailbox conversation.MailboxID) bool
	// Missing reports whether what a workflow names is gone.
	Missing func(automation.Reference) bool
}

// single is a check of one workflow by itself.
type single struct {
	id       string
	severity automation.Severity
	find     func(*subject, func(path, message string))
}

// whole is a check of a workflow among the others.
type whole struct {
	id   string
	find func(set *set, w *subject, found func(path, message string, others ...*subject))
}

// singles and wholes are the checks, in the order of the guide. They are never
// changed; docs/checks.md has a section for each, and a test holds the two
// together.
var singles = []single{
	{"never_true", refuses, neverTrue},
	{"waiting_status", refuses, waitingStatus},
	{"closed_before_answer", informs, closedBeforeAnswer},
	{"dead_row", informs, deadRow},
	{"or_of_negatives", informs, orOfNegatives},
	{"always_true", informs, alwaysTrue},
	{"duplicate_rows", informs, duplicateRows},
	{"duplicate_groups", informs, duplicateGroups},
	{"listens_to_nothing", informs, listensToNothing},
	{"replies_not_seen", informs, repliesNotSeen},
	{"without_effect", informs, withoutEffect},
	{"expensive_pattern", informs, expensivePattern},
	{"undone_action", informs, undoneAction},
	{"duplicate_action", informs, duplicateAction},
	{"action_after_stop", informs, afterStop},
	{"action_after_delete_forever", refuses, afterDelete},
	{"agent_of_automatic", informs, agentOfAutomatic},
	{"reply_loop", informs, replyLoop},
}

var wholes = []whole{
	{"not_a_member", notAMember},
	{"gone", gone},
	{"shadowed_by_stop", shadowed},
	{"same_conditions", sameConditions},
	{"undone_by_other", undoneByOther},
	{"loop", loops},
}

// IDs lists the checks.
func IDs() []string {
	var ids []string
	for _, c := range singles {
		ids = append(ids, c.id)
	}
	for _, c := range wholes {
		ids = append(ids, c.id)
	}
	return ids
}

// One looks at a workflow by itself, which must have compiled.
func One(d automation.Definition) []Finding {
	return one(newSubject(Workflow{Definition: d}, newSolver()))
}

func one(w *subject) []Finding {
	var found []Finding
	for _, c := range singles {
		c.find(w, func(path, message string) {
			found = append(found, Finding{ID: c.id, Severity: c.severity, Workflow: w.ID, Path: path, Message: message})
		})
	}
	return found
}

// Draft looks at a workflow by itself and among others. Of the others, which are
// in the order of their mailboxes, those count that are on; where the draft is
// one of them it stands in its place, otherwise at the end.
func Draft(draft Workflow, others []Workflow, world World) []Finding {
	s := &set{world: world, solver: newSolver()}
	w := newSubject(draft, s.solver)
	placed := false
	for _, o := range others {
		switch {
		case draft.ID != "" && o.ID == draft.ID:
			s.add(w)
			placed = true
		case o.Mode == automation.ModeOn:
			s.add(newSubject(o, s.solver))
		}
	}
	if !placed {
		s.add(w)
	}
	return append(one(w), s.about(w)...)
}

// Whole looks at all workflows that are on or watch; a circle is told once.
// mailbox is the one whose workflows are looked at, others only
// take part in what they do to its.
func Whole(all []Workflow, mailbox conversation.MailboxID, world World) []Finding {
	s := &set{world: world, solver: newSolver()}
	for _, w := range all {
		if w.Mode != automation.ModeOff {
			s.add(newSubject(w, s.solver))
		}
	}
	var found []Finding
	circles := map[string]bool{}
	for _, w := range s.list {
		if w.MailboxID != mailbox {
			continue
		}
		s.left = maxAllSteps
		for _, f := range append(one(w), s.about(w)...) {
			if f.ID == "loop" {
				members := append(slices.Clone(f.Others), f.Workflow)
				slices.Sort(members)
				circle := fmt.Sprint(members)
				if circles[circle] {
					continue
				}
				circles[circle] = true
			}
			found = append(found, f)
		}
	}
	return found
}

// set is the workflows that are looked at together.
type set struct {
	list  []*subject
	world World
	*solver
}

func (s *set) add(w *subject) {
	w.place = len(s.list)
	s.list = append(s.list, w)
}

func (s *set) about(w *subject) []Finding {
	var found []Finding
	for _, c := range wholes {
		before := len(found)
		c.find(s, w, func(path, message string, others ...*subject) {
			f := Finding{ID: c.id, Severity: informs, Workflow: w.ID, Path: path, Message: message}
			for _, o := range others {
				if o.ID != w.ID && o.ID != "" && !slices.Contains(f.Others, o.ID) {
					f.Others = append(f.Others, o.ID)
				}
			}
			found = append(found, f)
		})
		if s.spent() { // what it took for possible may not be
			found = found[:before]
			break
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Path, b.Path) })
	return found
}
