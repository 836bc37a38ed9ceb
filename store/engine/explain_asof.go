package engine

import (
	"context"
	"slices"
	"time"

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

// InquireAsOf gathers what automation.Explain needs to say why a workflow ran for one
// event of a conversation, or why it did not: the conversation as the workflow found it
// when the event was handled, the version and the mode that were in force then. When
// that was, runs for the event tell; where there are none it is right after the event.
// What cannot be rebuilt is taken from today and named in the inquiry.
//
// Errors: errs.NotFound (no such conversation, event or workflow, or not the caller's
// to see), errs.Unavailable.
func (s *Store) InquireAsOf(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID,
	seq int64) (explain.Inquiry, error) {
	const op = "store.InquireAsOf"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (explain.Inquiry, error) {
		var q explain.Inquiry
		p, err := s.readPast(ctx, tx, op, id, definition)
		if err != nil {
			return q, err
		}
		if err := who.In(access.ReadConversation, p.row.MailboxID); err != nil {
			return q, err
		}
		if q.Record, err = tables.ReadDefinition(ctx, tx, op, definition); err != nil {
			return q, err
		}
		if err := who.In(access.ReadWorkflow, q.Record.MailboxID); err != nil {
			return q, err
		}
		if seq < 1 || seq > int64(len(p.told.Events)) {
			return q, errs.New(op, errs.NotFound, "there is no such event")
		}
		event := p.told.Events[seq-1]
		turn := p.told.Turn(event)
		var modeUnknown []string
		if q.Record, modeUnknown, err = recordAsOf(ctx, tx, q.Record, turn.At); err != nil {
			return q, err
		}
		if q.Version, q.Program, err = readInForce(ctx, tx, op, q.Record); err != nil {
			return q, err
		}
		if q.Facts, q.Unknown, err = p.factsAsOf(ctx, q.Program, event, turn); err != nil {
			return q, err
		}
		q.AsOf, q.Turn, q.Unhandled = seq, turn.Seq, seq > p.row.HandledSeq
		q.Used, q.History, q.Limits = p.told.Used(definition, q.Record.Mode, turn.After), runs.NewUsage(), p.limits
		if q.PausedSince, err = pausedAsOf(ctx, tx, &q, id, turn.At); err != nil {
			return q, err
		}
		if q.PassedOver, err = passedOverHere(ctx, tx, id, definition, seq); err != nil {
			return q, err
		}
		if q.Earlier, err = earlierRuns(ctx, tx, id, definition, seq); err != nil {
			return q, err
		}
		q.Unknown = append(append(q.Unknown, modeUnknown...), "pauses and limits")
		rows, err := tx.Query(ctx, `SELECT `+tables.RunColumns+
			` FROM runs r WHERE r.conversation_id = $1 AND r.definition_id = $2 AND r.seq = $3 AND r.trigger <> 'undo'
			ORDER BY r.created_at DESC, r.id DESC LIMIT $4`, id, definition, seq, explainedRuns)
		if err != nil {
			return q, err
		}
		if q.Runs, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Run, error) { return tables.ScanRun(row) }); err != nil {
			return q, err
		}
		if len(q.Runs) == 0 && !turn.Known && q.Program != nil {
			q.SeekTurn(p.told, turn)
		}
		return q, nil
	})
}

// pausedAsOf puts the pauses that were in force at the instant in the place of today's,
// and returns the first of those that began later.
func pausedAsOf(ctx context.Context, tx pgx.Tx, q *explain.Inquiry, id conversation.ID, at time.Time) (since runs.Pause, err error) {
	rows, err := tx.Query(ctx, `SELECT conversation_id IS NULL, kind, reason, created_at FROM pauses
		WHERE definition_id = $2 AND (conversation_id = $1 OR conversation_id IS NULL) AND (resumed_at IS NULL OR resumed_at > $3)
		ORDER BY created_at, id`, id, q.Record.ID, at)
	if err != nil {
		return since, err
	}
	q.Record.PausedAt, q.Record.PausedReason = time.Time{}, ""
	p := runs.Pause{DefinitionID: q.Record.ID}
	var everywhere bool
	_, err = pgx.ForEachRow(rows, []any{&everywhere, &p.Kind, &p.Reason, &p.At}, func() error {
		switch {
		case p.At.After(at) && since.Reason == "":
			since = p
		case p.At.After(at):
		case everywhere:
			q.Record.PausedAt, q.Record.PausedReason = p.At, p.Reason
		default:
			q.History.Pause(p)
		}
		return nil
	})
	return since, err
}

// recordAsOf is the workflow as it was at the instant: which version, and in what
// mode. unknown names the mode where nothing tells it any longer.
func recordAsOf(ctx context.Context, tx pgx.Tx, d automation.Workflow, at time.Time) (_ automation.Workflow, unknown []string, err error) {
	var (
		mode    *automation.Mode
		version int
	)
	if err := tx.QueryRow(ctx, `
		SELECT (SELECT m.mode FROM modes m WHERE m.definition_id = $1 AND m.at <= $2 ORDER BY m.at DESC, m.id DESC LIMIT 1),
			coalesce((SELECT max(v.number) FROM versions v WHERE v.definition_id = $1 AND v.created_at <= $2), 0)`, d.ID, at).Scan(&mode,
		&version); err != nil {
		return d, nil, err
	}
	d.Version = version
	switch {
	case mode != nil && *mode != d.Mode:
		d.Mode, d.OffReason = *mode, ""
	case mode == nil && d.CreatedAt.After(at):
		d.Mode, d.OffReason = automation.ModeOff, ""
	case mode == nil:
		unknown = append(unknown, "mode")
	}
	if d.SwitchedOnAt.After(at) {
		d.SwitchedOnAt = time.Time{}
	}
	if d.SwitchedWatchAt.After(at) {
		d.SwitchedWatchAt = time.Time{}
	}
	return d, unknown, nil
}

// factsAsOf are the facts as of the turn that the event had.
func (p Past) factsAsOf(ctx context.Context, program *automation.Program, event conversation.Event, turn runs.Turn) (conversation.Facts,
	[]string, error) {
	f := conversation.Facts{Now: turn.At, Event: &event}
	p.SetNow(event.At)
	around, _, err := p.Surroundings(ctx)
	if err != nil {
		return f, nil, err
	}
	var unknown []string
	f.Conversation, unknown = p.told.Found(event, turn)
	f.Customer, f.Mailbox = around.Customer, around.Mailbox
	if f.Mailbox.ID != f.Conversation.MailboxID {
		if f.Mailbox, err = p.Mailbox(ctx, f.Conversation.MailboxID); err != nil {
			return f, nil, err
		}
	}
	if event.MessageID != "" {
		if f.Message, err = p.Message(ctx, event.MessageID); err != nil {
			return f, nil, err
		}
	}
	if program != nil {
		err = p.look(ctx, program.Needs(), &f)
	}
	return f, slices.Concat(unknown, []string{"customer", "mailbox"}), err
}
