package app

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/smarticks/smarticks/api"
)

// checkTimeout bounds one check of a probe.
const checkTimeout = 3 * time.Second

// starterRests is longer than a starter goes without asking Temporal and the outbox.
const starterRests = 15 * time.Second

// ServeProbes serves /healthz, /readyz and /metrics of a role that has no HTTP
// of its own, until ctx is done.
func (p *Product) ServeProbes(ctx context.Context, l net.Listener, checks ...api.Check) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		failing := []string{}
		for _, c := range checks {
			ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
			if c.Do(ctx) != nil {
				failing = append(failing, c.Name)
			}
			cancel()
		}
		if len(failing) > 0 {
			answer(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "failing": failing})
			return
		}
		answer(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	mux.Handle("GET /metrics", p.Metrics)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// DatabaseCheck reports whether the database answers.
func (p *Product) DatabaseCheck() api.Check { return api.Check{Name: "database", Do: p.Store.Ping} }

// TemporalCheck reports whether Temporal answers.
func (p *Product) TemporalCheck() api.Check {
	return api.Check{Name: "temporal", Do: func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		_, err := p.Client.CheckHealth(ctx, nil)
		return err
	}}
}

// StarterCheck reports whether the starter of this process wakes.
func (p *Product) StarterCheck() api.Check {
	return api.Check{Name: "starter", Do: func(context.Context) error { return p.starter.Ready(starterRests) }}
}
