package devstack

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
)

// janitorScript waits until its standard input ends, which happens when we close it
// or die in any way; then it lets the server end and removes the directory $1.
const janitorScript = `
cat >/dev/null
if read -r pid <"$2/postmaster.pid"; then kill -INT "$pid"; fi
n=0
while [ -e "$2/postmaster.pid" ] && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done
rm -rf -- "$1"
`

// janitor is a child that cleans up after a throw-away server whose owner did
// not: a test process has no last word, and memory that it held in /dev/shm
// would stay until the machine is restarted.
type janitor struct {
	leash io.WriteCloser
	gone  chan struct{}
}

func hireJanitor(place, data string) (*janitor, error) {
	cmd := exec.Command("/bin/sh", "-c", janitorScript, "janitor", place, data)
	cmd.Dir = "/"
	// Of its own group, so that Ctrl-C does not take the janitor first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the janitor of a throw-away Postgres: %w", err)
	}
	j := &janitor{leash: leash, gone: make(chan struct{})}
	go func() {
		defer close(j.gone)
		// Its status is that of rm, on a directory that mostly is gone already.
		_ = cmd.Wait()
		// Until here the leash is in use: a collector that takes a forgotten
		// server for garbage would close it, and end the server.
		runtime.KeepAlive(j)
	}()
	return j, nil
}

// dismiss ends the janitor and waits for it; the directory is gone afterwards.
func (j *janitor) dismiss() {
	_ = j.leash.Close()
	<-j.gone
}
