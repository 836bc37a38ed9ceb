package smtpin

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// stream looks at what a client sends before go-smtp does. It bounds commands, which
// go-smtp cannot tell from content, and makes a CR before a CR a space: a lone CR has
// no meaning, and go-smtp would miss the line end after it, and with that the end of
// the data.
type stream struct {
	maxLine, maxCommands int
	postmaster           string // who stands for a postmaster without a domain

	raw     [4096]byte
	held    bool   // a CR was read, and what follows it was not
	line    []byte // a command whose end has not come
	ready   []byte // to be given out
	err     error  // after what is ready
	chunk   int64  // bytes of a BDAT chunk that are still to come
	command int    // so many were read
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	for len(c.in.ready) == 0 {
		if c.in.err != nil {
			err := c.in.err
			c.in.err = nil
			return 0, err
		}
		if !c.more() {
			return 0, io.EOF
		}
	}
	n := copy(b, c.in.ready)
	c.in.ready = c.in.ready[n:]
	return n, nil
}

// more reads once, and reports whether something may follow.
func (c *conn) more() bool {
	c.mu.Lock()
	left, hungUp := c.left, c.hungUp
	c.mu.Unlock()
	if left == 0 || hungUp {
		return false
	}
	into := c.in.raw[1:] // room for a CR that was held back
	if left > 0 && int64(len(into)) > left {
		into = into[:left]
	}
	n, err := c.Conn.Read(into)
	if left > 0 {
		c.allow(left - int64(n))
	}
	c.in.err = err
	c.look(c.in.clean(n, err != nil, c.isBare))
	return true
}

func (c *conn) isBare() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bare = true
}

// clean gives out what was read, but a CR at its end unless it is the last.
func (s *stream) clean(n int, last bool, bare func()) []byte {
	data := s.raw[1 : 1+n]
	if s.held && (n > 0 || last) {
		s.raw[0], s.held = '\r', false
		data = s.raw[:1+n]
	}
	for i := 0; i+1 < len(data); i++ {
		if data[i] == '\r' && data[i+1] == '\r' {
			data[i] = ' '
			bare()
		}
	}
	if end := len(data) - 1; end >= 0 && data[end] == '\r' && !last {
		s.held = true
		data = data[:end]
	}
	return data
}

// look puts data to what is ready, as far as it is content or whole commands.
func (c *conn) look(data []byte) {
	c.mu.Lock()
	content := c.content
	c.mu.Unlock()
	s := &c.in
	s.ready = s.ready[:0]
	if content {
		s.ready = append(append(s.ready, s.line...), data...)
		s.line, s.chunk = s.line[:0], 0
		return
	}
	for len(data) > 0 {
		if s.chunk > 0 {
			n := min(s.chunk, int64(len(data)))
			s.ready, data, s.chunk = append(s.ready, data[:n]...), data[n:], s.chunk-n
			continue
		}
		end := bytes.IndexByte(data, '\n') + 1
		if end == 0 {
			s.line, data = append(s.line, data...), nil
		} else {
			s.line, data = append(s.line, data[:end]...), data[end:]
		}
		if len(s.line) > s.maxLine {
			c.refuse("500 5.5.6 The line is too long")
			return
		}
		if end == 0 {
			return
		}
		if s.command++; s.command > s.maxCommands {
			c.refuse("421 4.7.0 Too many commands on one connection, try again later")
			return
		}
		s.ready = append(s.ready, s.postmasters(s.line)...)
		s.chunk = chunkSize(string(s.line))
		s.line = s.line[:0]
	}
}

// refuse tells the client why and hangs up. go-smtp writes nothing while it waits
// for a command.
func (c *conn) refuse(answer string) {
	_, _ = io.WriteString(c.Conn, answer+"\r\n")
	c.hangUp()
	c.in.ready, c.in.line, c.in.err = nil, nil, io.EOF
}

// chunkSize is how many bytes of content follow a command: those of a BDAT that
// go-smtp takes for one.
func chunkSize(command string) int64 {
	words := strings.Fields(command)
	if len(words) < 2 || len(words) > 3 || !strings.EqualFold(words[0], "BDAT") || len(words) == 3 && !strings.EqualFold(words[2], "LAST") {
		return 0
	}
	n, err := strconv.ParseUint(words[1], 10, 32)
	if err != nil {
		return 0
	}
	return int64(n)
}

// postmasters gives the one recipient who needs no domain (RFC 5321 4.5.1) one: go-smtp
// knows no recipients without.
func (s *stream) postmasters(command []byte) []byte {
	const bare = "RCPT TO:<POSTMASTER>"
	if len(command) < len(bare) || !strings.EqualFold(string(command[:len(bare)]), bare) {
		return command
	}
	return append([]byte("RCPT TO:<"+s.postmaster+">"), command[len(bare):]...)
}
