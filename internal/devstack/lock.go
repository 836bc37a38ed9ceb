package devstack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// AlreadyRunningError says who holds a state directory.
type AlreadyRunningError struct {
	// Dir is the state directory.
	Dir string
	// PID is the process that holds it; zero when it has not said so yet.
	PID int
}

func (e *AlreadyRunningError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("already running in %s", e.Dir)
	}
	return fmt.Sprintf("already running, pid %d (state directory %s)", e.PID, e.Dir)
}

// Lock takes the state directory dir for this process, and makes it when it is
// missing. The lock ends with release or with the process, also when that is killed;
// the file stays, since removing a lock file lets two hold "the" lock.
//
// Errors: *AlreadyRunningError when another process holds it.
func Lock(dir string) (release func(), err error) {
	// Others may enter: as root, Postgres runs under an account of its own.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	path := filepath.Join(dir, "smarticks.pid")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		b, _ := os.ReadFile(path)
		pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		return nil, &AlreadyRunningError{Dir: dir, PID: pid}
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return func() { unlock(f) }, nil
}

// unlock gives the lock up by name: closing alone would leave it to a child that
// is being started just now and holds a copy of f until its exec.
func unlock(f *os.File) {
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	_ = f.Close()
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// exclusively runs fn while this process alone holds the lock file at path; it
// waits for others without a limit, since they build or install the same thing.
func exclusively(path string, fn func() error) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("open lock file: %w", err)
	}
	defer unlock(f)
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return fn()
}
