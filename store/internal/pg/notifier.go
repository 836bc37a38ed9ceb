package pg

import (
	"sync"
	"time"
)

// OutboxChannel is what the starter listens to.
const OutboxChannel = "smarticks_outbox"

// bellPause is the least time between two NOTIFYs of a process: a NOTIFY takes a
// lock that ends group commit, so it goes alone, after the commit, and rarely.
const bellPause = 20 * time.Millisecond

// notifier coalesces wake-ups: many wakes within bellPause become one.
type notifier struct {
	wake func()

	mu      sync.Mutex
	pending bool
	closed  bool
	last    time.Time
	running sync.WaitGroup
}

func newNotifier(wake func()) *notifier { return &notifier{wake: wake} }

// Push asks for one wake soon. It never blocks.
func (b *notifier) Push() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending || b.closed {
		return
	}
	b.pending = true
	b.running.Add(1)
	time.AfterFunc(max(0, bellPause-time.Since(b.last)), func() {
		defer b.running.Done()
		b.mu.Lock()
		b.pending = false
		b.last = time.Now()
		b.mu.Unlock()
		b.wake()
	})
}

// close lets the wake under way end and refuses further ones.
func (b *notifier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.running.Wait()
}
