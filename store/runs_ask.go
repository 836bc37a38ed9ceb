package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
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
// deleted or a draft), errs.Unavailable.
func (s *Store) AskRun(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) (automation.Run, error) {
	const op = "store.AskRun"
	if !isID(id) {
		return automation.Run{}, errs.New(op, errs.NotFound, "there is no such conversation")
	}
	var run automation.Run
	_, err := s.edit(ctx, op, id, who.Actor(), func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (automation.Step, error) {
		if err := who.In(access.RunWorkflow, c.MailboxID); err != nil {
			return automation.Step{}, err
		}
		now, err := s.now(ctx, tx)
		if err != nil {
			return automation.Step{}, err
		}
		run = automation.Run{ID: automation.RunID(NewID()), CreatedAt: now}
		first, err := once(ctx, tx, who, string(run.ID), now)
		if err != nil {
			return automation.Step{}, err
		}
		if first != "" {
			run, err = scanRun(tx.QueryRow(ctx, `SELECT `+runColumns+` FROM runs r WHERE r.id = $1`, first))
			return automation.Step{}, err
		}
		if err := askable(ctx, tx, op, *c, definition, &run); err != nil {
			return automation.Step{}, err
		}
		ev := ed.Record(conversation.Event{Kind: conversation.KindManualRun, Run: string(run.ID), Definition: string(definition)})
		run.ConversationID, run.MailboxID = c.ID, c.MailboxID
		run.Trigger, run.State, run.Actor = automation.TriggerManual, automation.RunAsked, ev.Actor
		run.Seq, run.Cause = ev.Seq, conversation.Cause{Origin: ev.OriginSeq()}
		return automation.Step{}, insertAskedRun(ctx, tx, *c, run)
	})
	return run, err
}

// askable fills in which version would run, or says why none may.
func askable(ctx context.Context, tx pgx.Tx, op string, c conversation.Conversation, id automation.DefinitionID, run *automation.Run) error {
	d, err := readDefinition(ctx, tx, op, id)
	if err != nil {
		return err
	}
	if d.MailboxID != c.MailboxID {
		return errs.New(op, errs.NotFound, "there is no such workflow in the conversation's mailbox")
	}
	if d.Version == 0 {
		return errs.New(op, errs.Conflict, "the workflow has no published version: publish it first")
	}
	v, err := readVersion(ctx, tx, op, id, d.Version)
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
	run.DefinitionID, run.VersionID, run.VersionNumber, run.Name, run.Mode = id, v.ID, v.Number, v.Body.Name, d.Mode
	return nil
}

// AskRuns is AskRun for each of several conversations, each all or nothing by
// itself. The outcomes are in the order of the conversations; only an error that
// waiting can heal ends it early, and a repeat with the same key then goes on
// where it ended.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Unavailable.
func (s *Store) AskRuns(ctx context.Context, who access.Caller, ids []conversation.ID, definition automation.DefinitionID) ([]automation.Asked, error) {
	const op = "store.AskRuns"
	if err := s.readTx(ctx, op, func(tx pgx.Tx) error { return seesDefinition(ctx, tx, op, who, definition) }); err != nil {
		return nil, err
	}
	out := make([]automation.Asked, len(ids))
	key := who.Key
	for i, id := range ids {
		if key != "" {
			who.Key = key + "/" + string(id)
		}
		run, err := s.AskRun(ctx, who, id, definition)
		if k := errs.KindOf(err); err != nil && (k == errs.Unavailable || k == errs.Internal) {
			return nil, err
		}
		out[i] = automation.Asked{ConversationID: id, Run: run, Err: err}
	}
	return out, nil
}
