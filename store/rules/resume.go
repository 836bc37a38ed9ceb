package rules

import (
	"context"
	"slices"
	"strings"

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

// Pauses lists on which conversations a workflow is paused, in the order of
// their ids; page.After is a conversation's id.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Pauses(ctx context.Context, who access.Caller, id automation.DefinitionID, page conversation.Page) ([]runs.Pause, error) {
	const op = "store.Pauses"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Pause, error) {
		d, err := tables.ReadDefinition(ctx, tx, op, id)
		if err != nil {
			return nil, err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return nil, err
		}
		return readPauses(ctx, tx, `p.definition_id = $1 AND ($2::uuid IS NULL OR p.conversation_id > $2)
			AND ($4 OR c.mailbox_id = ANY($5::uuid[])) ORDER BY p.conversation_id LIMIT $3`,
			id, pg.NullID(page.After), page.Limit, who.All(), pg.MailboxIDs(who))
	})
}

// PausesHere lists the workflows that are paused on a conversation.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PausesHere(ctx context.Context, who access.Caller, id conversation.ID) ([]runs.Pause, error) {
	const op = "store.PausesHere"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Pause, error) {
		if _, err := engine.MailboxOf(ctx, tx, op, who, access.ReadConversation, id); err != nil {
			return nil, err
		}
		return readPauses(ctx, tx, `p.conversation_id = $1 ORDER BY p.definition_id`, id)
	})
}

func readPauses(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]runs.Pause, error) {
	rows, err := tx.Query(ctx, `SELECT p.conversation_id, c.number, p.definition_id, p.kind, p.reason, p.created_at
		FROM pauses p JOIN conversations c ON c.id = p.conversation_id WHERE p.resumed_at IS NULL AND `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Pause, error) {
		var p runs.Pause
		err := row.Scan(&p.ConversationID, &p.Number, &p.DefinitionID, &p.Kind, &p.Reason, &p.At)
		return p, err
	})
}

// ResumeHere lets a workflow run on a conversation again; its limits count from
// now. makeUp has it look at the events that it passed over here, the oldest 500 of
// them. Where it only failed, its call for attention goes. Resuming what is neither
// paused nor called for, with nothing to make up for, changes nothing.
//
// Errors: errs.NotFound (no such conversation or workflow, or not the caller's to
// see), errs.Forbidden, errs.Conflict (makeUp, and it is off), errs.Unavailable.
func (s *Store) ResumeHere(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID,
	makeUp bool) error {
	const op = "store.ResumeHere"
	if !pg.IsID(id) || !pg.IsID(definition) {
		return errs.New(op, errs.NotFound, "there is no such conversation or workflow")
	}
	err := s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		c, _, err := tables.LockConversation(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := who.In(access.ReadConversation, c.MailboxID); err != nil {
			return err
		}
		d, err := tables.ReadDefinition(ctx, tx, op, definition)
		if err != nil {
			return err
		}
		if err := who.In(access.ManageWorkflow, d.MailboxID); err != nil {
			return err
		}
		if makeUp && d.Mode == automation.ModeOff {
			return errs.New(op, errs.Conflict, makeUpOff)
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE pauses SET resumed_at = $3 WHERE conversation_id = $1 AND definition_id = $2 AND resumed_at IS NULL`,
			id, definition, now)
		if err != nil {
			return err
		}
		begins, err := engine.FailingAttentions(ctx, tx, definition)
		if err != nil {
			return err
		}
		failed := slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(c.Attention, b) })
		made := 0
		if makeUp {
			if made, err = engine.MakeUpHere(ctx, tx, id, definition, now); err != nil {
				return err
			}
		}
		if tag.RowsAffected() == 0 && !failed && made == 0 {
			return nil
		}
		after := map[string]any{"conversation_id": id}
		if makeUp {
			after["made_up"] = made
		}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "resumed",
			ObjectKind: "workflow",
			ObjectID:   string(definition),
			Mailbox:    d.MailboxID,
			After:      after,
		}); err != nil {
			return err
		}
		if failed {
			if _, err := tx.Exec(ctx, `UPDATE conversations SET attention = '' WHERE id = $1`, id); err != nil {
				return err
			}
		}
		return s.wakeResumed(ctx, tx, []string{string(id)})
	})
	if err == nil {
		s.db.Notifier.Push()
	}
	return err
}

// ResumeWorkflow lets a workflow run again everywhere, and on each conversation
// where it is paused; its limits count from now. makeUp begins a rollout that has it
// look at the events that it passed over. Resuming what is not paused, with nothing to
// make up for, changes nothing.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Forbidden, errs.Conflict (makeUp, and it is off), errs.Unavailable.
func (s *Store) ResumeWorkflow(ctx context.Context, who access.Caller, id automation.DefinitionID, makeUp bool) (automation.Workflow,
	error) {
	return s.editDefinition(ctx, "store.ResumeWorkflow", who, id, func(e *DefinitionEdit, d automation.Workflow) error {
		if makeUp && d.Mode == automation.ModeOff {
			return errs.New(e.Op, errs.Conflict, makeUpOff)
		}
		everywhere, err := e.Tx.Exec(ctx, `
			WITH ended AS (UPDATE pauses SET resumed_at = $2 WHERE definition_id = $1 AND conversation_id IS NULL AND resumed_at IS NULL)
			UPDATE definitions SET paused_at = NULL, paused_reason = '', resumed_at = $2 WHERE id = $1 AND paused_at IS NOT NULL`, id, e.Now)
		if err != nil {
			return err
		}
		rows, err := e.Tx.Query(ctx, `SELECT c.id::text FROM conversations c
			WHERE c.id IN (SELECT conversation_id FROM pauses WHERE definition_id = $1 AND resumed_at IS NULL)
			ORDER BY c.id FOR NO KEY UPDATE`, id)
		if err != nil {
			return err
		}
		here, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		left := false
		if makeUp {
			if left, err = e.passedOver(ctx, id); err != nil {
				return err
			}
		}
		if everywhere.RowsAffected() == 0 && len(here) == 0 && !left {
			return nil
		}
		if _, err := e.Tx.Exec(ctx, `UPDATE pauses SET resumed_at = $2 WHERE definition_id = $1 AND resumed_at IS NULL AND conversation_id =
			ANY($3::uuid[])`,
			id, e.Now, here); err != nil {
			return err
		}
		if err := s.wakeResumed(ctx, e.Tx, here); err != nil {
			return err
		}
		before := map[string]any{"paused_reason": d.PausedReason, "conversations": len(here)}
		after := map[string]any{}
		if makeUp {
			after["make_up"] = true
		}
		if err := e.audit(ctx, "resumed", id, before, after); err != nil {
			return err
		}
		e.Rung = true
		if left {
			if err := e.rollOut(ctx, s, runs.Rollout{DefinitionID: id, Reason: runs.RolloutResumed, Consider: true, MakeUp: true}); err != nil {
				return err
			}
		}
		if everywhere.RowsAffected() == 0 {
			return nil
		}
		return e.rollOut(ctx, s, runs.Rollout{DefinitionID: id, Reason: runs.RolloutResumed})
	})
}

// makeUpOff refuses to make up for what a workflow passed over.
const makeUpOff = "the workflow is off and would look at nothing: switch it on first, or leave make_up out"

// wakeResumed wakes conversations, whose due lists are to be made again, and takes
// their call for attention away where nothing is paused any longer.
func (s *Store) wakeResumed(ctx context.Context, tx pgx.Tx, ids []string) error {
	if _, err := tx.Exec(ctx, `UPDATE conversations c SET attention = '' WHERE c.id = ANY($1::uuid[]) AND c.attention <> ''
		AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.conversation_id = c.id AND p.resumed_at IS NULL)`, ids); err != nil {
		return err
	}
	now, err := s.db.Now(ctx, tx)
	if err != nil {
		return err
	}
	return pg.WakeAgain(ctx, tx, ids, now)
}
