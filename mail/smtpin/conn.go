package smtpin

import (
	"net"
	"sync"
	"time"
)

// conn is a connection that can be told to end when its mail is in, and to
// take only so many more bytes. What it reads goes through its stream.
type conn struct {
	net.Conn
	onClose func()
	expires time.Time // no further command is waited for after this
	in      stream    // known to the reader only

	mu       sync.Mutex
	draining bool
	busy     bool      // a mail's content is under way
	until    time.Time // of the content under way
	content  bool      // DATA's content is under way: what comes is no command
	hungUp   bool      // nothing more is read
	bare     bool      // a CR stood before a CR
	left     int64     // bytes that may still be read; negative: any number
}

// begin says that a mail's content is under way, and until when it may be; chunks
// says that it comes by BDAT, between commands. It comes after the 354, so also a
// draining connection takes this one mail.
func (c *conn) begin(until time.Time, chunks bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.until, c.content = true, until, !chunks
	c.readUntil(until)
}

// ending reports whether no further mail is to be begun.
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

// reset says that the next thing to come is a command.
func (c *conn) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.content, c.bare = -1, false, false
}

// allow bounds what is still read of a mail that is refused already.
func (c *conn) allow(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = n
}

// hangUp has nothing more read: go-smtp then closes the connection.
func (c *conn) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hungUp = true
}

// hadBare reports whether a CR stood alone before a CR in what was read for this mail.
func (c *conn) hadBare() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bare
}

func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
	if !c.busy {
		c.readUntil(time.Unix(1, 0))
	}
}

// SetReadDeadline lets a draining connection wait for nothing any longer, and no
// connection longer than its life or its mail's time: go-smtp then says 421 and
// closes it.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.expires
	if c.busy {
		last = c.until
	}
	switch {
	case c.draining && !c.busy:
		t = time.Unix(1, 0)
	case t.After(last):
		t = last
	}
	return c.Conn.SetReadDeadline(t)
}

// readUntil fails only on a closed connection, which the next read finds out.
func (c *conn) readUntil(t time.Time) { _ = c.Conn.SetReadDeadline(t) }

func (c *conn) Close() error {
	c.onClose()
	return c.Conn.Close()
}
