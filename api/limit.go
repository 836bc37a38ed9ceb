package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit bounds how often one caller may ask: a bucket that holds Burst requests
// and is filled with PerSecond of them. A caller is a token, a session, or for
// requests with neither an address. Each process counts for itself.
type Limit struct {
	// PerSecond of zero is no limit.
	PerSecond float64
	// Burst below one means one.
	Burst int
}

// limiter keeps a bucket for each caller of late.
type limiter struct {
	limit Limit
	// keep is how many callers one generation has.
	keep int

	mu sync.Mutex
	// What is not in fresh may be in stale; when fresh is full it becomes stale, and
	// what was not asked for since is forgotten.
	fresh, stale map[string]*rate.Limiter
}

// callersKept bounds the memory: some hundred bytes for each of twice as many.
const callersKept = 20_000

func newLimiter(limit Limit, keep int) *limiter {
	return &limiter{limit: limit, keep: keep, fresh: map[string]*rate.Limiter{}}
}

// take takes one request from the caller's bucket. When it is empty it takes
// nothing and returns how long to wait for one. giveBack puts back what was taken.
func (l *limiter) take(caller string, now time.Time) (wait time.Duration, giveBack func()) {
	if l.limit.PerSecond <= 0 {
		return 0, func() {}
	}
	r := l.bucket(caller).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait, func() {}
	}
	return 0, func() { r.CancelAt(now) }
}

func (l *limiter) bucket(caller string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.fresh[caller]
	if ok {
		return b
	}
	if b, ok = l.stale[caller]; !ok {
		b = rate.NewLimiter(rate.Limit(l.limit.PerSecond), max(l.limit.Burst, 1))
	}
	if len(l.fresh) >= l.keep {
		l.fresh, l.stale = map[string]*rate.Limiter{}, l.fresh
	}
	l.fresh[caller] = b
	return b
}

// tooMany is 429 with the time to wait, in whole seconds.
func tooMany(wait time.Duration, detail string) *problem {
	p := problemFor(http.StatusTooManyRequests, detail)
	p.header = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(max(wait.Seconds(), 1))))}}
	return p
}
