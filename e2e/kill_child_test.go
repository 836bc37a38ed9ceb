package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/smarticks/smarticks/internal/temporaltest"
)

// program is the product's binary, built once. It has the crash points, which
// do nothing unless CRASH_AT names one.
var program = sync.OnceValues(func() (string, error) {
	dir, err := temporaltest.BinDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "smarticks-crashpoint")
	build := exec.Command("go", "build", "-buildvcs=false", "-tags", "crashpoint", "-o", path, "github.com/smarticks/smarticks/cmd/smarticks")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the product: %w\n%s", err, out)
	}
	return path, nil
})

// child is a process of the product.
type child struct {
	cmd  *exec.Cmd
	dead chan struct{} // closed when it has ended

	mu      sync.Mutex
	printed []string
	more    chan struct{} // closed at the next line
}

// spawn starts the product with these arguments and settings, and with none of
// the settings that the test itself was started with.
func spawn(t testing.TB, args []string, settings ...string) *child {
	t.Helper()
	path, err := program()
	must(t, err)
	c := &child{cmd: exec.Command(path, args...), dead: make(chan struct{}), more: make(chan struct{})}
	c.cmd.Env = append(slices.DeleteFunc(os.Environ(), isSetting), settings...)
	c.cmd.SysProcAttr = &syscall.SysProcAttr{}
	endWithParent(c.cmd.SysProcAttr)
	out, err := c.cmd.StdoutPipe()
	must(t, err)
	c.cmd.Stderr = c.cmd.Stdout
	started := make(chan error)
	go func() {
		// The death of the parent is told to a child by the thread that started it,
		// which must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.listen(out)
		_ = c.cmd.Wait() // how it ended is for the test to judge
		close(c.dead)
	}()
	must(t, <-started)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("a child printed:\n%s", strings.Join(c.lines(), "\n"))
		}
	})
	return c
}

// isSetting reports whether a variable is a setting of the product; where its
// servers' programs are is the machine's.
func isSetting(v string) bool {
	name, _, _ := strings.Cut(v, "=")
	switch name {
	case "SMARTICKS_POSTGRES_BIN", "SMARTICKS_TEMPORAL_BIN", "SMARTICKS_BIN_DIR":
		return false
	case "DATABASE_URL", "CRASH_AT":
		return true
	}
	return strings.HasPrefix(name, "SMARTICKS_") || strings.HasPrefix(name, "TEMPORAL_")
}

// listen keeps what the child prints, until it ends.
func (c *child) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c.mu.Lock()
		c.printed = append(c.printed, lines.Text())
		close(c.more)
		c.more = make(chan struct{})
		c.mu.Unlock()
	}
}

func (c *child) lines() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.printed)
}

// awaitLine returns false when the child ends without having printed a line
// that has the text.
func (c *child) awaitLine(text string) bool {
	for {
		ended := !c.running()
		c.mu.Lock()
		more := c.more
		found := slices.ContainsFunc(c.printed, func(l string) bool { return strings.Contains(l, text) })
		c.mu.Unlock()
		if found || ended {
			return found
		}
		select {
		case <-more:
		case <-c.dead:
		}
	}
}

// kill ends the child as kill -9 does, and returns when it has ended.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // or it has ended
	<-c.dead
}

// stop asks the child to end and returns when it has.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(os.Interrupt) // or it has ended
	<-c.dead
}

func (c *child) running() bool {
	select {
	case <-c.dead:
		return false
	default:
		return true
	}
}
