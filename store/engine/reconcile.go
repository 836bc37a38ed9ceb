package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

const (
	// keptPasses is how long passes of the reconciler are kept.
	keptPasses = 7 * 24 * time.Hour
	// stuckAfter is when what a pass woke and nobody handled is woken again.
	stuckAfter = 10 * time.Minute
	// passLock lets one pass at a time run, whoever asks.
	passLock = 5_213_077
)

var passStatement = pg.ReadStatement(files, "reconcile_pass.sql", nil)

// Reconcile looks for what was left lying for longer than the setting says and
// wakes it: for at most 500 of each kind, the oldest first, and not for what an
// earlier pass has woken and is not handled. The pass is kept for a week. It is safe
// to repeat; of two at once one finds the other's wakes.
//
// Errors: errs.Unavailable.
func (s *Store) Reconcile(ctx context.Context) (conversation.ReconcilePass, error) {
	const op = "store.Reconcile"
	p, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.ReconcilePass, error) {
		var p conversation.ReconcilePass
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, passLock); err != nil {
			return p, err
		}
		var raw []byte
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp() + $1::interval, (SELECT value FROM settings WHERE key = $2)`,
			s.db.Offset(), tables.SettingReconcileAfter).Scan(&p.At, &raw); err != nil {
			return p, err
		}
		after, err := tables.DecodeReconcileAfter(raw)
		if err != nil {
			return p, err
		}
		if err := s.pass(ctx, tx, &p, p.At.Add(-after)); err != nil {
			return p, err
		}
		_, err = tx.Exec(ctx, `
			WITH old AS (DELETE FROM reconcile_passes WHERE at < @kept_from)
			INSERT INTO reconcile_passes (at, overdue, unhandled, undelivered, rung, waiting)
			VALUES (@at, @overdue, @unhandled, @undelivered, @rung, @waiting)`, pgx.NamedArgs{
			"kept_from": p.At.Add(-keptPasses), "at": p.At, "overdue": p.Overdue, "unhandled": p.Unhandled,
			"undelivered": p.Undelivered, "rung": p.Rung, "waiting": p.Waiting,
		})
		return p, err
	})
	if err == nil && p.Rung > 0 {
		s.db.Notifier.Push()
	}
	return p, err
}

// pass counts what was left lying, and wakes whoever must see to it, in one statement.
func (s *Store) pass(ctx context.Context, tx pgx.Tx, p *conversation.ReconcilePass, before time.Time) error {
	return passStatement.QueryRow(ctx, tx, pgx.NamedArgs{
		"before": before,
		"at":     p.At,
		"stuck":  p.At.Add(-stuckAfter),
		"most":   conversation.MaxRungByPass,
	}).Scan(&p.Overdue, &p.Unhandled, &p.Undelivered, &p.Rung, &p.Waiting)
}

// ReconcilePasses lists the newest passes of the last week.
//
// Errors: errs.Unavailable.
func (s *Store) ReconcilePasses(ctx context.Context, limit int) ([]conversation.ReconcilePass, error) {
	const op = "store.ReconcilePasses"
	rows, err := s.db.Pool.Query(ctx, `SELECT at, overdue, unhandled, undelivered, rung, waiting FROM reconcile_passes ORDER BY id DESC
		LIMIT $1`, limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.ReconcilePass])
	return list, pg.Classify(op, err)
}
