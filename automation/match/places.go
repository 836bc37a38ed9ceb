package match

import (
	"maps"
	"slices"
)

// Place is an index over the literals that are looked for in one place: it says which
// of some numbered things look for a literal that is in a text.
type Place struct {
	literals *words
	of       [][]int32 // which look for each literal
	Members  Bits      // all of them
}

// NewPlace makes the index of things numbered below size. in lists for each literal the things
// that look for it.
func NewPlace(size int, in map[string][]int32) *Place {
	x := &Place{literals: newWords(slices.Collect(maps.Keys(in))), Members: NewBits(size)}
	x.of = make([][]int32, len(x.literals.literals))
	for i, literal := range x.literals.literals {
		x.of[i] = in[literal]
		for _, m := range in[literal] {
			x.Members.Add(int(m))
		}
	}
	return x
}

// Find adds those to may of which a literal is in one of the texts.
func (x *Place) Find(texts []*Text, may Bits) {
	for _, t := range texts {
		if t.index != x {
			t.index, t.found = x, x.search(t)
		}
		may.Or(t.found)
	}
}

// search looks for the literals in both forms of a text, which are one for
// ASCII: the folded one for texts, the other for patterns.
func (x *Place) search(t *Text) Bits {
	found := NewBits(len(x.Members) * 64)
	add := func(literal int32) {
		for _, i := range x.of[literal] {
			found.Add(int(i))
		}
	}
	x.literals.find(t.Fold(), add)
	if !t.ascii {
		x.literals.find(t.SimpleFold(), add)
	}
	return found
}
