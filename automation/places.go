package automation

import (
	"maps"
	"slices"
)

// placeIndex is an index over the literals that are looked for in one place: it says which
// of some numbered things look for a literal that is in a text.
type placeIndex struct {
	literals *automaton
	of       [][]int32 // which look for each literal
	members  bitset    // all of them
}

func newPlaceIndex(size int, in map[string][]int32) *placeIndex {
	x := &placeIndex{literals: newAutomaton(slices.Collect(maps.Keys(in))), members: newBitset(size)}
	x.of = make([][]int32, len(x.literals.literals))
	for i, literal := range x.literals.literals {
		x.of[i] = in[literal]
		for _, m := range in[literal] {
			x.members.add(int(m))
		}
	}
	return x
}

// find adds those to may of which a literal is in one of the texts.
func (x *placeIndex) find(texts []*text, may bitset) {
	for _, t := range texts {
		if t.index != x {
			t.index, t.found = x, x.search(t)
		}
		may.or(t.found)
	}
}

// search looks for the literals in both forms of a text, which are one for
// ASCII: the folded one for texts, the other for patterns.
func (x *placeIndex) search(t *text) bitset {
	found := newBitset(len(x.members) * 64)
	add := func(literal int32) {
		for _, i := range x.of[literal] {
			found.add(int(i))
		}
	}
	x.literals.find(t.fold(), add)
	if !t.ascii {
		x.literals.find(t.simpleFold(), add)
	}
	return found
}
