package api

import "time"

// Bucket is a limiter that remembers twice keep callers.
func Bucket(limit Limit, keep int) func(caller string, now time.Time) time.Duration {
	l := newLimiter(limit, keep)
	return func(caller string, now time.Time) time.Duration {
		wait, _ := l.take(caller, now)
		return wait
	}
}
