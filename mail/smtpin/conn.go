package smtpin

import (
	"io"
	"net"
	"sync"
	"time"
)

// listener remembers its connections, since go-smtp's Shutdown waits for idle
// ones to leave by themselves.
type listener struct {
	net.Listener
	mu       sync.Mutex
	draining bool
	conns    map[*conn]bool
}

func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, left: -1}
	c.onClose = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, c)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = true
	if l.draining {
		c.drain()
	}
	return c, nil
}

func (l *listener) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draining = true
	for c := range l.conns {
		c.drain()
	}
}

func (l *listener) closeAll() {
	l.mu.Lock()
	var all []*conn
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}

// conn is a connection that can be told to end when its mail is in, and to
// take only so many more bytes.
type conn struct {
	net.Conn
	onClose func()

	mu       sync.Mutex
	draining bool
	busy     bool  // a mail's content is under way
	left     int64 // bytes that may still be read; negative: any number
}

// begin says that a mail's content is under way, and until when it may be. It
// comes after the 354, so also a draining connection takes this one mail.
func (c *conn) begin(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = true
	c.readUntil(until)
}

// ending tells whether no further mail is to be begun.
func (c *conn) ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.draining
}

// end says that the content has been read and answered for.
func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
}

// allow bounds what is still read of a mail that is refused already.
func (c *conn) allow(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = n
}

func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
	if !c.busy {
		c.readUntil(time.Unix(1, 0))
	}
}

// SetReadDeadline lets a draining connection wait for nothing any more: go-smtp
// then says 421 and closes it.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.draining && !c.busy {
		t = time.Unix(1, 0)
	}
	return c.Conn.SetReadDeadline(t)
}

// readUntil fails only on a closed connection, which the next read finds out.
func (c *conn) readUntil(t time.Time) { _ = c.Conn.SetReadDeadline(t) }

func (c *conn) Read(b []byte) (int, error) {
	c.mu.Lock()
	left := c.left
	c.mu.Unlock()
	if left == 0 {
		return 0, io.EOF
	}
	if left > 0 && int64(len(b)) > left {
		b = b[:left]
	}
	n, err := c.Conn.Read(b)
	if left > 0 {
		c.allow(left - int64(n))
	}
	return n, err
}

func (c *conn) Close() error {
	c.onClose()
	return c.Conn.Close()
}
