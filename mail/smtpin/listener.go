package smtpin

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// listener keeps count of the connections that are served.
type listener struct {
	net.Listener
	cfg Config

	mu       sync.Mutex
	draining bool
	conns    map[*conn]bool
	from     map[netip.Prefix]int // connections of each address
}

func newListener(cfg Config, inner net.Listener) *listener {
	return &listener{Listener: inner, cfg: cfg, conns: map[*conn]bool{}, from: map[netip.Prefix]int{}}
}

// Accept returns the next connection. One too many of its address is told so, and
// closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.take(nc); c != nil {
			return c, nil
		}
		_ = nc.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(nc, "421 4.7.0 Too many connections from your address, try again later\r\n")
		_ = nc.Close()
	}
}

// take returns nil for a connection that is one too many.
func (l *listener) take(nc net.Conn) *conn {
	c := &conn{Conn: nc, left: -1, expires: time.Now().Add(l.cfg.SessionLife)}
	c.in.maxLine, c.in.maxCommands = l.cfg.MaxCommandBytes, l.cfg.MaxCommands
	c.in.postmaster = postmaster(l.cfg.Domain)
	whose := source(nc.RemoteAddr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from[whose] >= l.cfg.MaxConnectionsPerAddress {
		return nil
	}
	l.from[whose]++
	l.conns[c] = true
	c.onClose = sync.OnceFunc(func() { l.leave(c, whose) })
	if l.draining {
		c.drain()
	}
	return c
}

func (l *listener) leave(c *conn, whose netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	if l.from[whose]--; l.from[whose] == 0 {
		delete(l.from, whose)
	}
}

// source is whose connection it is: an IPv4 address, or a /64 of IPv6, which is what
// one customer of a provider has.
func source(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	addr := tcp.AddrPort().Addr().Unmap()
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	p, _ := addr.WithZone("").Prefix(bits)
	return p
}

// drain ends the connections on which no mail is under way, and lets the others
// end after theirs.
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
