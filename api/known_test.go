package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/store"
)

// askedStore counts how often it is asked whose a token or a session is.
type askedStore struct {
	*store.Store
	asked    atomic.Int64
	sessions atomic.Int64 // of asked
}

func (s *askedStore) TokenUser(ctx context.Context, secret string) (access.Caller, error) {
	s.asked.Add(1)
	return s.Store.TokenUser(ctx, secret)
}

func (s *askedStore) SessionUser(ctx context.Context, secret string, idle bool) (access.Caller, error) {
	s.asked.Add(1)
	defer s.sessions.Add(1)
	return s.Store.SessionUser(ctx, secret, idle)
}

// TestTheLimitComesBeforeTheDatabase sends what costs a stranger nothing to make up.
func TestTheLimitComesBeforeTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const burst = 5
	for name, header := range map[string]func(http.Header){
		"made-up tokens": func(h http.Header) { h.Set("Authorization", "Bearer "+access.Secret([32]byte{1})) },
		"keys":           func(h http.Header) { h.Set("X-Smarticks-API-Key", access.Secret([32]byte{2})) },
		"cookies":        func(h http.Header) { h.Set("Cookie", "smarticks="+access.SessionSecret([32]byte{3})) },
		"no tokens":      func(http.Header) {},
		"other schemes":  func(h http.Header) { h.Set("Authorization", "Basic abc") },
	} {
		asked := &askedStore{Store: w.Store}
		server := httptest.NewServer(api.New(api.Config{Store: asked, Logger: slog.New(slog.DiscardHandler),
			Limit: api.Limit{PerSecond: 0.001, Burst: burst}}))
		t.Cleanup(server.Close)
		get := func(set func(http.Header)) int {
			req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/me", nil)
			if err != nil {
				t.Fatal(err)
			}
			set(req.Header)
			res, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			return res.StatusCode
		}
		ours := func(h http.Header) { h.Set("Authorization", "Bearer "+w.asAgent) }
		if got := get(ours); got != 200 {
			t.Fatalf("%s: %d before", name, got)
		}
		refused := 0
		for range 3 * burst {
			if get(header) == 429 {
				refused++
			}
		}
		if refused != 2*burst {
			t.Errorf("%s: %d of %d were refused", name, refused, 3*burst)
		}
		if n := asked.asked.Load(); n > burst+1 { // once for ours, which counts with its caller
			t.Errorf("%s: the database was asked %d times, the limit is %d", name, n, burst+1)
		}
		if got := get(ours); got != 200 { // whoever was known is not kept out by others at their address
			t.Errorf("%s: a caller who was known gets %d", name, got)
		}
	}
}
