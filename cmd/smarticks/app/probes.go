package app

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/smarticks/smarticks/api"
)

// ServeProbes serves /healthz, /readyz and /metrics of a role that has no HTTP
// of its own, until ctx is done.
func (p *Product) ServeProbes(ctx context.Context, l net.Listener, checks ...api.Check) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		out := map[string]string{"status": "ok"}
		status := http.StatusOK
		for _, c := range checks {
			out[c.Name] = "ok"
			if c.Do(r.Context()) != nil {
				out[c.Name], out["status"], status = "not reachable", "not ready", http.StatusServiceUnavailable
			}
		}
		answer(w, status, out)
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

// DatabaseCheck tells whether the database answers.
func (p *Product) DatabaseCheck() api.Check { return api.Check{Name: "database", Do: p.Store.Ping} }

// TemporalCheck tells whether Temporal answers.
func (p *Product) TemporalCheck() api.Check {
	return api.Check{Name: "temporal", Do: func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := p.Client.CheckHealth(ctx, nil)
		return err
	}}
}
