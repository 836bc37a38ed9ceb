package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Past is a conversation to read as it was: at the instant that SetNow says, which is
// in its past. What stands around it (the customer, the mailbox with its hours, the
// users) is as of today. It must not be used after whoever opened it has returned.
type Past struct {
	Rehearsal
	told runs.History
}

// readPast reads all that happened to the conversation, and the runs of all workflows
// on it. The tested workflow says which stand before it in its mailbox's order; empty
// means that nobody asks.
func (s *Store) readPast(ctx context.Context, tx pgx.Tx, op string, id conversation.ID, tested automation.DefinitionID) (Past, error) {
	c, err := s.ReadConversation(ctx, tx, op, id)
	if err != nil {
		return Past{}, err
	}
	p := Past{Rehearsal: Rehearsal{c}, told: runs.History{Now: c.row}}
	// All events: what it was opened with is told by the first change, which may be a late one.
	rows, err := tx.Query(ctx, `SELECT `+tables.EventColumns+` FROM events e WHERE e.conversation_id = $1 ORDER BY e.seq`, id)
	if err != nil {
		return p, err
	}
	if p.told.Events, err = pgx.CollectRows(rows,
		func(row pgx.CollectableRow) (conversation.Event, error) { return tables.ScanEvent(row) }); err != nil {
		return p, err
	}
	if p.told.Messages, err = messageKinds(ctx, tx, id); err != nil {
		return p, err
	}
	rows, err = tx.Query(ctx, `
		SELECT r.id, r.definition_id, r.mode, r.trigger, r.state, r.seq, r.origin, r.episodes, r.due_at, r.created_at,
			EXISTS (SELECT 1 FROM run_actions a WHERE a.run_id = r.id AND a.do_kind = 'stop' AND a.state = 'done'),
			coalesce((f.position, f.id) < (t.position, t.id), false)
		FROM runs r JOIN definitions f ON f.id = r.definition_id LEFT JOIN definitions t ON t.id = $2 AND t.mailbox_id = f.mailbox_id
		WHERE r.conversation_id = $1 ORDER BY r.created_at, r.id`, id, pg.NullID(tested))
	if err != nil {
		return p, err
	}
	p.told.Runs, err = pgx.CollectRows(rows, scanToldRun)
	return p, err
}

func scanToldRun(row pgx.CollectableRow) (runs.Past, error) {
	var (
		r   runs.Past
		due *time.Time
	)
	err := row.Scan(&r.ID, &r.DefinitionID, &r.Mode, &r.Trigger, &r.State, &r.Seq, &r.Cause.Origin, &r.Episodes, &due, &r.CreatedAt,
		&r.Stopped, &r.Before)
	r.DueAt = pg.OrZero(due)
	return r, err
}

// messageKinds reads of a conversation's messages what conversation.Replay looks
// at; bodies stay where they are.
func messageKinds(ctx context.Context, tx pgx.Tx, id conversation.ID) (map[conversation.MessageID]conversation.Message, error) {
	messages := map[conversation.MessageID]conversation.Message{}
	rows, err := tx.Query(ctx, `SELECT id, kind, machine, from_address, sender_address, to_addresses, cc_addresses, imported FROM messages
		WHERE conversation_id = $1`, id)
	if err != nil {
		return nil, err
	}
	var m conversation.Message
	_, err = pgx.ForEachRow(rows, []any{&m.ID, &m.Kind, &m.Machine, &m.From, &m.Sender.Address, &m.To, &m.Cc, &m.Imported}, func() error {
		messages[m.ID] = m
		return nil
	})
	return messages, err
}

// Told is all that happened to the conversation.
func (p Past) Told() runs.History { return p.told }

// SetNow says what time it is: nothing that was written later is read.
func (p Past) SetNow(now time.Time) { p.now, p.until = now, now }

// Message reads one of the conversation's messages; nil when it is gone.
func (p Past) Message(ctx context.Context, id conversation.MessageID) (*conversation.Message, error) {
	m, err := tables.ScanMessage(p.Tx.QueryRow(ctx,
		`SELECT `+tables.MessageColumns+` FROM messages m WHERE m.id = $1 AND m.conversation_id = $2`, id, p.row.ID))
	if err = pg.Classify("store.Message", err); errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return &m, err
}

// LookBack reads a conversation in its past, in a transaction that can only read.
// definition is the workflow that is asked about.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable, and
// those of do.
func (s *Store) LookBack(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID,
	do func(context.Context, Past) error) error {
	const op = "store.LookBack"
	return s.db.ReadTx(ctx, op, func(tx pgx.Tx) error {
		p, err := s.readPast(ctx, tx, op, id, definition)
		if err != nil {
			return err
		}
		if err := who.In(access.ReadConversation, p.row.MailboxID); err != nil {
			return err
		}
		return do(ctx, p)
	})
}
