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

// bell coalesces wake-ups: many rings within bellPause become one.
type bell struct {
	ring func()

	mu      sync.Mutex
	pending bool
	closed  bool
	last    time.Time
	running sync.WaitGroup
}

func newBell(ring func()) *bell { return &bell{ring: ring} }

// Push asks for one ring soon. It never blocks.
func (b *bell) Push() {
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
		b.ring()
	})
}

// close lets the ring under way end and refuses further ones.
func (b *bell) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.running.Wait()
}
