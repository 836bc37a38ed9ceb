package activities

import (
	"net/url"
	"sync"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

// The first attempt of most deliveries is made at once, beside the workflow task that
// learned of them (Attempt). Which ones is decided here, by what this process knows; a
// wrong guess costs time, never a delivery: what is not attempted so is waiting, and
// goes the regular way.
const (
	// firstBudget is how long a workflow task waits for first attempts. One that takes
	// longer continues by itself.
	firstBudget = 1500 * time.Millisecond
	// slowAttempt is from when on an attempt counts as slow.
	slowAttempt = time.Second
	// A relay or endpoint with this many slow or failing attempts in a row gets no first
	// attempts for a while, which doubles as it continues.
	badAttempts  = 2
	shortestRest = 5 * time.Second
	longestRest  = time.Minute
	// restsKept bounds the endpoints that are remembered.
	restsKept = 10_000
	// latePerSlot bounds those that outlasted their workflow task.
	latePerSlot = 8
)

// firstAttempts is what one process knows of first attempts: which it has begun, how many
// more it may, and who is too slow for them. It is safe for concurrent use.
type firstAttempts struct {
	mu     sync.Mutex
	slots  int // of mails, and as many of webhooks; 0: none are begun
	begun  map[delivery.ID]firstAttempt
	used   map[string]int // slots in use, by what shares them
	late   int            // attempts that outlasted their workflow task
	rests  map[string]*rest
	ending sync.WaitGroup // everything that is under way
}

// firstAttempt is one that this process has promised to make.
type firstAttempt struct {
	to     string // who shares its slots; empty: it needs none, another mail has it
	begun  bool   // in the transaction that made the delivery; else it is to be taken
	lapses time.Time
}

// rest keeps first attempts away from who was slow or failed.
type rest struct {
	bad   int // attempts in a row
	until time.Time
}

func newFirstAttempts(slots int) *firstAttempts {
	return &firstAttempts{slots: slots, begun: map[delivery.ID]firstAttempt{}, used: map[string]int{}, rests: map[string]*rest{}}
}

// shared names what all deliveries to one relay or endpoint share.
func shared(d delivery.Delivery) string {
	switch {
	case d.Webhook == nil:
		return "relay"
	case d.Webhook.Endpoint != "":
		return "endpoint " + string(d.Webhook.Endpoint)
	}
	if u, err := url.Parse(d.Webhook.URL); err == nil {
		return "host " + u.Host
	}
	return "host"
}

// room reports whether there is a slot left for one more: mails and webhooks have their own, and
// one endpoint may have an eighth of those.
func (f *firstAttempts) room(kind delivery.Kind, to string) bool {
	if kind.IsMail() {
		return f.used[to] < f.slots
	}
	return f.used["webhooks"] < f.slots && f.used[to] < max(f.slots/8, 1)
}

// promise reserves a slot for the first attempt of a delivery that is about to be
// written, and reports whether there is one. What is not claimed until it lapses is
// forgotten: whoever was to claim it is gone.
func (f *firstAttempts) promise(d delivery.Delivery, now time.Time, hold time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	to := shared(d)
	if f.slots > 0 && !f.room(d.Kind, to) {
		f.forgetLapsed(now)
	}
	if !f.room(d.Kind, to) || f.late >= f.slots*latePerSlot || f.resting(to, now) {
		return false
	}
	f.take(d.Kind, to, 1)
	f.begun[d.ID] = firstAttempt{to: to, begun: true, lapses: now.Add(hold)}
	return true
}

// follow lets a mail be taken as soon as the one before it has ended, in the same slot.
func (f *firstAttempts) follow(d delivery.Delivery, now time.Time, hold time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun[d.ID] = firstAttempt{lapses: now.Add(hold)}
}

// promised reports whether the first attempt is still to be made here.
func (f *firstAttempts) promised(id delivery.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.begun[id]
	return ok
}

// claim returns the promise, once. Whoever has it makes the attempt and calls release.
func (f *firstAttempts) claim(id delivery.ID) (firstAttempt, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.begun[id]
	delete(f.begun, id)
	return p, ok
}

// drop forgets promises whose deliveries were not written after all.
func (f *firstAttempts) drop(list []DeliveryWaiting) {
	for _, d := range list {
		if p, ok := f.claim(delivery.ID(d.ID)); ok {
			f.release(delivery.Kind(d.Kind), p)
		}
	}
}

// release gives the slot back.
func (f *firstAttempts) release(kind delivery.Kind, p firstAttempt) {
	if p.to == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.take(kind, p.to, -1)
}

func (f *firstAttempts) take(kind delivery.Kind, to string, n int) {
	count := func(key string) {
		if f.used[key] += n; f.used[key] <= 0 {
			delete(f.used, key)
		}
	}
	count(to)
	if !kind.IsMail() {
		count("webhooks")
	}
}

func (f *firstAttempts) forgetLapsed(now time.Time) {
	for id, p := range f.begun {
		if p.lapses.Before(now) {
			delete(f.begun, id)
			if p.to != "" {
				kind := delivery.KindWebhook
				if p.to == "relay" {
					kind = delivery.KindReply
				}
				f.take(kind, p.to, -1)
			}
		}
	}
}

// resting reports whether first attempts to it are left out for now. When a rest is over
// one is let through, and the rest continues until it is known how that went.
func (f *firstAttempts) resting(to string, now time.Time) bool {
	r := f.rests[to]
	if r == nil || r.bad < badAttempts {
		return false
	}
	if now.Before(r.until) {
		return true
	}
	r.until = now.Add(r.length())
	return false
}

func (r *rest) length() time.Duration {
	return min(shortestRest<<min(max(r.bad-badAttempts, 0), 8), longestRest)
}

// ended reports how an attempt went, a first one or not: one that was quick and was
// answered ends every rest.
func (f *firstAttempts) ended(d delivery.Delivery, result delivery.Result, took time.Duration, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	to := shared(d)
	answered := result.State == delivery.AttemptSent || result.State == delivery.AttemptFailed
	if answered && took < slowAttempt {
		delete(f.rests, to)
		return
	}
	f.bad(to, now)
}

// outlasts reports that an attempt continues after its workflow task, long before its end.
func (f *firstAttempts) outlasts(d delivery.Delivery, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bad(shared(d), now)
}

func (f *firstAttempts) bad(to string, now time.Time) {
	r := f.rests[to]
	if r == nil {
		if len(f.rests) >= restsKept {
			clear(f.rests)
		}
		r = &rest{}
		f.rests[to] = r
	}
	r.bad++
	r.until = now.Add(r.length())
}

// goLate counts attempts that outlast their workflow task, or their end (-1).
func (f *firstAttempts) goLate(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.late += n
}
