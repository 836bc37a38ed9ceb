package match

import "math/bits"

// Bits is a set of small numbers.
type Bits []uint64

// NewBits returns a set for the numbers below n, none of which is in it.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Has reports whether i is in the set; i must be below the n of NewBits.
func (b Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Add puts i in; it must be below the n of NewBits.
func (b Bits) Add(i int) { b[i/64] |= 1 << (i % 64) }

// Or adds the members of other, which is of the same size.
func (b Bits) Or(other Bits) {
	for i, w := range other {
		b[i] |= w
	}
}

// And keeps the members that are in other too.
func (b Bits) And(other Bits) {
	for i, w := range other {
		b[i] &= w
	}
}

// Next returns the first member from i on, -1 when there is none.
func (b Bits) Next(i int) int {
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

// Common counts the members that both have.
func (b Bits) Common(other Bits) int {
	n := 0
	for i, w := range other {
		n += bits.OnesCount64(b[i] & w)
	}
	return n
}
