package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/smarticks/smarticks/internal/temporaltest"
)

// house is `smarticks up` on one state directory, over many lives.
type house struct {
	*product // of the present life: api, smtp, token
	state    string
	life     *child

	mu      sync.Mutex
	open    string // where mail goes; empty while nobody can know
	changed chan struct{}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	// Not t.TempDir, which the account that runs Postgres for root cannot enter.
	state, err := os.MkdirTemp("", "smarticks-kill-")
	must(t, err)
	must(t, os.Chmod(state, 0o755))
	h := &house{product: &product{t: t}, state: state, changed: make(chan struct{})}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the state directory is kept: %s", state)
			return
		}
		must(t, os.RemoveAll(state))
	})
	return h
}

// end ends the present life in an orderly way.
func (h *house) end() {
	h.life.stop()
	if dir := h.cluster(); !h.t.Failed() {
		must(h.t, os.RemoveAll(dir)) // it may lie outside the state directory
	}
}

// cluster is where the data of Postgres lie: elsewhere when the account that
// runs it cannot enter the state directory after all, and up says where.
func (h *house) cluster() string {
	for _, line := range h.life.lines() {
		if _, dir, ok := strings.Cut(line, "its data lies in "); ok {
			return strings.TrimSpace(dir)
		}
	}
	return filepath.Join(h.state, "postgres")
}

// begin starts the next life, which is not ready yet.
func (h *house) begin() {
	h.t.Helper()
	bin, err := temporaltest.BinDir()
	must(h.t, err)
	h.life = spawn(h.t, []string{"up", "--no-demo"},
		"SMARTICKS_STATE_DIR="+h.state, "SMARTICKS_BIN_DIR="+bin,
		"SMARTICKS_API_RATE=0", // it asks without a pause whether all is done
		"SMARTICKS_HTTP_ADDR=127.0.0.1:0", "SMARTICKS_SMTP_ADDR=127.0.0.1:0", "SMARTICKS_UP_SINK_PORT=0",
		"SMARTICKS_UP_TEMPORAL_PORT=0", "SMARTICKS_UP_UI_PORT=0")
}

// ready returns when the present life serves.
func (h *house) ready() {
	h.t.Helper()
	if !h.life.awaitLine("Serving.") {
		h.t.Fatal("up ended by itself")
	}
	for _, line := range h.life.lines() {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "  ")
		switch value = strings.TrimSpace(value); name {
		case "API":
			h.api = strings.TrimSuffix(value, "/v1")
		case "SMTP in":
			h.smtp = value
		case "Admin token":
			h.token, _, _ = strings.Cut(value, " ")
		}
	}
	h.move(h.smtp)
}

// kill ends the present life, and first its Postgres when hard: without, that
// hears of the death and writes what it has to disk.
func (h *house) kill(hard bool) {
	h.move("")
	if hard {
		b, err := os.ReadFile(filepath.Join(h.cluster(), "data", "postmaster.pid"))
		pid, _, _ := strings.Cut(string(b), "\n")
		if n, bad := strconv.Atoi(pid); err == nil && bad == nil && n > 1 {
			_ = syscall.Kill(n, syscall.SIGKILL) // or it has ended
		} else {
			h.t.Errorf("there is no Postgres to kill: %v, pid %q", err, pid)
		}
	}
	h.life.kill()
}

// move tells those who send mail where to.
func (h *house) move(addr string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = addr
	close(h.changed)
	h.changed = make(chan struct{})
}

// address waits until mail can be sent.
func (h *house) address(ctx context.Context) (string, error) {
	for {
		h.mu.Lock()
		addr, changed := h.open, h.changed
		h.mu.Unlock()
		if addr != "" {
			return addr, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// until waits until ok says so while up lives.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	if !h.within(patience, ok) {
		h.t.Fatalf("it never came: %s", what)
	}
}

// within asks again and again, as long as up lives.
func (h *house) within(d time.Duration, ok func() bool) bool {
	h.t.Helper()
	deadline := time.Now().Add(d)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			return false
		}
		select {
		case <-h.life.dead:
			h.t.Fatal("up ended by itself")
		case <-tick.C:
		}
	}
	return true
}

// sentFiles are the names in the directory of sent mail.
func (h *house) sentFiles() []string {
	h.t.Helper()
	entries, err := os.ReadDir(filepath.Join(h.state, "sent"))
	if !os.IsNotExist(err) {
		must(h.t, err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") { // one that was being written at a kill
			names = append(names, e.Name())
		}
	}
	return names
}

// content is what a file of the state directory holds; nothing when it is not
// there yet.
func (h *house) content(name string) string {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.state, name))
	if !os.IsNotExist(err) {
		must(h.t, err)
	}
	return string(b)
}

// list reads a list of the API to its end.
func (p *product) list(path string) []object {
	p.t.Helper()
	var items []object
	cursor := ""
	for {
		page := p.call("GET", path+cursor, nil)
		for _, item := range page["items"].([]any) {
			items = append(items, item.(object))
		}
		next, more := page["next_cursor"].(string)
		if !more {
			return items
		}
		cursor = "?cursor=" + next
	}
}
