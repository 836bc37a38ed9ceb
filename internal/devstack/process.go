package devstack

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a running child.
type process struct {
	cmd  *exec.Cmd
	dead chan struct{} // closed once the child has been waited for
	err  error         // of Wait; to be read after dead only
}

// startProcess starts cmd in a process group of its own, so that Ctrl-C in a
// terminal reaches us first and we stop the child when we no longer need it.
// The child gets onParentDeath when this process ends in any way (Linux only).
func startProcess(cmd *exec.Cmd, onParentDeath syscall.Signal) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	setParentDeathSignal(cmd.SysProcAttr, onParentDeath)

	p := &process{cmd: cmd, dead: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal follows the thread, not the process: the
		// thread that starts the child must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		close(p.dead)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop sends sig and waits. A child that has not ended after grace is killed.
// Stopping a dead child does nothing.
func (p *process) stop(sig syscall.Signal, grace time.Duration) {
	select {
	case <-p.dead:
		return
	default:
	}
	// An error means that the child ended just now; dead is closed then.
	_ = p.cmd.Process.Signal(sig)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.dead:
		return
	case <-timer.C:
	}
	_ = p.cmd.Process.Kill()
	<-p.dead
}

// logTail is the last lines of a log file, for an error about a server that
// ended while it started. It answers an empty string when there is none.
func logTail(path string, lines int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	const window = 16 << 10
	if info, err := f.Stat(); err == nil && info.Size() > window {
		if _, err := f.Seek(-window, io.SeekEnd); err != nil {
			return ""
		}
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return ""
	}
	return lastLines(b, lines)
}

func lastLines(b []byte, n int) string {
	all := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	if len(all) > n {
		all = all[len(all)-n:]
	}
	return string(bytes.Join(all, []byte("\n")))
}
