package pg

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/store/pgdial"
)

// silence bounds how long a connection may say nothing while it owes an answer. The
// server bounds statements too, but a server that cannot be reached any longer ends
// nothing on our side.
type silence struct {
	// most is longer than statementTimeout: the server's own word comes first.
	most time.Duration
	pool atomic.Pointer[pgxpool.Pool] // set once it is made
}

const (
	defaultSilence = 40 * time.Second
	// restUnasked is how long a connection may have rested and is used unasked.
	restUnasked = time.Second
)

// boundSilence has the pool's connections opened with bounds. Whoever sees one
// silent has all others opened again: what made that one silent has not spared them.
func boundSilence(pc *pgxpool.Config, most time.Duration) *silence {
	if most <= 0 {
		most = defaultSilence
	}
	q := &silence{most: most}
	if pc.ConnConfig.ConnectTimeout <= 0 {
		pc.ConnConfig.ConnectTimeout = pgdial.Connect
	}
	pc.ConnConfig.DialFunc = pgdial.Dialer{Silence: most, OnSilence: q.renew}.Dial
	pc.PingTimeout = q.ping()
	pc.ShouldPing = q.shouldPing
	return q
}

// ping is how long a connection may take to answer nothing but a ping.
func (q *silence) ping() time.Duration { return q.most / 8 }

// renew closes all connections: those in use when they are given back.
func (q *silence) renew() {
	if pool := q.pool.Load(); pool != nil {
		pool.Reset()
	}
}

// shouldPing asks a connection that has rested. One that does not answer is closed
// by that; true then has the pool ask once more, find that, and take another.
func (q *silence) shouldPing(ctx context.Context, p pgxpool.ShouldPingParams) bool {
	if p.IdleDuration <= restUnasked {
		return false
	}
	err := q.asks(ctx, p.Conn)
	if err != nil && ctx.Err() == nil {
		q.renew()
	}
	return err != nil
}

// asks reports whether the connection answers a ping in time.
func (q *silence) asks(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, q.ping())
	defer cancel()
	return conn.Ping(ctx)
}

// WaitForNotification waits until a notification comes, and asks the connection
// now and then whether it is still there.
func (q *silence) WaitForNotification(ctx context.Context, conn *pgx.Conn) error {
	for {
		wait, cancel := context.WithTimeout(ctx, q.most/2)
		_, err := conn.WaitForNotification(wait)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if err := q.asks(ctx, conn); err != nil {
			return err
		}
	}
}

// HangUp closes a connection that may be silent.
func (q *silence) HangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.ping())
	defer cancel()
	_ = conn.Close(ctx)
}
