package api

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
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

// waitParameter is left out of what makes a request the repeat of another.
const waitParameter = "wait"

// WaitInput lets a caller wait for what is done later.
type WaitInput struct {
	Wait string `query:"wait" default:"0s" doc:"Wait so long for the end, at most 30s, and answer 200 with it; 202 when it is not over by then." example:"5s"`
}

func (in WaitInput) limit() (time.Duration, error) {
	limit, err := time.ParseDuration(in.Wait)
	if err != nil || limit < 0 || limit > longestWait {
		return 0, invalid("query."+waitParameter, "this must be a duration of at most 30s, as in 5s")
	}
	return limit, nil
}

// askAndWait is an ask whose caller may wait: it answers 200 with what has ended,
// else 202.
func askAndWait[I, B any](path string, verb access.Verb, summary string,
	h func(ctx context.Context, who access.Caller, in *I) (B, bool, error),
) route {
	answers := describesBody(reflect.TypeFor[B](), http.StatusAccepted, http.StatusOK)
	return serves(http.MethodPost, path, verb, summary, answers,
		func(c *gin.Context, in *I) error {
			body, ended, err := h(c.Request.Context(), callerFrom(c.Request.Context()), in)
			status := http.StatusAccepted
			if ended {
				status = http.StatusOK
			}
			return answer(c, status, body, err, false)
		})
}

// wait waits until the runs that were asked for have ended and puts them in their
// place. It reports whether all have; without a limit nobody waits.
func (h runList) wait(ctx context.Context, list []runs.Asked, limit time.Duration) bool {
	var ids []automation.RunID
	for _, a := range list {
		if a.Err == nil && a.Run.State == automation.RunAsked {
			ids = append(ids, a.Run.ID)
		}
	}
	ended := h.awaiting.await(ctx, ids, limit)
	for i, a := range list {
		if r, ok := ended[a.Run.ID]; ok && a.Err == nil {
			list[i].Run = r
		}
	}
	return limit > 0 && len(ended) == len(ids)
}
