// Package store keeps everything in Postgres. One file per aggregate, one method
// one transaction; SQL stands where it runs, and no transaction leaves the
// package. Only store reads the time, from the database.
package store

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Store is a pool of connections and the clock. It is safe for concurrent use.
type Store struct {
	db     *db
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

// Open connects to the database. It does not look at the schema: see
// migrations.Check. The database need not answer yet.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	db, err := openDB(ctx, dbConfig{DSN: cfg.DSN, MaxConns: cfg.MaxConns, Tracer: cfg.Tracer, Offset: cfg.Offset, Silence: cfg.Silence})
	if err != nil {
		return nil, err
	}
	return &Store{db: db, versions: newVersionCache(versionsKept), hasher: newHasher(), tester: cfg.Tests}, nil
}

// Close waits for what is under way and closes the connections.
func (s *Store) Close() {
	s.db.close()
}

// Ping tells whether the database answers.
//
// Errors: errs.Unavailable.
func (s *Store) Ping(ctx context.Context) error {
	return classify("store.Ping", s.db.pool.Ping(ctx))
}
