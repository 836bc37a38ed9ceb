// Package store keeps everything in Postgres. It has five parts, each a package that may use
// those before it: engine handles conversations, rules keeps workflows, directory keeps
// people, mailboxes and settings, inbox keeps what agents and customers see; internal has
// the connections and what a row of each table is. One method is one transaction, SQL stands
// where it runs or in a .sql file beside it, and only the store reads the time, from the database.
//
// Who may do a thing at all is asked by the API's guard, before the store. What a thing
// belongs to, only the store knows: a method that takes an access.Caller asks who.In for the
// mailbox that the thing is in, or who.Of for the user, in the transaction that reads it. A
// stranger finds what is not theirs not to be there. Methods on what belongs to the whole
// installation ask nothing more.
//
// Methods that take a pgx.Tx are for the other parts: nobody outside has one.
package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/inbox"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/rules"
)

// Store is all of it on one pool of connections, with one clock. It is safe for concurrent use.
type Store struct {
	*inbox.Store
	db *pg.DB
}

// What the methods of the parts take and return.
type (
	Conversation = engine.Conversation
	Rehearsal    = engine.Rehearsal
	Past         = engine.Past
	Wake         = engine.Wake
	Tester       = rules.Tester
	BacktestAsk  = rules.BacktestAsk
)

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
	db, err := pg.Open(ctx, pg.Config{DSN: cfg.DSN, MaxConns: cfg.MaxConns, Tracer: cfg.Tracer, Offset: cfg.Offset, Silence: cfg.Silence})
	if err != nil {
		return nil, err
	}
	return &Store{Store: inbox.New(db, directory.New(db, rules.New(db, engine.New(db), cfg.Tests))), db: db}, nil
}

// Close waits for what is under way and closes the connections.
func (s *Store) Close() { s.db.Close() }

// Ping reports whether the database answers.
//
// Errors: errs.Unavailable.
func (s *Store) Ping(ctx context.Context) error {
	return pg.Classify("store.Ping", s.db.Pool.Ping(ctx))
}

// NewID returns a fresh UUIDv7.
func NewID() string { return pg.NewID() }
