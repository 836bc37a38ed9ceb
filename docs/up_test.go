package docs_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/smarticks/smarticks/internal/temporaltest"
)

const (
	// startWithin includes building Temporal's dev server where it is missing.
	startWithin = 8 * time.Minute
	stopWithin  = 8 * time.Minute
)

// serving is a `smarticks up` that serves with its demo, on ports and in a state
// directory of its own.
type serving struct {
	state, api, smtp, ui string
}

// serve starts the product as `make up` does, waits until it says that it serves,
// and ends it with the test.
func serve(t *testing.T) serving {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "smarticks")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "./cmd/smarticks")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the product: %v\n%s", err, out)
	}
	bin, err := temporaltest.BinDir()
	if err != nil {
		t.Fatal(err)
	}
	p := freePorts(t, 6)
	s := serving{state: stateDir(t), api: p[0], smtp: p[1], ui: p[2]}
	port := func(addr string) string { _, port, _ := net.SplitHostPort(addr); return port }
	up := exec.Command(binary, "up") //nolint:noctx // it is interrupted, not killed: see the cleanup
	up.Env = append(cleanEnv(),
		"SMARTICKS_STATE_DIR="+s.state, "SMARTICKS_BIN_DIR="+bin,
		"SMARTICKS_API_RATE=0", // all trials share one token, at once
		"SMARTICKS_HTTP_ADDR="+s.api, "SMARTICKS_SMTP_ADDR="+s.smtp, "SMARTICKS_UP_UI_PORT="+port(s.ui),
		"SMARTICKS_UP_TEMPORAL_PORT="+port(p[3]), "SMARTICKS_UP_SINK_PORT="+port(p[4]), "SMARTICKS_UP_WEBHOOK_PORT="+port(p[5]))
	run(t, up)
	return s
}

// run starts the command, returns when it says that it serves, and interrupts it
// at the end of the test.
func run(t *testing.T, up *exec.Cmd) {
	t.Helper()
	out, err := up.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	up.Stderr = up.Stdout
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	var said strings.Builder
	var once sync.Once
	go func() {
		defer close(ended)
		for s := bufio.NewScanner(out); s.Scan(); {
			said.WriteString(s.Text() + "\n")
			if strings.HasPrefix(s.Text(), "Serving.") {
				once.Do(func() { close(ready) })
			}
		}
		_ = up.Wait()
	}()
	t.Cleanup(func() {
		_ = up.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(stopWithin):
			t.Error("smarticks up did not end when it was interrupted")
			_ = up.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("smarticks up said:\n%s", said.String())
		}
	})
	select {
	case <-ready:
	case <-ended:
		t.Fatal("smarticks up ended before it served")
	case <-time.After(startWithin):
		t.Fatal("smarticks up does not serve")
	}
}

// stateDir returns a directory that the account that runs Postgres may enter,
// which is another one when the test runs as root.
func stateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Getuid() {
			break
		}
		if err := os.Chmod(d, info.Mode().Perm()|0o111); err != nil { //nolint:gosec // to be entered by others is the point
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "state")
}

// cleanEnv is the environment without what would move the product elsewhere.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		moved := strings.HasPrefix(name, "SMARTICKS_") || strings.HasPrefix(name, "TEMPORAL_") || name == "DATABASE_URL"
		if !moved || name == "SMARTICKS_TEMPORAL_BIN" || name == "SMARTICKS_POSTGRES_BIN" {
			env = append(env, kv)
		}
	}
	return env
}

// freePorts returns addresses on this machine that nobody listens on, below the
// ports that systems hand out to outgoing connections.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	const low, high, tries = 20000, 32000, 200
	var addrs []string
	var listeners []net.Listener
	for range tries {
		if len(addrs) == n {
			break
		}
		addr := fmt.Sprintf("127.0.0.1:%d", low+rand.IntN(high-low))
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
		if err != nil {
			continue
		}
		addrs, listeners = append(addrs, addr), append(listeners, l)
	}
	for _, l := range listeners {
		_ = l.Close()
	}
	if len(addrs) < n {
		t.Fatalf("only %d free ports found", len(addrs))
	}
	return addrs
}
