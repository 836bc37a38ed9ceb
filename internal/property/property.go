// Package property runs the random tests of pure packages.
package property

import (
	"flag"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Check runs a property so many times (less with -short and with the race detector), and
// says how often: half of it always the same cases, half of it new ones, whose seed is
// logged, unless -rapid.seed names one for all. It sets flags of the whole package, so
// its tests must not be parallel.
func Check(t *testing.T, n int, property func(*rapid.T)) int {
	t.Helper()
	if RaceDetector {
		n /= 10
	}
	if flag.Lookup("rapid.seed").Value.String() != "0" {
		flagged(t, "rapid.checks", strconv.Itoa(n), func() { rapid.Check(t, property) })
	} else {
		half := func(n int, seed uint64) {
			flagged(t, "rapid.checks", strconv.Itoa(n), func() {
				flagged(t, "rapid.seed", strconv.FormatUint(seed, 10), func() { rapid.Check(t, property) })
			})
		}
		half(n-n/2, 1)
		seed := rand.Uint64() | 1 //nolint:gosec // no secret
		t.Logf("%d new cases by -rapid.seed=%d", n/2, seed)
		half(n/2, seed)
	}
	if testing.Short() {
		n /= 5 // which is what rapid itself does
	}
	return n
}

// flagged sets a flag while do runs.
func flagged(t *testing.T, name, value string, do func()) {
	t.Helper()
	f := flag.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Value.Set(before) }()
	do()
}
