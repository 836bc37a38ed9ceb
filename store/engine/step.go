package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// WriteStep writes what an Editor and the workflows made of a locked conversation, in
// one statement. Every writer ends in it; only Advance says that all is handled, and
// when.
func WriteStep(ctx context.Context, tx pgx.Tx, step runs.Step, out []delivery.Delivery, handled *time.Time) error {
	fresh, asked := tables.SplitRuns(step.Runs)
	for _, r := range asked {
		if err := tables.FinishAsked(ctx, tx, r); err != nil {
			return err
		}
	}
	c := &pg.Compound{}
	c.Insert("messages", tables.MessageRows(step.Messages))
	c.Insert("events", tables.EventRows(step.Events))
	limited := addRuns(c, fresh)
	c.Insert("run_actions", tables.ActionRows(step.Runs))
	tables.AddDeliveries(c, out)
	tables.UpdateConversation(c, step.Conversation, step.Dues, handled)
	if err := writeRuns(ctx, tx, c, fresh, limited); err != nil || step.Erase == "" || handled == nil {
		return err
	}
	return eraseConversation(ctx, tx, step.Conversation.ID, step.Erase, *handled)
}

// writeRuns runs the statement, and pauses the workflows that came to their limit by the
// runs.
func writeRuns(ctx context.Context, tx pgx.Tx, c *pg.Compound, runs []runs.Run, limited bool) error {
	sql := `SELECT NULL, 0 FROM saved`
	if limited {
		sql = `SELECT reached.id::text, coalesce(reached.runs, 0) FROM saved LEFT JOIN reached ON true`
	}
	rows, err := c.Query(ctx, tx, sql)
	if err != nil {
		return err
	}
	var id *automation.DefinitionID
	limit := 0
	reached := map[automation.DefinitionID]int{}
	saved, err := pgx.ForEachRow(rows, []any{&id, &limit}, func() error {
		if id != nil {
			reached[*id] = limit
		}
		return nil
	})
	if err == nil && saved.RowsAffected() == 0 {
		err = errs.New("store.writeStep", errs.NotFound, "there is no such conversation")
	}
	if err != nil {
		return err
	}
	return pauseReached(ctx, tx, runs, reached)
}

// Edit is the one way for writers other than Advance: lock the conversation,
// change it through an Editor, write the change with its events, wake the
// starter. do returns what else is to be written. What changes nothing writes
// nothing.
func (s *Store) Edit(ctx context.Context, op string, id conversation.ID, actor conversation.Actor,
	do func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error),
) error {
	_, err := EditFor(ctx, s.db, op, id, actor, func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (struct{}, runs.Step,
		error) {
		step, err := do(tx, c, ed)
		return struct{}{}, step, err
	})
	return err
}

// EditFor is Edit for what has a value to return. Like all transactions it may be repeated:
// do must write nothing that it captured.
func EditFor[T any](ctx context.Context, db *pg.DB, op string, id conversation.ID, actor conversation.Actor,
	do func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (T, runs.Step, error),
) (T, error) {
	type edited struct {
		value   T
		changed bool
	}
	e, err := pg.InTx(ctx, db, op, func(tx pgx.Tx) (edited, error) {
		c, _, err := tables.LockConversation(ctx, tx, id)
		if err != nil {
			return edited{}, err
		}
		now, err := db.Now(ctx, tx)
		if err != nil {
			return edited{}, err
		}
		ed := conversation.Edit(&c, actor, conversation.Cause{}, now)
		value, step, err := do(tx, &c, ed)
		if err != nil {
			return edited{}, err
		}
		step.Conversation, step.Events = c, ed.Events()
		if len(step.Events) == 0 {
			return edited{value, false}, nil
		}
		if err := WriteStep(ctx, tx, step, nil, nil); err != nil {
			return edited{}, err
		}
		return edited{value, true}, db.WakeConversation(ctx, tx, id, c.LastSeq, askedByHand(step.Events))
	})
	if e.changed {
		db.Notifier.Push()
	}
	return e.value, err
}

// askedByHand reports whether a run was asked for: a manual one, or an undo.
func askedByHand(events []conversation.Event) bool {
	for _, e := range events {
		if e.Kind.AsksForRun() {
			return true
		}
	}
	return false
}
