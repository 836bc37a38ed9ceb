package api_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// ends says which runs have ended, and counts who asks.
type ends struct {
	mu    sync.Mutex
	at    map[automation.RunID]time.Time
	looks int
	most  int // runs in one look
	fail  error
}

func (e *ends) look(_ context.Context, ids []automation.RunID) ([]runs.Run, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.looks++
	e.most = max(e.most, len(ids))
	if e.fail != nil {
		return nil, e.fail
	}
	var out []runs.Run
	for _, id := range ids {
		if at, ok := e.at[id]; ok && !time.Now().Before(at) {
			out = append(out, runs.Run{ID: id, State: automation.RunDone})
		}
	}
	return out, nil
}

func (e *ends) set(do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	do()
}

func runID(n int) automation.RunID { return automation.RunID(fmt.Sprint("run ", n)) }

func TestHoweverManyWaitThereIsOneLookAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &ends{at: map[automation.RunID]time.Time{}}
		a := api.NewAwaiting(e.look, slog.New(slog.DiscardHandler))
		began := time.Now()
		for n := range 200 { // two wait for each run
			e.at[runID(n/2)] = began.Add(time.Duration(n/2) * 10 * time.Millisecond)
		}
		var all sync.WaitGroup
		for n := range 200 {
			all.Go(func() {
				got := a.Await(t.Context(), []automation.RunID{runID(n / 2)}, 5*time.Second)
				if got[runID(n/2)].State != automation.RunDone {
					t.Errorf("run %d: %+v", n/2, got)
				}
				if late := time.Since(e.at[runID(n/2)]); late > api.AwaitPause {
					t.Errorf("run %d was told %v after its end", n/2, late)
				}
			})
		}
		all.Wait()
		if most := int(time.Since(began)/api.AwaitPause) + 1; e.looks > most || e.most != 100 {
			t.Errorf("%d looks at up to %d runs, want at most %d looks", e.looks, e.most, most)
		}
		e.set(func() { e.looks = 0 })
		time.Sleep(time.Minute)
		if e.looks > 0 {
			t.Errorf("%d looks while nobody waits", e.looks)
		}
	})
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	ids := []automation.RunID{"one", "two"}
	for name, c := range map[string]struct {
		limit time.Duration
		after time.Duration // which ends it
		end   func(cancel func(), a api.Awaiting)
	}{
		"when the limit is over":       {3 * time.Second, 3 * time.Second, func(func(), api.Awaiting) {}},
		"when the request is given up": {30 * time.Second, time.Second, func(cancel func(), _ api.Awaiting) { cancel() }},
		"when the server stops":        {30 * time.Second, time.Second, func(_ func(), a api.Awaiting) { a.End() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := &ends{at: map[automation.RunID]time.Time{"one": time.Now()}}
				a := api.NewAwaiting(e.look, slog.New(slog.DiscardHandler))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began := time.Now()
				time.AfterFunc(time.Second, func() { c.end(cancel, a) })
				got := a.Await(ctx, ids, c.limit)
				if took := time.Since(began); took != c.after || !slices.Equal(slices.Collect(maps.Keys(got)), ids[:1]) {
					t.Errorf("after %v with %v, want after %v with what had ended", took, got, c.after)
				}
				time.Sleep(time.Second) // the look under way is the last
				e.set(func() { e.looks = 0 })
				time.Sleep(time.Minute)
				if e.looks > 0 {
					t.Errorf("%d looks while nobody waits", e.looks)
				}
			})
		})
	}
}

func TestAnOutageIsWaitedOutAndToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		e := &ends{at: map[automation.RunID]time.Time{"one": time.Now()}, fail: errors.New("no database")}
		a := api.NewAwaiting(e.look, slog.New(slog.NewTextHandler(&log, nil)))
		time.AfterFunc(2*time.Second, func() { e.set(func() { e.fail = nil }) })
		if got := a.Await(t.Context(), []automation.RunID{"one"}, 10*time.Second); len(got) != 1 {
			t.Errorf("%v", got)
		}
		time.Sleep(time.Second) // the look under way is the last
		if n := strings.Count(log.String(), "no database"); n != 1 {
			t.Errorf("told %d times: %s", n, log.String())
		}
	})
}

func TestWhoWouldWaitForTooManyIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &ends{}
		a := api.NewAwaiting(e.look, slog.New(slog.DiscardHandler))
		ids := make([]automation.RunID, api.MaxAwaited+1)
		for i := range ids {
			ids[i] = runID(i)
		}
		began := time.Now()
		if got := a.Await(t.Context(), ids, time.Second); len(got) != 0 || time.Since(began) != 0 {
			t.Errorf("%d after %v", len(got), time.Since(began))
		}
	})
}

// until asks again and again, for a minute at most.
func (w *world) until(what string, ok func() bool) {
	w.Helper()
	over := time.NewTimer(patience)
	defer over.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-over.C:
			w.Fatalf("it never came: %s", what)
		}
	}
}

func TestARunThatIsWaitedForIsAnsweredWithItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(manual)
	a, b, foreign := w.open(w.support.ID, "a"), w.open(w.support.ID, "b"), w.open(w.billing.ID, "c")
	// Nobody runs it: there is nothing to wait for but the limit.
	ask := map[string]any{"workflow_id": id}
	first := w.want(202, w.asAgent, "POST", "/v1/conversations/"+a+"/runs?wait=100ms", ask, "Idempotency-Key", "one")
	if first.text(t, "state") != "asked" {
		t.Errorf("%s", first.body)
	}
	for _, wrong := range []string{"soon", "31s", "-1s", "5"} {
		if r := w.want(422, w.asAgent, "POST", "/v1/conversations/"+a+"/runs?wait="+wrong, ask); !strings.Contains(string(r.body), "query.wait") {
			t.Errorf("%s: %s", wrong, r.body)
		}
	}
	waits := func(path string, body any, key string) <-chan reply {
		answered := make(chan reply, 1)
		go func() { answered <- w.call(w.asAgent, "POST", path+"?wait=30s", body, "Idempotency-Key", key) }()
		return answered
	}
	// The repeat waits longer, and is the same request.
	one := waits("/v1/conversations/"+a+"/runs", ask, "one")
	many := waits(path+"/run", map[string]any{"conversation_ids": []string{a, b, foreign}}, "many")
	w.until("the runs are asked for", func() bool { return w.Number(`SELECT count(*) FROM runs`) == 3 })
	w.advance(a)
	w.advance(b)
	if r := <-one; r.status != 200 || r.text(t, "state") != "done" || r.text(t, "id") != first.text(t, "id") ||
		r.text(t, "actions", 0, "state") != "done" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := <-many; r.status != 200 || r.text(t, "results", 0, "run", "state") != "done" ||
		r.text(t, "results", 1, "run", "state") != "done" || r.text(t, "results", 2, "outcome") != "not_found" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := w.want(200, w.asAgent, "POST", "/v1/conversations/"+a+"/runs?wait=1s", ask, "Idempotency-Key", "one"); r.text(t,
		"state") != "done" {
		t.Errorf("%s", r.body)
	}
	if doc := string(w.want(200, "", "GET", "/openapi.json", nil).body); !strings.Contains(doc, `"wait"`) {
		t.Error("the document does not name wait")
	}
}

func TestAWaitEndsWhenItsCallerGoesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(manual)
	conv := w.open(w.support.ID, "a")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req := testhouse.Got(http.NewRequestWithContext(ctx, "POST", w.server.URL+"/v1/conversations/"+conv+"/runs?wait=30s",
		strings.NewReader(`{"workflow_id": "`+id+`"}`)))(t)
	req.Header.Set("Authorization", "Bearer "+w.asAgent)
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan error, 1)
	go func() {
		res, err := w.server.Client().Do(req)
		if err == nil {
			err = errors.Join(fmt.Errorf("it was answered %s", res.Status), res.Body.Close())
		}
		gone <- err
	}()
	w.until("the runs are asked for", func() bool { return w.Number(`SELECT count(*) FROM runs`) == 1 })
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// The server says when it has done with a request, and how long that took.
	answered := regexp.MustCompile(`"route":"/v1/conversations/:id/runs".*"status":\d+,"took":(\d+)`)
	var took []string
	w.until("the request is done with", func() bool {
		took = answered.FindStringSubmatch(w.logs.String())
		return took != nil
	})
	if waited := time.Duration(testhouse.Got(strconv.ParseInt(took[1], 10, 64))(t)); waited >= 30*time.Second {
		t.Errorf("it waited on for %v", waited)
	}
}

func TestWhoAskedIsToldTheEndAlsoOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(edited(t, manual, fmt.Sprintf(`{"actions": [{"do": "move", "mailbox": %q}]}`, w.billing.ID)))
	conv := w.open(w.support.ID, "a")
	answered := make(chan reply, 1)
	go func() {
		answered <- w.call(w.asAgent, "POST", "/v1/conversations/"+conv+"/runs?wait=30s", map[string]any{"workflow_id": id}, "Idempotency-Key",
			"move")
	}()
	w.until("the runs are asked for", func() bool { return w.Number(`SELECT count(*) FROM runs`) == 1 })
	w.advance(conv)
	r := <-answered
	if r.status != 200 || r.text(t, "state") != "done" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	w.want(404, w.asAgent, "GET", "/v1/runs/"+r.text(t, "id"), nil)
	again := func(status int) reply {
		t.Helper()
		return w.want(status, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": id}, "Idempotency-Key", "move")
	}
	if again := again(202); again.text(t, "id") != r.text(t, "id") {
		t.Errorf("asked again: %s", again.body)
	}
	w.want(404, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": id}, "Idempotency-Key", "another")
	// Who is no member of the mailbox any longer where he asked is told nothing.
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), map[string]any{"mailbox_ids": []string{}})
	again(404)
}
