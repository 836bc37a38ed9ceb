package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// CreateDefinition adds a definition at the end of the mailbox's order. Its body
// is the draft; a mode other than off also publishes it as version 1: all or
// nothing. The repeat of a request with a key returns the definition of the
// first; without a key it fails on the name.
//
// Errors: errs.NotFound (no such mailbox), errs.Forbidden, errs.Invalid with the
// list of problems, errs.Conflict (the name is taken), errs.Unavailable.
func (s *Store) CreateDefinition(ctx context.Context, who access.Caller, mailbox conversation.MailboxID,
	draft automation.Definition, mode automation.Mode,
) (automation.Workflow, error) {
	const op = "store.CreateDefinition"
	return editDefinitions(ctx, s.db, op, who, mailbox, func(e *DefinitionEdit) (automation.Workflow, error) {
		id := automation.DefinitionID(pg.NewID())
		first, err := pg.Once(ctx, e.Tx, who, string(id), e.Now)
		if err != nil {
			return automation.Workflow{}, err
		}
		if first != "" {
			id = automation.DefinitionID(first)
		} else if err := e.create(ctx, s, id, draft, mode); err != nil {
			return automation.Workflow{}, err
		}
		return e.edited(ctx, id)
	})
}

func (e *DefinitionEdit) create(ctx context.Context, s *Store, id automation.DefinitionID, draft automation.Definition,
	mode automation.Mode) error {
	checked, err := e.mustCheck(ctx, draft)
	if err != nil {
		return err
	}
	body, err := tables.EncodeBody(checked.Draft)
	if err != nil {
		return err
	}
	if _, err := e.Tx.Exec(ctx, `
		INSERT INTO definitions (id, mailbox_id, name, name_key, position, mode, draft, created_at, updated_at)
		VALUES (@id, @mailbox_id, @name, @name_key,
			(SELECT count(*) + 1 FROM definitions WHERE mailbox_id = @mailbox_id AND deleted_at IS NULL), 'off', @draft,
			@created_at, @created_at)`, pgx.NamedArgs{
		"id":         id,
		"mailbox_id": e.Mailbox,
		"name":       checked.Draft.Name,
		"name_key":   nameKey(checked.Draft.Name),
		"draft":      body,
		"created_at": e.Now,
	}); err != nil {
		return err
	}
	if err := e.audit(ctx, "created", id, nil, automation.Encode(checked.Draft)); err != nil {
		return err
	}
	if mode == "" || mode == automation.ModeOff {
		return nil
	}
	d, err := tables.ReadDefinition(ctx, e.Tx, e.Op, id)
	if err != nil {
		return err
	}
	if err := e.publish(ctx, s, d); err != nil {
		return err
	}
	e.tested = true // it is the same version that is switched on
	if d, err = tables.ReadDefinition(ctx, e.Tx, e.Op, id); err != nil {
		return err
	}
	return e.setMode(ctx, s, d, mode)
}

// PutDraft replaces the draft. What is published stays in force. A second call
// with the same draft changes nothing.
//
// Errors: errs.NotFound, errs.Forbidden, errs.Invalid with the list of problems, errs.Conflict
// (the name is taken), errs.Unavailable.
func (s *Store) PutDraft(ctx context.Context, who access.Caller, id automation.DefinitionID,
	draft automation.Definition) (automation.Workflow, error) {
	return s.editDefinition(ctx, "store.PutDraft", who, id, func(e *DefinitionEdit, d automation.Workflow) error {
		checked, err := e.mustCheck(ctx, draft.WithSecretsOf(d.Draft))
		if err != nil {
			return err
		}
		return e.putDraft(ctx, d, checked.Draft)
	})
}

func (e *DefinitionEdit) putDraft(ctx context.Context, d automation.Workflow, draft automation.Definition) error {
	body, err := tables.EncodeBody(draft)
	if err != nil {
		return err
	}
	tag, err := e.Tx.Exec(ctx, `UPDATE definitions SET name = $2, name_key = $3, draft = $4, updated_at = $5
		WHERE id = $1 AND draft IS DISTINCT FROM $4::jsonb`, d.ID, draft.Name, nameKey(draft.Name), body, e.Now)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return e.audit(ctx, "changed", d.ID, automation.Encode(d.Draft), automation.Encode(draft))
}

// DeleteDefinition switches the definition off and takes it out of the mailbox.
// Its versions and runs are kept; its name is free again.
//
// Errors: errs.NotFound (no such definition, or it is deleted already),
// errs.Forbidden, errs.Stale, errs.Unavailable.
func (s *Store) DeleteDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID) error {
	const op = "store.DeleteDefinition"
	d, err := s.Definition(ctx, who, id)
	if err != nil {
		return err
	}
	_, err = editDefinitions(ctx, s.db, op, who, d.MailboxID, func(e *DefinitionEdit) (struct{}, error) {
		d, err := tables.ReadDefinition(ctx, e.Tx, op, id)
		if err != nil {
			return struct{}{}, err
		}
		if err := pg.MatchRevision(ctx, e.Tx, who, "workflow", string(id), d.Revision); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, e.delete(ctx, d)
	})
	return err
}

func (e *DefinitionEdit) delete(ctx context.Context, d automation.Workflow) error {
	if err := e.mended(ctx, d); err != nil {
		return err
	}
	if _, err := e.Tx.Exec(ctx, `UPDATE definitions SET deleted_at = $2, updated_at = $2, mode = 'off' WHERE id = $1`, d.ID,
		e.Now); err != nil {
		return err
	}
	if _, err := e.Tx.Exec(ctx, `UPDATE definitions SET position = position - 1
		WHERE mailbox_id = $1 AND position > $2 AND deleted_at IS NULL`, e.Mailbox, d.Position); err != nil {
		return err
	}
	before := automation.Encode(d.Draft)
	before["mode"] = string(d.Mode)
	return e.audit(ctx, "deleted", d.ID, before, nil)
}

// PatchDefinition changes the mode and the place: all or nothing. A second call
// with the same patch changes nothing. A mode other than off needs a published
// version without problems. Switching on a version with a date row wakes up to
// 10,000 open conversations of the mailbox, whose due lists are then made again;
// an event row looks at a conversation at its next event.
//
// Errors: errs.NotFound, errs.Forbidden, errs.Conflict (nothing is published), errs.Invalid (the
// place is not one; or with the list of problems of the published version),
// errs.Unavailable.
func (s *Store) PatchDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID,
	p automation.WorkflowPatch) (automation.Workflow, error) {
	const op = "store.PatchDefinition"
	return s.editDefinition(ctx, op, who, id, func(e *DefinitionEdit, d automation.Workflow) error {
		if p.Position != nil {
			if *p.Position < 1 {
				return errs.Bad(op, "the workflow cannot be moved there",
					[]errs.Problem{{Path: "position", Message: "the first place is 1"}})
			}
			if err := e.move(ctx, d, *p.Position); err != nil {
				return err
			}
		}
		if p.Mode != nil {
			return e.setMode(ctx, s, d, *p.Mode)
		}
		return nil
	})
}
