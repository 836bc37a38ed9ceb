package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/errs"
)

// DB is the pool of connections, the clock and the notifier that all stores share.
type DB struct {
	Pool     *pgxpool.Pool
	Quiet    *silence
	Offset   func() time.Duration
	Notifier *notifier
}

// Config says how to open a database: see store.Config.
type Config struct {
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

// Open makes the pool. The database need not answer yet.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	const op = "store.Open"
	pc, err := pgxpool.ParseConfig(cfg.DSN)
	if err != nil {
		return nil, Invalid(op, "DATABASE_URL cannot be read", err)
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
		return nil, Classify(op, err)
	}
	quiet.pool.Store(pool)
	d := &DB{Pool: pool, Quiet: quiet, Offset: cfg.Offset}
	if d.Offset == nil {
		d.Offset = func() time.Duration { return 0 }
	}
	d.Notifier = newNotifier(func() {
		// A lost notifier costs nothing: the starter polls.
		_, _ = pool.Exec(context.WithoutCancel(ctx), "SELECT pg_notify('"+OutboxChannel+"', '')")
	})
	return d, nil
}

// Close waits for what is under way and closes the connections.
func (d *DB) Close() {
	d.Notifier.close()
	d.Pool.Close()
}

// PlannedOnce is for transactions on the way of every mail. Their statements look up single
// rows by an index, and planning them again for each call took as long as running them: each
// connection plans them once, whatever the arguments.
var PlannedOnce = pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_generic_plan"}

var oneMoment = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// tries is how often a transaction is run that a deadlock or a failed serialization ends.
const tries = 4

// InTx runs do in a transaction of READ COMMITTED, commits when it returns no error and
// returns its value. A deadlock or a failed serialization is repeated at once, three times:
// so do must write nothing that it captured, and what it found out is in its value. With an
// error the value is zero.
func InTx[T any](ctx context.Context, d *DB, op string, do func(tx pgx.Tx) (T, error)) (T, error) {
	return InTxWith(ctx, d, op, pgx.TxOptions{}, do)
}

// InTxWith is InTx with options.
func InTxWith[T any](ctx context.Context, d *DB, op string, options pgx.TxOptions, do func(tx pgx.Tx) (T, error)) (T, error) {
	value, err := begun(ctx, d, options, do)
	for try := 1; try < tries && repeatable(err); try++ {
		value, err = begun(ctx, d, options, do)
	}
	return value, Classify(op, err)
}

// ReadTx runs do in a transaction that sees one moment and writes nothing, and returns its
// value; with an error the value is zero.
func ReadTx[T any](ctx context.Context, d *DB, op string, do func(tx pgx.Tx) (T, error)) (T, error) {
	value, err := begun(ctx, d, oneMoment, do)
	return value, Classify(op, err)
}

// begun runs do in one transaction, once.
func begun[T any](ctx context.Context, d *DB, options pgx.TxOptions, do func(tx pgx.Tx) (T, error)) (T, error) {
	var zero, value T
	err := pgx.BeginTxFunc(ctx, d.Pool, options, func(tx pgx.Tx) (err error) {
		value, err = do(tx)
		return err
	})
	if err != nil {
		return zero, err
	}
	return value, nil
}

// InTx is the function InTx for what returns nothing but an error.
func (d *DB) InTx(ctx context.Context, op string, do func(tx pgx.Tx) error) error {
	_, err := InTx(ctx, d, op, noValue(do))
	return err
}

// ReadTx is the function ReadTx for what returns nothing but an error.
func (d *DB) ReadTx(ctx context.Context, op string, do func(tx pgx.Tx) error) error {
	_, err := ReadTx(ctx, d, op, noValue(do))
	return err
}

func noValue(do func(tx pgx.Tx) error) func(tx pgx.Tx) (struct{}, error) {
	return func(tx pgx.Tx) (struct{}, error) { return struct{}{}, do(tx) }
}

// Now reads the clock. It must come after the lock that orders it.
func (d *DB) Now(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var now time.Time
	err := tx.QueryRow(ctx, "SELECT clock_timestamp() + $1::interval", d.Offset()).Scan(&now)
	return now, err
}

// OneRow runs a compare-and-set that must hit its row.
func (d *DB) OneRow(ctx context.Context, op, sql string, args ...any) error {
	tag, err := d.Pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		return errs.New(op, errs.Conflict, "somebody else has this delivery")
	}
	return Classify(op, err)
}

// RowQuerier is what one row is read by: the pool, or a transaction.
type RowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Querier is what rows are read by: the pool, or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Execer is what a statement is run by: the pool, or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}
