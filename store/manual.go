package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// ManualWorkflows lists the manual workflows that the caller may run on the
// conversation now: of its mailbox, switched on, in the mailbox's order. There are
// none where the caller may not run any, and on what is deleted or a draft.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see),
// errs.Unavailable.
func (s *Store) ManualWorkflows(ctx context.Context, who access.Caller, id conversation.ID) ([]runs.Runnable, error) {
	const op = "store.ManualWorkflows"
	var list []runs.Runnable
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		mailbox, err := mailboxOf(ctx, tx, op, who, access.ReadConversation, id)
		if err != nil || who.In(access.RunWorkflow, mailbox) != nil {
			return err
		}
		rows, err := tx.Query(ctx, versionQuery+`
			WHERE v.id = f.version_id AND f.mailbox_id = $2 AND f.mode = 'on' AND f.deleted_at IS NULL AND v.body->>'type' = 'manual'
				AND EXISTS (SELECT 1 FROM conversations c WHERE c.id = $1 AND c.state = 'published')
			ORDER BY f.position, f.id`, id, mailbox)
		if err != nil {
			return err
		}
		published, err := pgx.CollectRows(rows, scanPublished)
		if err != nil {
			return err
		}
		bodies := make([]automation.Definition, len(published))
		for i, v := range published {
			bodies[i] = v.Body
		}
		names, err := readNames(ctx, tx, bodies...)
		if err != nil {
			return err
		}
		for _, v := range published {
			list = append(list, runs.Runnable{DefinitionID: v.DefinitionID, Version: v.Number, Body: v.Body, Names: names})
		}
		return nil
	})
	return list, err
}

// Asked returns the run that would be asked for, with the version that would run;
// nothing is written, and it need not be confirmed.
//
// Errors: those of AskRun.
func (r Rehearsal) Asked(ctx context.Context, who access.Caller, definition automation.DefinitionID) (runs.Run, automation.Version, error) {
	const op = "store.Asked"
	var v automation.Version
	run := runs.Run{
		ID: automation.RunID(NewID()), ConversationID: r.row.ID, MailboxID: r.row.MailboxID, CreatedAt: r.now,
		Trigger: automation.TriggerManual, State: automation.RunAsked, Actor: who.Actor(),
	}
	if err := who.In(access.RunWorkflow, r.row.MailboxID); err != nil {
		return run, v, err
	}
	err := askable(ctx, r.tx, op, r.row, automation.Ask{DefinitionID: definition, Confirmed: true}, &run)
	if err == nil {
		v, err = r.inForce(ctx, definition)
	}
	return run, v, err
}
