package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// AskedUndo reads an undo that was asked for, with what automation.PlanUndo looks at:
// the conversation as it was under the lock, and the events that are saved.
//
// Errors: errs.NotFound (no such undo, or it has its outcome already).
func (c *Conversation) AskedUndo(ctx context.Context, id automation.RunID) (runs.Run, undo.Inquiry, error) {
	const op = "store.AskedUndo"
	taken, err := tables.ScanRun(c.Tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r
		WHERE r.id = $1 AND r.conversation_id = $2 AND r.trigger = 'undo' AND r.state = 'asked'`, id, c.row.ID))
	if err != nil {
		return taken, undo.Inquiry{}, pg.Classify(op, err)
	}
	run, err := tables.ScanRun(c.Tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, taken.Undoes))
	if err != nil {
		return taken, undo.Inquiry{}, pg.Classify(op, err)
	}
	q, err := inquireUndo(ctx, c.Tx, c.row, run, taken.Actor)
	return taken, q, pg.Classify(op, err)
}

// Cancel cancels those of the conversation's deliveries that wait for an attempt, and
// returns them. Who takes one meanwhile finds it cancelled; one that somebody holds is
// left to them.
func (c *Conversation) Cancel(ctx context.Context, ids []string, reason string) ([]string, error) {
	const op = "store.Cancel"
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := c.Tx.Query(ctx, `UPDATE deliveries SET state = 'cancelled', reason = $3, finished_at = $4
		WHERE id = ANY($1::uuid[]) AND conversation_id = $2 AND state IN ('waiting', 'handed_over') AND held_until IS NULL
		RETURNING id::text`, ids, c.row.ID, reason, c.now)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	cancelled, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return cancelled, pg.Classify(op, err)
}
