package automation

import "math/bits"

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bitset) add(i int) { b[i/64] |= 1 << (i % 64) }

// or adds the members of other, which is of the same size.
func (b bitset) or(other bitset) {
	for i, w := range other {
		b[i] |= w
	}
}

// and keeps the members that are in other too.
func (b bitset) and(other bitset) {
	for i, w := range other {
		b[i] &= w
	}
}

// next returns the first member from i on, -1 when there is none.
func (b bitset) next(i int) int {
	for at := i / 64; at < len(b); at++ {
		w := b[at]
		if at == i/64 {
			w &^= 1<<(i%64) - 1
		}
		if w != 0 {
			return at*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// common counts the members that both have.
func (b bitset) common(other bitset) int {
	n := 0
	for i, w := range other {
		n += bits.OnesCount64(b[i] & w)
	}
	return n
}
