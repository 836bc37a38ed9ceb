// Package pgdial opens connections to Postgres on which nobody waits permanently: a
// connection whose other side has gone without a word, as behind a firewall that
// forgot it, ends with an error within a stated time.
package pgdial

import (
	"context"
	"fmt"
	"net"
	"time"
)

// The bounds of what the kernel does.
const (
	// Connect bounds how long a new connection may take, where the DSN does not say.
	Connect = 10 * time.Second
	// userTimeout is how long what was sent may stay without a sign that it arrived.
	userTimeout = 20 * time.Second
)

// keepAlive finds out within half a minute that nobody is there any longer, while
// Postgres works on a statement that says nothing.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Dialer opens connections.
type Dialer struct {
	// Silence is how long one read or write may wait. It must be longer than the
	// longest statement.
	Silence time.Duration
	// OnSilence, when set, is told of each connection that was given up.
	OnSilence func()
}

// Dial opens a connection. Its reads and writes fail with a *SilentError once they
// have waited for Silence, unless a deadline set by its user comes first. Nobody
// reads a connection that is owed no answer, so that an idle one lives on.
func (d Dialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAliveConfig: keepAlive, Control: setUserTimeout}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return d.watch(c), nil
}

func (d Dialer) watch(c net.Conn) *conn {
	return &conn{Conn: c, silence: d.Silence, onSilence: d.OnSilence}
}

// SilentError says that the other side has not answered for so long. It is no
// time-out of its user's: the connection is of no more use.
type SilentError struct{ Waited time.Duration }

func (e *SilentError) Error() string { return fmt.Sprintf("no answer for %v", e.Waited) }
