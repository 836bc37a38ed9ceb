package inbox

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// AskRun asks for a run of a manual workflow on a conversation: the event, the
// run as asked and the wake, all or nothing. Advance gives the run its outcome,
// by the version that is published then. The repeat of a request with a key
// returns the run of the first; without a key it asks for a second run.
//
// Errors: errs.NotFound (no such conversation, or no such workflow in its
// mailbox, or not the caller's to see), errs.Invalid (the workflow is not
// manual), errs.Conflict (it is off or nothing is published; the conversation is
// deleted or a draft; automation.ErrUnconfirmed), errs.Unavailable.
func (s *Store) AskRun(ctx context.Context, who access.Caller, id conversation.ID, ask automation.Ask) (runs.Run, error) {
	const op = "store.AskRun"
	if !pg.IsID(id) {
		return runs.Run{}, errs.New(op, errs.NotFound, "there is no such conversation")
	}
	if run, err := s.askedBefore(ctx, op, who); err != nil || run.ID != "" {
		return run, err
	}
	return engine.EditFor(ctx, s.db, op, id, who.Actor(),
		func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Run, runs.Step, error) {
			var run runs.Run
			if err := who.In(access.RunWorkflow, c.MailboxID); err != nil {
				return run, runs.Step{}, err
			}
			now, err := s.db.Now(ctx, tx)
			if err != nil {
				return run, runs.Step{}, err
			}
			run = runs.Run{ID: automation.RunID(pg.NewID()), CreatedAt: now}
			first, err := pg.Once(ctx, tx, who, string(run.ID), now)
			if err != nil {
				return run, runs.Step{}, err
			}
			if first != "" {
				run, err = tables.ScanRun(tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, first))
				return run, runs.Step{}, err
			}
			if err := engine.Askable(ctx, tx, op, *c, ask, &run); err != nil {
				return run, runs.Step{}, err
			}
			ev := ed.Record(conversation.Event{Kind: conversation.KindManualRun, Run: string(run.ID), Definition: string(ask.DefinitionID)})
			run.ConversationID, run.MailboxID = c.ID, c.MailboxID
			run.Trigger, run.State, run.Actor = automation.TriggerManual, automation.RunAsked, ev.Actor
			run.Seq, run.Cause = ev.Seq, conversation.Cause{Origin: ev.OriginSeq()}
			return run, runs.Step{}, tables.InsertAskedRun(ctx, tx, *c, run)
		})
}

// askedBefore returns the run that the request asked for when it came first, none
// when it did not: also when the conversation was moved away since, or is no more.
func (s *Store) askedBefore(ctx context.Context, op string, who access.Caller) (runs.Run, error) {
	if !pg.Keyed(who) {
		return runs.Run{}, nil
	}
	var first []byte
	err := s.db.Pool.QueryRow(ctx, `SELECT body FROM idempotency_keys
		WHERE (token_id = $1 OR session_id = $2) AND key = $3 AND request_hash = $4 AND status = 201`,
		pg.NullID(who.TokenID), pg.NullID(who.SessionID), who.Key, who.RequestHash).Scan(&first)
	if errors.Is(err, pgx.ErrNoRows) {
		return runs.Run{}, nil
	}
	if err != nil {
		return runs.Run{}, pg.Classify(op, err)
	}
	run, err := tables.ScanRun(s.db.Pool.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, string(first)))
	if err != nil {
		return run, pg.Classify(op, err)
	}
	return run, who.In(access.RunWorkflow, run.MailboxID)
}
