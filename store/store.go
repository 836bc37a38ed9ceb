// Package store keeps everything in Postgres. One file per aggregate, one method
// one transaction; SQL stands where it runs, and no transaction leaves the
// package. Only store reads the time, from the database.
package store

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is a pool of connections and the clock. It is safe for concurrent use.
type Store struct {
	pool   *pgxpool.Pool
	quiet  *silence
	offset func() time.Duration
	bell   *bell
	hasher *hasher
	// versions remembers what never changes.
	versions *versionCache
	// viewMarks is the key that signs view marks, nil until it was read.
	viewMarks atomic.Pointer[string]
	// authserv are the servers that AuthservIDs names.
	authserv atomic.Pointer[[]string]
	tester   Tester
}

// Config says how to open a store.
type Config struct {
	// DSN is a Postgres connection string.
	DSN string
	// MaxConns bounds the pool. Zero means 16.
	MaxConns int32
	// Tracer sees every statement; nil for none.
	Tracer pgx.QueryTracer
	// Offset is added to the database's clock; nil in production. Tests that skip
	// time raise it.
	Offset func() time.Duration
	// Tests does the tests of workflows. Nil: one that has tests cannot be checked,
	// published or switched on.
	Tests Tester
	// Silence is how long the database may owe an answer before the connection is
	// given up. Zero means 40 s, which is longer than any statement may take.
	Silence time.Duration
}

// The bounds of one statement: a writer waits for a conversation's lock at most
// lockTimeout; then the caller is told to try again.
const (
	lockTimeout      = "2s"
	statementTimeout = "30s"
	idleInTxTimeout  = "60s"
)

// Open connects to the database. It does not look at the schema: see
// migrations.Check. The database need not answer yet.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	const op = "store.Open"
	pc, err := pgxpool.ParseConfig(cfg.DSN)
	if err != nil {
		return nil, invalid(op, "DATABASE_URL cannot be read", err)
	}
	pc.MaxConns = 16
	if cfg.MaxConns > 0 {
		pc.MaxConns = cfg.MaxConns
	}
	if cfg.Tracer != nil {
		pc.ConnConfig.Tracer = cfg.Tracer
	}
	rp := pc.ConnConfig.RuntimeParams
	rp["application_name"] = "smarticks"
	rp["timezone"] = "UTC"
	rp["lock_timeout"] = lockTimeout
	rp["statement_timeout"] = statementTimeout
	rp["idle_in_transaction_session_timeout"] = idleInTxTimeout
	// Our statements are short: compiling one to machine code takes longer than running it.
	rp["jit"] = "off"
	// Each of them has an index to go by. A plan that was made while its tables were small
	// is kept while they grow, and would read all of them until they are analyzed.
	rp["enable_seqscan"] = "off"
	pc.AfterConnect = becomeAppRole
	quiet := boundSilence(pc, cfg.Silence)
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, classify(op, err)
	}
	quiet.pool.Store(pool)
	s := &Store{pool: pool, quiet: quiet, offset: cfg.Offset, versions: newVersionCache(versionsKept), hasher: newHasher(), tester: cfg.Tests}
	if s.offset == nil {
		s.offset = func() time.Duration { return 0 }
	}
	s.bell = newBell(func() {
		// A lost bell costs nothing: the starter polls.
		_, _ = pool.Exec(context.WithoutCancel(ctx), "SELECT pg_notify('"+outboxChannel+"', '')")
	})
	return s, nil
}

// Close waits for what is under way and closes the connections.
func (s *Store) Close() {
	s.bell.close()
	s.pool.Close()
}

// Ping tells whether the database answers.
//
// Errors: errs.Unavailable.
func (s *Store) Ping(ctx context.Context) error {
	return classify("store.Ping", s.pool.Ping(ctx))
}

// NewID returns a fresh UUIDv7.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// inTx runs do in a transaction of READ COMMITTED and commits when it returns
// nil. A deadlock or a failed serialization is repeated at once, three times.
func (s *Store) inTx(ctx context.Context, op string, do func(tx pgx.Tx) error) error {
	return s.inTxWith(ctx, op, pgx.TxOptions{}, do)
}

// plannedOnce is for transactions on the way of every mail. Their statements look up single
// rows by an index, and planning them anew for each call took as long as running them: each
// connection plans them once, whatever the arguments.
var plannedOnce = pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_generic_plan"}

func (s *Store) inTxWith(ctx context.Context, op string, options pgx.TxOptions, do func(tx pgx.Tx) error) error {
	var err error
	for range 4 {
		err = pgx.BeginTxFunc(ctx, s.pool, options, do)
		if !repeatable(err) {
			break
		}
	}
	return classify(op, err)
}

// now reads the clock. It must come after the lock that orders it.
func (s *Store) now(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var now time.Time
	err := tx.QueryRow(ctx, "SELECT clock_timestamp() + $1::interval", s.offset()).Scan(&now)
	return now, err
}

// nullTime maps the zero time to NULL.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// nullID maps the empty id to NULL.
func nullID[T ~string](id T) *string {
	if id == "" {
		return nil
	}
	s := string(id)
	return &s
}

// orZero maps NULL to the zero value.
func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// list maps nil to an empty array, which is what NOT NULL columns hold.
func list[S ~string](in []S) []S {
	if in == nil {
		return []S{}
	}
	return in
}
