package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// ManualWorkflows lists the manual workflows that the caller may run on the
// conversation now: of its mailbox, switched on, in the mailbox's order. There are
// none where the caller may not run any, and on what is deleted or a draft.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see),
// errs.Unavailable.
func (s *Store) ManualWorkflows(ctx context.Context, who access.Caller, id conversation.ID) ([]runs.Runnable, error) {
	const op = "store.ManualWorkflows"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Runnable, error) {
		var list []runs.Runnable
		mailbox, err := MailboxOf(ctx, tx, op, who, access.ReadConversation, id)
		if err != nil || who.In(access.RunWorkflow, mailbox) != nil {
			return list, err
		}
		rows, err := tx.Query(ctx, tables.VersionQuery+`
			WHERE v.id = f.version_id AND f.mailbox_id = $2 AND f.mode = 'on' AND f.deleted_at IS NULL AND v.body->>'type' = 'manual'
				AND EXISTS (SELECT 1 FROM conversations c WHERE c.id = $1 AND c.state = 'published')
			ORDER BY f.position, f.id`, id, mailbox)
		if err != nil {
			return list, err
		}
		published, err := pgx.CollectRows(rows, tables.ScanPublished)
		if err != nil {
			return list, err
		}
		bodies := make([]automation.Definition, len(published))
		for i, v := range published {
			bodies[i] = v.Body
		}
		names, err := tables.ReadNames(ctx, tx, bodies...)
		if err != nil {
			return list, err
		}
		for _, v := range published {
			list = append(list, runs.Runnable{DefinitionID: v.DefinitionID, Version: v.Number, Body: v.Body, Names: names})
		}
		return list, nil
	})
}

// Asked returns the run that would be asked for, with the version that would run;
// nothing is written, and it need not be confirmed.
//
// Errors: those of AskRun.
func (r Rehearsal) Asked(ctx context.Context, who access.Caller, definition automation.DefinitionID) (runs.Run, automation.Version, error) {
	const op = "store.Asked"
	var v automation.Version
	run := runs.Run{
		ID: automation.RunID(pg.NewID()), ConversationID: r.row.ID, MailboxID: r.row.MailboxID, CreatedAt: r.now,
		Trigger: automation.TriggerManual, State: automation.RunAsked, Actor: who.Actor(),
	}
	if err := who.In(access.RunWorkflow, r.row.MailboxID); err != nil {
		return run, v, err
	}
	err := Askable(ctx, r.Tx, op, r.row, automation.Ask{DefinitionID: definition, Confirmed: true}, &run)
	if err == nil {
		v, err = r.inForce(ctx, definition)
	}
	return run, v, err
}

// Askable fills in which version would run, or says why none may.
func Askable(ctx context.Context, tx pgx.Tx, op string, c conversation.Conversation, ask automation.Ask, run *runs.Run) error {
	d, err := tables.ReadDefinition(ctx, tx, op, ask.DefinitionID)
	if err != nil {
		return err
	}
	if d.MailboxID != c.MailboxID {
		return errs.New(op, errs.NotFound, "there is no such workflow in the conversation's mailbox")
	}
	if d.Version == 0 {
		return errs.New(op, errs.Conflict, "the workflow has no published version: publish it first")
	}
	v, err := tables.ReadVersion(ctx, tx, op, d.ID, d.Version)
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
	return Confirmed(ctx, tx, op, v.Body, ask)
}

// Confirmed says what must be confirmed and was not.
func Confirmed(ctx context.Context, tx pgx.Tx, op string, d automation.Definition, ask automation.Ask) error {
	if ask.Confirmed || !d.NeedsConfirmation() {
		return nil
	}
	names, err := tables.ReadNames(ctx, tx, d)
	if err != nil {
		return err
	}
	return d.Unconfirmed(op, names)
}
