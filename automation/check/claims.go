package check

import "slices"

// claim says that an aspect of the conversation has one of some values.
type claim struct {
	about string
	in    values
}

// term holds when all its claims do.
type term []claim

// meaning is a condition as the solver sees it: the terms of which one holds when the
// condition is true, and those of which one holds when it is false.
type meaning struct{ yes, no []term }

// state is what is known of a conversation, by aspect.
type state map[string]values

// with returns the state with a term added; ok is false when both cannot be.
func (s state) with(t term) (next state, ok bool) {
	next = make(state, len(s)+len(t))
	for about, in := range s {
		next[about] = in
	}
	for _, c := range t {
		in := c.in
		if known := next[c.about]; known != nil {
			in = known.and(in)
		}
		if in.empty() {
			return nil, false
		}
		next[c.about] = in
	}
	return next, true
}

// put returns the state in which a term's aspects are as the term says, whatever
// they were.
func (s state) put(t term) state {
	next := state{}
	for about, in := range s {
		next[about] = in
	}
	for _, c := range t {
		next[c.about] = c.in
	}
	return next
}

// Bounds of the solver, in terms looked at: for one question, and for all that
// are asked of a workflow and those around it. What it could not finish it takes
// for possible.
const (
	maxSteps    = 2000
	maxAllSteps = 200_000
)

// solver answers what can hold together.
type solver struct{ left int }

func newSolver() *solver { return &solver{left: maxAllSteps} }

// spent reports whether it has given up.
func (s *solver) spent() bool { return s.left <= 0 }

// possible reports whether one term of each choice can hold, in the state.
func (s *solver) possible(from state, choices ...[]term) bool {
	// The choices with few terms come first: they narrow most.
	ordered := slices.Clone(choices)
	slices.SortStableFunc(ordered, func(a, b []term) int { return len(a) - len(b) })
	steps := min(maxSteps, s.left)
	all := steps
	found := search(from, ordered, &steps)
	s.left -= all - max(steps, 0)
	return found
}

func search(in state, choices [][]term, steps *int) bool {
	if len(choices) == 0 {
		return true
	}
	for _, t := range choices[0] {
		if *steps--; *steps <= 0 {
			return true
		}
		if next, ok := in.with(t); ok && search(next, choices[1:], steps) {
			return true
		}
	}
	return false
}
