package devstack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// PortTakenError says that an address that we want to listen on is in use, by
// whom as far as that can be known, and which setting moves ours.
type PortTakenError struct {
	Port    int
	Holder  string // "pid 12, nginx", or empty when it cannot be known
	Setting string // the name of the environment variable
}

func (e *PortTakenError) Error() string {
	by := ""
	if e.Holder != "" {
		by = fmt.Sprintf(" (by %s)", e.Holder)
	}
	return fmt.Sprintf("port %d is taken%s: move ours with %s", e.Port, by, e.Setting)
}

// CheckFree says whether addr (host:port) can be listened on now. setting is the name
// of the environment variable that moves it, for the error.
//
// Errors: *PortTakenError when somebody listens there.
func CheckFree(addr, setting string) error {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("cannot listen on %s (set by %s): %w", addr, setting, err)
	}
	_, p, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		return fmt.Errorf("cannot listen on %s (set by %s): %w", addr, setting, err)
	}
	port, convErr := strconv.Atoi(p)
	if convErr != nil {
		return fmt.Errorf("cannot listen on %s (set by %s): %w", addr, setting, err)
	}
	return &PortTakenError{Port: port, Holder: portHolder(port), Setting: setting}
}

// freePort picks a port of ip that nobody listens on. Another process may take
// it before the caller does; a server that then fails to start says so.
//
// It stays below the ports that systems hand out to outgoing connections, so
// that a server that is stopped for a while finds its port again.
func freePort(ip string) (int, error) {
	const low, high, tries = 20000, 32000, 100
	var last error
	for range tries {
		port := low + rand.IntN(high-low)
		l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("pick a free port of %s: %w", ip, last)
}
