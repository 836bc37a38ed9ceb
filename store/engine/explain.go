package engine

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// explainedRuns is how many of a workflow's newest runs an explanation looks at.
const explainedRuns = 10

// Inquire gathers what automation.Explain needs to say why a workflow ran on a
// conversation or why it did not, as of one moment: now. The workflow may be one
// of another mailbox that the caller sees: then that is the answer.
//
// Errors: errs.NotFound (no such conversation or workflow, or not the caller's to
// see), errs.Unavailable.
func (s *Store) Inquire(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) (explain.Inquiry,
	error) {
	const op = "store.Inquire"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (explain.Inquiry, error) {
		var q explain.Inquiry
		c, err := s.ReadConversation(ctx, tx, op, id)
		if err != nil {
			return q, err
		}
		if err := who.In(access.ReadConversation, c.row.MailboxID); err != nil {
			return q, err
		}
		if q.Record, err = tables.ReadDefinition(ctx, tx, op, definition); err != nil {
			return q, err
		}
		if err := who.In(access.ReadWorkflow, q.Record.MailboxID); err != nil {
			return q, err
		}
		if q.Version, q.Program, err = readInForce(ctx, tx, op, q.Record); err != nil {
			return q, err
		}
		var needs automation.Needs
		if q.Program != nil {
			needs = q.Program.Needs()
		}
		if q.Facts, err = c.Facts(ctx, needs); err != nil {
			return q, err
		}
		history, err := c.History(ctx, c.row.LastSeq+1)
		if err != nil {
			return q, err
		}
		mode := q.Record.Mode
		if mode == automation.ModeOff {
			mode = automation.ModeOn // what it did while it was on
		}
		q.Used = history.Used(definition, mode)
		if q.Held, err = heldDues(ctx, tx, id, definition); err != nil {
			return q, err
		}
		q.History, q.Limits = history, c.limits
		if q.Facts.Event != nil {
			if q.Earlier, err = earlierRuns(ctx, tx, id, definition, q.Facts.Event.Seq); err != nil {
				return q, err
			}
		}
		rows, err := tx.Query(ctx, `SELECT `+tables.RunColumns+
			` FROM runs r WHERE r.conversation_id = $1 AND r.definition_id = $2 AND r.trigger <> 'undo'
			ORDER BY r.created_at DESC, r.id DESC LIMIT $3`, id, definition, explainedRuns)
		if err != nil {
			return q, err
		}
		q.Runs, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Run, error) { return tables.ScanRun(row) })
		return q, err
	})
}

// readInForce reads the published version and compiles it; nil when there is
// none.
func readInForce(ctx context.Context, tx pgx.Tx, op string, d automation.Workflow) (*automation.Published, *automation.Program, error) {
	if d.Version == 0 {
		return nil, nil, nil
	}
	v, err := tables.ReadVersion(ctx, tx, op, d.ID, d.Version)
	if err != nil {
		return nil, nil, err
	}
	if v.Names, err = tables.ReadNames(ctx, tx, v.Body); err != nil {
		return nil, nil, err
	}
	program, wrong := automation.Compile(v.Body)
	if len(wrong) > 0 {
		return nil, nil, errs.Bad(op, "the published version has problems by now", wrong)
	}
	return &v, program, nil
}

// heldDues reads the due times of the workflow that wait until their mail may go.
func heldDues(ctx context.Context, tx pgx.Tx, id conversation.ID, definition automation.DefinitionID) ([]automation.Due, error) {
	var encoded []byte
	if err := tx.QueryRow(ctx, `SELECT dues FROM conversations WHERE id = $1`, id).Scan(&encoded); err != nil {
		return nil, err
	}
	dues, err := tables.DecodeDues(encoded)
	return slices.DeleteFunc(dues, func(d automation.Due) bool { return d.DefinitionID != definition || !d.Waits() }), err
}

// earlierRuns reads what the workflows that stand before did for an event.
func earlierRuns(ctx context.Context, tx pgx.Tx, id conversation.ID, definition automation.DefinitionID,
	seq int64) ([]explain.EarlierRun, error) {
	rows, err := tx.Query(ctx, `
		SELECT f.name, EXISTS (SELECT 1 FROM run_actions a WHERE a.run_id = r.id AND a.do_kind = 'stop' AND a.state = 'done'),
			coalesce(bool_or(e.kind = 'moved'), false), coalesce(bool_or(e.kind = 'state_changed' AND e.data ->> 'to' = 'deleted'), false),
			count(e.seq) > 0
		FROM runs r JOIN definitions f ON f.id = r.definition_id JOIN definitions t ON t.id = $2 AND t.mailbox_id = f.mailbox_id
			LEFT JOIN events e ON e.conversation_id = r.conversation_id AND e.cause_run = r.id::text
		WHERE r.conversation_id = $1 AND r.seq = $3 AND (f.position, f.id) < (t.position, t.id) AND r.mode = 'on' AND r.trigger = 'event'
		GROUP BY r.id, f.name, f.position, f.id ORDER BY f.position, f.id`, id, definition, seq)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[explain.EarlierRun])
}
