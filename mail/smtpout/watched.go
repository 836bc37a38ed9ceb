package smtpout

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// watched is a connection that remembers whether a write failed, and can find
// out whether the other side has gone. Both tell "before the dot" from "after".
type watched struct {
	net.Conn

	mu      sync.Mutex
	failed  bool
	readied []byte // read by gone, not yet by the client
}

func (w *watched) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err != nil {
		w.mu.Lock()
		w.failed = true
		w.mu.Unlock()
	}
	return n, err
}

// writeFailed reports whether some bytes certainly never left. A dot is the last
// thing to be written, so then it did not.
func (w *watched) writeFailed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

func (w *watched) Read(b []byte) (int, error) {
	w.mu.Lock()
	if len(w.readied) > 0 {
		n := copy(b, w.readied)
		w.readied = w.readied[n:]
		w.mu.Unlock()
		return n, nil
	}
	w.mu.Unlock()
	return w.Conn.Read(b)
}

// within bounds what is read and written next. It fails only on a connection
// that is closed, which the next read or write finds out.
func (w *watched) within(d time.Duration) { _ = w.SetDeadline(time.Now().Add(d)) }

// gone reports whether the other side has closed the connection. It looks for a
// moment; what it reads meanwhile is kept for the client.
func (w *watched) gone() bool {
	b := make([]byte, 512)
	w.within(time.Millisecond)
	n, err := w.Conn.Read(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readied = append(w.readied, b[:n]...)
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}
