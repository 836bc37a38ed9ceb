package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/internal/pgtest"
)

// Metrics are served with the API only where nobody else than this machine asks, and
// not there either once they have an address of their own.
func TestMetricsAreNotServedWhereOthersReachTheAPI(t *testing.T) {
	t.Parallel()
	p, err := app.Open(t.Context(), app.Config{Database: app.Database{URL: pgtest.New(t), Conns: 4}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for _, c := range []struct {
		addr string
		set  app.API
		code int
	}{
		{"127.0.0.1:0", app.API{}, 200},
		{"0.0.0.0:0", app.API{}, 404},
		{"127.0.0.1:0", app.API{Metrics: "127.0.0.1:0"}, 404},
	} {
		l, err := app.Listen(t.Context(), c.addr, "")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.RunAPI(t.Context(), c.set, l) }()
		t.Cleanup(func() {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int{"/metrics": c.code, "/healthz": 200} {
			res, err := http.Get("http://127.0.0.1:" + port + path) //nolint:noctx // the server ends with the test
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != want {
				t.Errorf("%s of an API at %s (metrics %q): %d %v, want %d", path, c.addr, c.set.Metrics, res.StatusCode, err, want)
			}
			if path == "/metrics" && want == 200 && !strings.Contains(string(body), "go_") {
				t.Errorf("metrics: %s", body)
			}
		}
	}
}
