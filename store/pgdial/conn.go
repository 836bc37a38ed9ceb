package pgdial

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// conn bounds the silence of a connection. pgx sets deadlines of its own when a
// context ends; the earlier one holds.
type conn struct {
	net.Conn
	silence   time.Duration
	onSilence func()

	mu            sync.Mutex // orders the deadlines of the user and ours
	reads, writes time.Time  // the user's deadlines; zero: none
}

func (c *conn) Read(b []byte) (int, error) {
	if err := c.armRead(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	return n, c.judge(err, &c.reads)
}

func (c *conn) Write(b []byte) (int, error) {
	if err := c.armWrite(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	return n, c.judge(err, &c.writes)
}

func (c *conn) armRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.SetReadDeadline(c.bound(c.reads))
}

func (c *conn) armWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.SetWriteDeadline(c.bound(c.writes))
}

// bound is the earlier one of the user's deadline and ours.
func (c *conn) bound(users time.Time) time.Time {
	ours := time.Now().Add(c.silence)
	if users.IsZero() || users.After(ours) {
		return ours
	}
	return users
}

// judge tells a silence from a deadline of the user's.
func (c *conn) judge(err error, users *time.Time) error {
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	c.mu.Lock()
	theirs := !users.IsZero() && !users.After(time.Now())
	c.mu.Unlock()
	if theirs {
		return err
	}
	if c.onSilence != nil {
		c.onSilence()
	}
	return &SilentError{c.silence}
}

// SetDeadline implements net.Conn, for a read or write under way too.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads = t
	return c.Conn.SetReadDeadline(c.bound(t))
}

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes = t
	return c.Conn.SetWriteDeadline(c.bound(t))
}
