package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// keptEnds is how far back RunsEnded goes. It bounds what who comes back after a long
// time is given; and in a database that was restored from a dump, where transactions
// count from the beginning again, it keeps old runs from coming once more.
const keptEnds = 24 * time.Hour

// Progress says how far the conversations have come, in one statement. Those that are
// no longer there, or were deleted permanently, are left out.
//
// Errors: errs.Unavailable.
func (s *Store) Progress(ctx context.Context, ids []conversation.ID) ([]conversation.Progress, error) {
	const op = "store.Progress"
	rows, err := s.db.Pool.Query(ctx, `SELECT id, mailbox_id, last_seq, handled_seq FROM conversations
		WHERE id = ANY($1::uuid[]) AND erased_at IS NULL`, pg.List(ids))
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.Progress])
	return out, pg.Classify(op, err)
}

// NewestRuns returns for each of the mailboxes the position of the run that ended last,
// in one statement; those where none ended are left out.
//
// Errors: errs.Unavailable.
func (s *Store) NewestRuns(ctx context.Context, mailboxes []conversation.MailboxID) (map[conversation.MailboxID]runs.Position, error) {
	const op = "store.NewestRuns"
	rows, err := s.db.Pool.Query(ctx, `SELECT m.id::text, r.ended_xid, r.id FROM unnest($1::uuid[]) m (id) CROSS JOIN LATERAL (
			SELECT ended_xid, id FROM runs WHERE mailbox_id = m.id AND ended_xid IS NOT NULL AND ended_xid < pg_snapshot_xmin(pg_current_snapshot())
			ORDER BY ended_xid DESC, id DESC LIMIT 1) r`, pg.List(mailboxes))
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out := map[conversation.MailboxID]runs.Position{}
	var id conversation.MailboxID
	var at runs.Position
	_, err = pgx.ForEachRow(rows, []any{&id, &at.Transaction, &at.Run}, func() error {
		out[id] = at
		return nil
	})
	return out, pg.Classify(op, err)
}

// RunsNow returns the position after which is what ends from now on, and what is about
// to end.
//
// Errors: errs.Unavailable.
func (s *Store) RunsNow(ctx context.Context) (runs.Position, error) {
	var at runs.Position
	err := s.db.Pool.QueryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())`).Scan(&at.Transaction)
	return at, pg.Classify("store.RunsNow", err)
}

// RunsEnded returns at most limit runs that ended in the mailbox after the position,
// in the order of their positions, and of each the mailbox where its conversation is
// now. A run is there once nothing can come before it any longer, so that who continues
// from the last position misses none and gets none twice. What ended more than a day ago
// is left out.
//
// Errors: errs.Unavailable.
func (s *Store) RunsEnded(ctx context.Context, mailbox conversation.MailboxID, after runs.Position, limit int) ([]runs.Ended, error) {
	const op = "store.RunsEnded"
	if after.Run == "" {
		after.Run = "00000000-0000-0000-0000-000000000000"
	}
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.RunColumns+
		`, r.ended_xid, c.mailbox_id FROM runs r JOIN conversations c ON c.id = r.conversation_id
		WHERE r.mailbox_id = $1 AND r.ended_xid IS NOT NULL AND (r.ended_xid, r.id) > ($2, $3)
			AND r.ended_xid < pg_snapshot_xmin(pg_current_snapshot()) AND r.finished_at > clock_timestamp() + $4::interval
		ORDER BY r.ended_xid, r.id LIMIT $5`, mailbox, after.Transaction, after.Run, s.db.Offset()-keptEnds, limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Ended, error) {
		var e runs.Ended
		var now *conversation.MailboxID
		var err error
		e.Run, err = tables.ScanRun(row, &e.Transaction, &now)
		e.Now = pg.OrZero(now)
		return e, err
	})
	return out, pg.Classify(op, err)
}
