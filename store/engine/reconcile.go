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
	// stuckAfter is when what a pass rang for and nobody handled is rung for again.
	stuckAfter = 10 * time.Minute
	// passLock lets one pass at a time run, whoever asks.
	passLock = 5_213_077
)

// leftLying selects what somebody should have seen to by $1, the oldest first:
// (kind, conversation, delivery, seq, since). A delivery waits its turn while
// another one of its conversation is held. One that waits for its next try has that
// in next_at, and is not left lying.
const leftLying = `
	(SELECT 'overdue' AS kind, c.id AS conversation_id, NULL::uuid AS delivery_id, c.last_seq AS seq, c.next_due AS since
		FROM conversations c WHERE c.next_due < $1 AND c.erased_at IS NULL)
	UNION ALL
	(SELECT 'unhandled', c.id, NULL, c.last_seq, e.at
		FROM conversations c CROSS JOIN LATERAL ( -- by its key: the planner would read the whole table
			SELECT at FROM events WHERE conversation_id = c.id AND seq = c.handled_seq + 1 LIMIT 1) e
		WHERE c.handled_seq < c.last_seq AND c.erased_at IS NULL AND e.at < $1)
	UNION ALL
	(SELECT 'undelivered', CASE WHEN d.state = 'waiting' AND c.erased_at IS NULL THEN c.id END, d.id, coalesce(c.last_seq, 0), d.next_at
		FROM deliveries d LEFT JOIN conversations c ON c.id = d.conversation_id
		WHERE d.state IN ('waiting', 'handed_over') AND d.next_at < $1 AND (d.held_until IS NULL OR d.held_until < $1)
			AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.conversation_id = d.conversation_id
				AND o.state IN ('waiting', 'handed_over') AND o.held_until IS NOT NULL AND o.held_until >= $1))`

// Reconcile looks for what was left lying for longer than the setting says and
// rings for it: for at most 500 of each kind, the oldest first, and not for what an
// earlier pass has rung for and is not handled. The pass is kept for a week. It is safe
// to repeat; of two at once one finds the other's rings.
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
		_, err = tx.Exec(ctx, `WITH old AS (DELETE FROM reconcile_passes WHERE at < $7)
			INSERT INTO reconcile_passes (at, overdue, unhandled, undelivered, rung, waiting) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.At, p.Overdue, p.Unhandled, p.Undelivered, p.Rung, p.Waiting, p.At.Add(-keptPasses))
		return p, err
	})
	if err == nil && p.Rung > 0 {
		s.db.Bell.Push()
	}
	return p, err
}

// pass counts and rings in one statement. An open ring holds up what it is for and
// nothing else, and each kind has its own share of the rings: due times do not queue
// behind deliveries.
func (s *Store) pass(ctx context.Context, tx pgx.Tx, p *conversation.ReconcilePass, before time.Time) error {
	return tx.QueryRow(ctx, `
		WITH found AS MATERIALIZED (`+leftLying+`), looked AS MATERIALIZED (
			SELECT found.*, coalesce(found.conversation_id, found.delivery_id) AS id, coalesce(( -- by its key: EXISTS would read the whole outbox
				SELECT true FROM outbox o WHERE o.id = coalesce(found.conversation_id, found.delivery_id)
					AND o.reconciled_at > $3 AND o.reconciled_at <= $2), false) AS open
			FROM found
		), free AS (
			SELECT kind, id, conversation_id, CASE WHEN conversation_id IS NULL THEN delivery_id END AS delivery_id,
				max(seq) AS seq, row_number() OVER (PARTITION BY kind ORDER BY min(since), id) AS place
			FROM looked WHERE NOT open GROUP BY 1, 2, 3, 4
		), rung AS (
			INSERT INTO outbox (id, conversation_id, delivery_id, seq, ring_at, reconciled_at)
			SELECT id, conversation_id, delivery_id, CASE WHEN conversation_id IS NULL THEN 0 ELSE max(seq) END, $2, $2
			FROM free WHERE place <= $4 GROUP BY 1, 2, 3 ORDER BY id
			ON CONFLICT (id) DO UPDATE SET rings = 0, reconciled_at = excluded.reconciled_at,
				ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at, LEAST(outbox.rung_at, $2) + interval '200 milliseconds'))
			RETURNING 1
		)
		SELECT count(*) FILTER (WHERE kind = 'overdue'), count(*) FILTER (WHERE kind = 'unhandled'), count(*) FILTER (WHERE kind = 'undelivered'),
			(SELECT count(*) FROM rung), count(DISTINCT id) FILTER (WHERE open)
		FROM looked`, before, p.At, p.At.Add(-stuckAfter), conversation.MaxRungByPass).
		Scan(&p.Overdue, &p.Unhandled, &p.Undelivered, &p.Rung, &p.Waiting)
}

// ReconcilePasses lists the newest passes of the last week.
//
// Errors: errs.Unavailable.
func (s *Store) ReconcilePasses(ctx context.Context, limit int) ([]conversation.ReconcilePass, error) {
	const op = "store.ReconcilePasses"
	rows, err := s.db.Pool.Query(ctx, `SELECT at, overdue, unhandled, undelivered, rung, waiting FROM reconcile_passes ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.ReconcilePass])
	return list, pg.Classify(op, err)
}
