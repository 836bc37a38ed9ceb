package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// AskRun asks for a run of a manual workflow on a conversation: the event, the
// run as asked and the ring, all or nothing. Advance gives the run its outcome,
// by the version that is published then. The repeat of a request with a key
// returns the run of the first; without a key it asks for a second run.
//
// Errors: errs.NotFound (no such conversation, or no such workflow in its
// mailbox, or not the caller's to see), errs.Invalid (the workflow is not
// manual), errs.Conflict (it is off or nothing is published; the conversation is
// deleted or a draft; automation.ErrUnconfirmed), errs.Unavailable.
func (s *Store) AskRun(ctx context.Context, who access.Caller, id conversation.ID, ask automation.Ask) (runs.Run, error) {
	const op = "store.AskRun"
	if !isID(id) {
		return runs.Run{}, errs.New(op, errs.NotFound, "there is no such conversation")
	}
	run, err := s.askedBefore(ctx, op, who)
	if err != nil || run.ID != "" {
		return run, err
	}
	_, err = s.edit(ctx, op, id, who.Actor(), func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		if err := who.In(access.RunWorkflow, c.MailboxID); err != nil {
			return runs.Step{}, err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return runs.Step{}, err
		}
		run = runs.Run{ID: automation.RunID(NewID()), CreatedAt: now}
		first, err := once(ctx, tx, who, string(run.ID), now)
		if err != nil {
			return runs.Step{}, err
		}
		if first != "" {
			run, err = scanRun(tx.QueryRow(ctx, `SELECT `+runColumns+` FROM runs r WHERE r.id = $1`, first))
			return runs.Step{}, err
		}
		if err := askable(ctx, tx, op, *c, ask, &run); err != nil {
			return runs.Step{}, err
		}
		ev := ed.Record(conversation.Event{Kind: conversation.KindManualRun, Run: string(run.ID), Definition: string(ask.DefinitionID)})
		run.ConversationID, run.MailboxID = c.ID, c.MailboxID
		run.Trigger, run.State, run.Actor = automation.TriggerManual, automation.RunAsked, ev.Actor
		run.Seq, run.Cause = ev.Seq, conversation.Cause{Origin: ev.OriginSeq()}
		return runs.Step{}, insertAskedRun(ctx, tx, *c, run)
	})
	return run, err
}

// askedBefore returns the run that the request asked for when it came first, none
// when it did not: also when the conversation was moved away since, or is no more.
func (s *Store) askedBefore(ctx context.Context, op string, who access.Caller) (runs.Run, error) {
	if !keyed(who) {
		return runs.Run{}, nil
	}
	var first []byte
	err := s.db.pool.QueryRow(ctx, `SELECT body FROM idempotency_keys
		WHERE (token_id = $1 OR session_id = $2) AND key = $3 AND request_hash = $4 AND status = 201`,
		nullID(who.TokenID), nullID(who.SessionID), who.Key, who.RequestHash).Scan(&first)
	if errors.Is(err, pgx.ErrNoRows) {
		return runs.Run{}, nil
	}
	if err != nil {
		return runs.Run{}, classify(op, err)
	}
	run, err := scanRun(s.db.pool.QueryRow(ctx, `SELECT `+runColumns+` FROM runs r WHERE r.id = $1`, string(first)))
	if err != nil {
		return run, classify(op, err)
	}
	return run, who.In(access.RunWorkflow, run.MailboxID)
}

// askable fills in which version would run, or says why none may.
func askable(ctx context.Context, tx pgx.Tx, op string, c conversation.Conversation, ask automation.Ask, run *runs.Run) error {
	d, err := readDefinition(ctx, tx, op, ask.DefinitionID)
	if err != nil {
		return err
	}
	if d.MailboxID != c.MailboxID {
		return errs.New(op, errs.NotFound, "there is no such workflow in the conversation's mailbox")
	}
	if d.Version == 0 {
		return errs.New(op, errs.Conflict, "the workflow has no published version: publish it first")
	}
	v, err := readVersion(ctx, tx, op, d.ID, d.Version)
	switch {
	case err != nil:
		return err
	case v.Body.Type != automation.TypeManual:
		return errs.New(op, errs.Invalid, "only a manual workflow can be run by hand")
	case d.Mode == automation.ModeOff:
		return errs.New(op, errs.Conflict, "the workflow is switched off")
	case c.State != conversation.StatePublished:
		return errs.New(op, errs.Conflict, "the conversation is deleted or a draft")
	}
	run.DefinitionID, run.VersionID, run.VersionNumber, run.Name, run.Mode = d.ID, v.ID, v.Number, v.Body.Name, d.Mode
	run.Confirmed = ask.Confirmed
	return confirmed(ctx, tx, op, v.Body, ask)
}

// confirmed says what must be confirmed and was not.
func confirmed(ctx context.Context, tx pgx.Tx, op string, d automation.Definition, ask automation.Ask) error {
	if ask.Confirmed || !d.NeedsConfirmation() {
		return nil
	}
	names, err := readNames(ctx, tx, d)
	if err != nil {
		return err
	}
	return d.Unconfirmed(op, names)
}
