package check

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// subject is a workflow made ready to be looked at.
type subject struct {
	Workflow
	groups  []group
	listens map[string]bool // kinds of event, first among them
	dates   bool            // time alone may make it run
	place   int             // in the set
	*solver
}

// group is a group of conditions as the solver sees it.
type group struct {
	path string
	rows []row
	*solver
}

type row struct {
	automation.Condition
	meaning
	path string
}

func newSubject(w Workflow, shared *solver) *subject {
	s := &subject{Workflow: w, solver: shared, listens: map[string]bool{firstMessage: true}}
	for i, written := range w.Definition.Conditions {
		g := group{path: fmt.Sprintf("conditions[%d]", i), solver: shared}
		for j, c := range written.Any {
			g.rows = append(g.rows, row{c, read(c), fmt.Sprintf("%s.any[%d]", g.path, j)})
			for _, k := range automation.Listens(c) {
				s.listens[string(k)] = true
			}
			s.dates = s.dates || automation.IsTime(c.Field)
		}
		s.groups = append(s.groups, g)
	}
	return s
}

func (s *subject) automatic() bool { return s.Definition.Type == automation.TypeAutomatic }

// yes returns the terms of which one holds when the group does.
func (g group) yes() []term {
	var all []term
	for _, r := range g.rows {
		all = append(all, r.yes...)
	}
	return all
}

// no returns the choices of which each has a term that holds when the group does
// not: no condition is true.
func (g group) no() [][]term {
	all := make([][]term, len(g.rows))
	for i, r := range g.rows {
		all[i] = r.no
	}
	return all
}

// choices returns what must hold for the conditions to hold.
func (s *subject) choices() [][]term {
	all := make([][]term, len(s.groups))
	for i, g := range s.groups {
		all[i] = g.yes()
	}
	return all
}

// canHold reports whether the conditions can hold in the state.
func (s *subject) canHold(in state) bool { return s.possible(in, s.choices()...) }

// mustHold reports whether the conditions hold in every conversation of the state
// in which the other choices do too.
func (s *subject) mustHold(in state, others ...[]term) bool {
	return !slices.ContainsFunc(s.groups, func(g group) bool {
		return s.possible(in, append(g.no(), others...)...)
	})
}

// narrows reports whether the group holds only where the other one does.
func (g group) narrows(o group) bool { return !g.possible(nil, append(o.no(), g.yes())...) }

// narrows reports whether the workflow's conditions hold only where the other's do.
func (s *subject) narrows(o *subject) bool { return o.mustHold(nil, s.choices()...) }

// on returns the state at an event of the kind.
func on(kind string) state {
	s, _ := state{}.with(append(term{{aboutEvent, words{list: []string{kind}}}}, after[kind]...))
	return s
}

// kinds returns the kinds of event at which the conditions can hold, of those
// that the workflow listens to.
func (s *subject) kinds() []string {
	var kinds []string
	for k := range s.listens {
		if s.canHold(on(k)) {
			kinds = append(kinds, k)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// sees reports whether it may run at an event of the kind.
func (s *subject) sees(kind conversation.Kind) bool {
	return s.automatic() && s.listens[string(kind)] && s.canHold(on(string(kind)))
}

func same(a, b automation.Action) bool { return reflect.DeepEqual(a, b) }
