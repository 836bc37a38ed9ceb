package match

import (
	"math/bits"
	"slices"
)

// denseStates is how many states of an automaton have a table of their own: those
// nearest to its beginning, where a text keeps it nearly all the time. The rest
// is kept small and walked.
const denseStates = 1024

// words finds which of many literals are in a text, in one pass over it
// (Aho and Corasick). The time is that of the text's length, whatever the literals
// and the text: a literal is told once per text, however often it is in there.
//
// States are numbered by their distance from the beginning, so that the children
// of a state are neighbours and what a state falls back to has a lower number.
type words struct {
	literals []string
	class    [256]uint16 // of a byte; 0: it is in no literal
	width    int         // two to this power are enough for all classes
	next     []int32     // of the dense states, by state<<width + class: the next state twice, one more where a literal ends
	dense    int32
	children []int32 // the first child of a state; the last one is before that of the next
	label    []byte  // the byte that leads to a state
	fail     []int32 // the longest other state that ends the same
	literal  []int32 // the literal that ends at a state, or -1
	emit     []int32 // the nearest state, itself first, at which a literal ends; 0: none
	after    []int32 // the next such state
}

// newWords makes one for literals, none of which is empty.
func newWords(literals []string) *words {
	literals = slices.Clone(literals)
	slices.Sort(literals)
	a := &words{literals: slices.Compact(literals)}
	classes := 1
	for _, l := range a.literals {
		for i := range len(l) {
			if a.class[l[i]] == 0 {
				a.class[l[i]] = uint16(classes)
				classes++
			}
		}
	}
	a.width = bits.Len(uint(classes - 1))
	a.grow()
	a.link()
	a.fillDense()
	return a
}

// grow makes the states: each is a stretch of the sorted literals that begin
// alike.
func (a *words) grow() {
	type stretch struct{ from, to, depth int }
	queue := []stretch{{0, len(a.literals), 0}}
	a.label, a.literal = []byte{0}, []int32{-1}
	for s := 0; s < len(queue); s++ {
		q := queue[s]
		a.children = append(a.children, int32(len(queue)))
		if q.from < q.to && len(a.literals[q.from]) == q.depth {
			a.literal[s] = int32(q.from)
			q.from++
		}
		for q.from < q.to {
			b, to := a.literals[q.from][q.depth], q.from+1
			for to < q.to && a.literals[to][q.depth] == b {
				to++
			}
			queue = append(queue, stretch{q.from, to, q.depth + 1})
			a.label, a.literal = append(a.label, b), append(a.literal, -1)
			q.from = to
		}
	}
	a.children = append(a.children, int32(len(queue)))
}

// link says what each state falls back to, and where literals end.
func (a *words) link() {
	states := len(a.label)
	a.fail, a.emit, a.after = make([]int32, states), make([]int32, states), make([]int32, states)
	for s := range int32(states) {
		a.after[s] = a.emit[a.fail[s]]
		if a.emit[s] = a.after[s]; a.literal[s] >= 0 {
			a.emit[s] = s
		}
		for child := a.children[s]; child < a.children[s+1]; child++ {
			if s == 0 {
				continue
			}
			f := a.fail[s]
			for f != 0 && a.child(f, a.label[child]) == 0 {
				f = a.fail[f]
			}
			a.fail[child] = a.child(f, a.label[child])
		}
	}
}

func (a *words) fillDense() {
	a.dense = int32(min(len(a.label), denseStates))
	row := func(s int32) []int32 { return a.next[int(s)<<a.width : int(s+1)<<a.width] }
	a.next = make([]int32, int(a.dense)<<a.width)
	for s := range a.dense {
		row, back := row(s), row(a.fail[s])
		copy(row, back)
		for child := a.children[s]; child < a.children[s+1]; child++ {
			row[a.class[a.label[child]]] = child << 1
			if a.emit[child] != 0 {
				row[a.class[a.label[child]]]++
			}
		}
	}
}

// child returns the state that the byte leads to from a state, 0 when none.
func (a *words) child(s int32, b byte) int32 {
	for child := a.children[s]; child < a.children[s+1]; child++ {
		if a.label[child] == b {
			return child
		}
	}
	return 0
}

// find calls found once for each literal that is in the text.
func (a *words) find(text string, found func(literal int32)) {
	told := NewBits(len(a.literals))
	next, width, s := a.next, a.width, int32(0)
	for i := range len(text) {
		b := text[i]
		if s < a.dense {
			to := next[int(s)<<width+int(a.class[b])]
			if s = to >> 1; to&1 == 0 {
				continue
			}
		} else {
			s = a.walk(s, b)
		}
		for at := a.emit[s]; at != 0; at = a.after[at] {
			l := a.literal[at]
			if told.Has(int(l)) {
				break // and so are all that end with it
			}
			told.Add(int(l))
			found(l)
		}
	}
}

// walk returns the state after one more byte, from a state without a table.
func (a *words) walk(s int32, b byte) int32 {
	for s >= a.dense {
		if child := a.child(s, b); child != 0 {
			return child
		}
		s = a.fail[s]
	}
	return a.next[int(s)<<a.width+int(a.class[b])] >> 1
}
