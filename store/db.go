package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/errs"
)

// db is the pool of connections, the clock and the bell that all stores share.
type db struct {
	pool   *pgxpool.Pool
	quiet  *silence
	offset func() time.Duration
	bell   *bell
}

// dbConfig says how to open a database: the fields are those of Config.
type dbConfig struct {
	DSN      string
	MaxConns int32
	Tracer   pgx.QueryTracer
	Offset   func() time.Duration
	Silence  time.Duration
}

// The bounds of one statement: a writer waits for a conversation's lock at most
// lockTimeout; then the caller is told to try again.
const (
	lockTimeout      = "2s"
	statementTimeout = "30s"
	idleInTxTimeout  = "60s"
)

// openDB makes the pool. The database need not answer yet.
func openDB(ctx context.Context, cfg dbConfig) (*db, error) {
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
	d := &db{pool: pool, quiet: quiet, offset: cfg.Offset}
	if d.offset == nil {
		d.offset = func() time.Duration { return 0 }
	}
	d.bell = newBell(func() {
		// A lost bell costs nothing: the starter polls.
		_, _ = pool.Exec(context.WithoutCancel(ctx), "SELECT pg_notify('"+outboxChannel+"', '')")
	})
	return d, nil
}

// close waits for what is under way and closes the connections.
func (d *db) close() {
	d.bell.close()
	d.pool.Close()
}

// inTx runs do in a transaction of READ COMMITTED and commits when it returns
// nil. A deadlock or a failed serialization is repeated at once, three times.
func (d *db) inTx(ctx context.Context, op string, do func(tx pgx.Tx) error) error {
	return d.inTxWith(ctx, op, pgx.TxOptions{}, do)
}

// plannedOnce is for transactions on the way of every mail. Their statements look up single
// rows by an index, and planning them anew for each call took as long as running them: each
// connection plans them once, whatever the arguments.
var plannedOnce = pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_generic_plan"}

func (d *db) inTxWith(ctx context.Context, op string, options pgx.TxOptions, do func(tx pgx.Tx) error) error {
	var err error
	for range 4 {
		err = pgx.BeginTxFunc(ctx, d.pool, options, do)
		if !repeatable(err) {
			break
		}
	}
	return classify(op, err)
}

// readTx runs do in a transaction that sees one moment and writes nothing.
func (d *db) readTx(ctx context.Context, op string, do func(tx pgx.Tx) error) error {
	return classify(op, pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do))
}

// now reads the clock. It must come after the lock that orders it.
func (d *db) now(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var now time.Time
	err := tx.QueryRow(ctx, "SELECT clock_timestamp() + $1::interval", d.offset()).Scan(&now)
	return now, err
}

// oneRow runs a compare-and-set that must hit its row.
func (d *db) oneRow(ctx context.Context, op, sql string, args ...any) error {
	tag, err := d.pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		return errs.New(op, errs.Conflict, "somebody else has this delivery")
	}
	return classify(op, err)
}
