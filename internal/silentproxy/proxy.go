// Package silentproxy stands between a program and a server, and lets their
// connections go silent, as a firewall does that has forgotten them: nothing comes
// through any longer, and nobody is told.
package silentproxy

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Proxy passes on what it is given until Silence is called.
type Proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	pairs map[*pair]bool
	ended bool
}

// pair is one connection and its other half.
type pair struct {
	near, far net.Conn

	mu     sync.Mutex
	silent bool
}

// New starts a proxy to host:port, or to a socket's path, that ends with the test.
func New(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, pairs: map[*pair]bool{}}
	go p.serve()
	t.Cleanup(p.close)
	return p
}

// Addr is host:port of the proxy.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Postgres starts a proxy to the server of a connection string, and answers the
// string with the proxy in the server's place.
func Postgres(t testing.TB, dsn string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal("the DSN cannot be read")
	}
	target := u.Host
	if query := u.Query(); query.Get("host") != "" { // a socket in a directory
		target = query.Get("host") + "/.s.PGSQL." + cmp.Or(query.Get("port"), "5432")
		query.Del("host")
		query.Del("port")
		u.RawQuery = query.Encode()
	}
	p := New(t, target)
	u.Host = p.Addr()
	return p, u.String()
}

// Silence makes all connections silent for good and answers how many. New ones work.
func (p *Proxy) Silence() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for one := range p.pairs {
		one.mu.Lock()
		one.silent = true
		one.mu.Unlock()
	}
	return len(p.pairs)
}

func (p *Proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.connect(near)
	}
}

func (p *Proxy) connect(near net.Conn) {
	network := "tcp"
	if strings.HasPrefix(p.target, "/") {
		network = "unix"
	}
	far, err := (&net.Dialer{}).DialContext(context.Background(), network, p.target)
	if err != nil {
		_ = near.Close()
		return
	}
	one := &pair{near: near, far: far}
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		one.close()
		return
	}
	p.pairs[one] = true
	p.mu.Unlock()
	go p.pass(one, far, near)
	p.pass(one, near, far)
}

// pass copies until either side ends. Of a pair that is silent it swallows what
// comes, and the other side hears of no end.
func (p *Proxy) pass(one *pair, to, from net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		one.mu.Lock()
		silent := one.silent
		one.mu.Unlock()
		if silent && err == nil {
			continue
		}
		if silent {
			return // close ends the other half
		}
		if err == nil {
			_, err = to.Write(b[:n])
		}
		if err != nil {
			p.mu.Lock()
			delete(p.pairs, one)
			p.mu.Unlock()
			one.close()
			return
		}
	}
}

func (o *pair) close() {
	_ = o.near.Close()
	_ = o.far.Close()
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	for one := range p.pairs {
		one.close()
	}
}
