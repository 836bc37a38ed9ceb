package access

import (
	"fmt"
	"net/netip"
	"time"
)

// Tries to log in: the first ones are free, then each waits.
const (
	freeFailures  = 5
	firstWait     = 15 * time.Second
	longestWait   = 15 * time.Minute
	forgetFailure = 15 * time.Minute
	// FailuresLookedAt is how many of the newest failures decide: with so many
	// the wait is the longest.
	FailuresLookedAt = 20
	// FailuresKept is after what time a failure cannot count any longer.
	FailuresKept = 24 * time.Hour
)

// Attempt is a try to log in.
type Attempt struct {
	Email    string
	Password string
}

// LoginWait returns how long the next try has to wait after the failures, the
// oldest first; zero: not at all. The fifth one makes the next try wait for 15
// seconds, each further one for twice as long, up to 15 minutes. A quarter of an
// hour without a failure, or after a wait has ended, forgets them all.
func LoginWait(failures []time.Time, now time.Time) time.Duration {
	n, until := 0, time.Time{}
	for _, at := range failures {
		if n > 0 && at.After(until.Add(forgetFailure)) {
			n = 0
		}
		n++
		until = at.Add(waitAfter(n))
	}
	if n < freeFailures || !until.After(now) {
		return 0
	}
	return until.Sub(now)
}

// waitAfter is the wait after the n-th failure in a row.
func waitAfter(n int) time.Duration {
	if n < freeFailures {
		return 0
	}
	wait := firstWait
	for range n - freeFailures {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// TooManyError says that something may be tried again, after a while.
type TooManyError struct{ Wait time.Duration }

// Error implements error.
func (e *TooManyError) Error() string { return fmt.Sprintf("too many, wait %s", e.Wait) }

// AddressKey is what an address is counted under: itself, and for IPv6 its
// network of 64 bits, which one customer of a provider has for themselves. What is
// no address is counted as it stands.
func AddressKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
