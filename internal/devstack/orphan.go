package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// alive says whether a process with this id exists, whoever owns it.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// commandLine is the command line of a process, its words joined by spaces; it
// is empty when that cannot be known.
func commandLine(pid int) string {
	if b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")); err == nil {
		return strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", " "))
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// endOrphan makes sure that the server with this pid, left by a run of ours
// that was killed, is gone. mark is a word that only our server has in its command
// line: the id may belong to somebody else by now, and then nothing is done.
//
// The orphan usually is on its way out already; it is asked by sig after a
// second, and killed after patience.
func endOrphan(ctx context.Context, pid int, mark string, sig syscall.Signal, patience time.Duration) error {
	ours := func() bool { return alive(pid) && strings.Contains(commandLine(pid), mark) }
	began := time.Now()
	asked, killed := false, false
	for ours() {
		waited := time.Since(began)
		switch {
		case waited > patience+5*time.Second:
			return fmt.Errorf("process %d of an earlier run does not end: kill it, then start again", pid)
		case waited > patience && !killed:
			killed = true
			_ = syscall.Kill(pid, syscall.SIGKILL)
		case waited > time.Second && !asked:
			asked = true
			_ = syscall.Kill(pid, sig)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// pause waits for d or until ctx ends, whose error it answers.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
