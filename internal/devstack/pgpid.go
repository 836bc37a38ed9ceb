package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what a postmaster writes into its data directory.
type pidFile struct {
	pid   int
	ready bool
}

// readPIDFile answers zeros when there is no file, or none that can be read yet.
func readPIDFile(data string) pidFile {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}
	}
	const pidLine, statusLine = 0, 7
	lines := strings.Split(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(lines[pidLine]))
	return pidFile{
		pid:   pid,
		ready: len(lines) > statusLine && strings.TrimSpace(lines[statusLine]) == "ready",
	}
}

// clearOldPostmaster waits for the postmaster of an earlier run that was killed: it
// may still be shutting down. It says whether a pid file stays behind, which
// means that the old server did not end in an orderly way.
func clearOldPostmaster(ctx context.Context, data string) (stale bool, err error) {
	old := readPIDFile(data)
	if old.pid == 0 {
		return false, nil
	}
	if err := endOrphan(ctx, old.pid, data, syscall.SIGINT, 20*time.Second); err != nil {
		return false, fmt.Errorf("the Postgres of an earlier run: %w", err)
	}
	path := filepath.Join(data, "postmaster.pid")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !alive(old.pid) {
		return true, nil
	}
	// The id belongs to another process by now, and Postgres would refuse to
	// start for fear of it. It takes the id of its own parent for what it is, a
	// number used again, and still checks that no backend of the old server lives;
	// removing the file would skip that check.
	_, rest, _ := strings.Cut(string(b), "\n")
	text := strconv.Itoa(os.Getpid()) + "\n" + rest
	return true, os.WriteFile(path, []byte(text), 0o600)
}
