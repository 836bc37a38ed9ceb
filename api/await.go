package api

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// endStore knows which runs have ended.
type endStore interface {
	// EndedRuns returns those of the runs that are not merely asked for any longer.
	EndedRuns(ctx context.Context, ids []automation.RunID) ([]runs.Run, error)
}

// The bounds of waiting for runs.
const (
	awaitPause  = 75 * time.Millisecond // between two looks
	awaitLook   = 5 * time.Second       // how long one look may take
	maxAwaited  = 20_000                // runs of one process; who would wait for more is answered at once
	longestWait = 30 * time.Second
)

// awaiting lets requests wait until runs end. However many wait, the process looks
// once in awaitPause, at all of their runs in one statement, and not at all while
// nobody waits. It is safe for concurrent use.
type awaiting struct {
	store  endStore
	logger *slog.Logger

	mu      sync.Mutex
	awaited map[automation.RunID][]*wait
	looking bool
	ended   bool
}

// wait is one request that waits.
type wait struct {
	left int // runs that have not ended
	runs map[automation.RunID]runs.Run
	done chan struct{} // closed when there is nothing to wait for any longer
}

func newAwaiting(store endStore, logger *slog.Logger) *awaiting {
	return &awaiting{store: store, logger: logger, awaited: map[automation.RunID][]*wait{}}
}

// await returns the runs that have ended as soon as all have, or what there is when
// the limit is over, the request is given up, or the server is about to stop.
func (a *awaiting) await(ctx context.Context, ids []automation.RunID, limit time.Duration) map[automation.RunID]runs.Run {
	w := &wait{left: len(ids), runs: map[automation.RunID]runs.Run{}, done: make(chan struct{})}
	if limit <= 0 || len(ids) == 0 || !a.enter(w, ids) {
		return nil
	}
	over := time.NewTimer(limit)
	defer over.Stop()
	select {
	case <-w.done:
	case <-over.C:
	case <-ctx.Done():
	}
	return a.leave(w, ids)
}

func (a *awaiting) enter(w *wait, ids []automation.RunID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || len(a.awaited)+len(ids) > maxAwaited {
		return false
	}
	for _, id := range ids {
		a.awaited[id] = append(a.awaited[id], w)
	}
	if !a.looking {
		a.looking = true
		go a.look()
	}
	return true
}

func (a *awaiting) leave(w *wait, ids []automation.RunID) map[automation.RunID]runs.Run {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		a.awaited[id] = slices.DeleteFunc(a.awaited[id], func(other *wait) bool { return other == w })
		if len(a.awaited[id]) == 0 {
			delete(a.awaited, id)
		}
	}
	return w.runs
}

// look looks at what is awaited, again and again, until nobody waits.
func (a *awaiting) look() {
	failed := false
	for {
		time.Sleep(awaitPause)
		a.mu.Lock()
		ids := slices.Collect(maps.Keys(a.awaited))
		if len(ids) == 0 {
			a.looking = false
			a.mu.Unlock()
			return
		}
		a.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), awaitLook)
		runs, err := a.store.EndedRuns(ctx, ids)
		cancel()
		if err != nil && !failed { // an outage is told once, and waited out
			a.logger.WarnContext(ctx, "runs that are awaited cannot be read", "error", err)
		}
		failed = err != nil
		a.tell(runs)
	}
}

// tell gives the runs to those who wait for them.
func (a *awaiting) tell(runs []runs.Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range runs {
		for _, w := range a.awaited[r.ID] {
			w.runs[r.ID] = r
			if w.left--; w.left == 0 {
				close(w.done)
			}
		}
		delete(a.awaited, r.ID)
	}
}

// end lets everybody go who waits, and nobody wait from now on.
func (a *awaiting) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	let := map[*wait]bool{}
	for _, waits := range a.awaited {
		for _, w := range waits {
			let[w] = true
		}
	}
	for w := range let {
		close(w.done)
	}
	clear(a.awaited)
}
