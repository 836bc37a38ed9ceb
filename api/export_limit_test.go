package api

import "time"

// Bucket is a limiter that remembers twice keep callers.
func Bucket(limit Limit, keep int) func(caller string, now time.Time) time.Duration {
	return newLimiter(limit, keep).take
}
