package rules

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// DefinitionEdit is a change of the definitions of one mailbox, in its
// transaction. The mailbox's row is locked: whoever changes a mailbox's
// definitions holds it, so that names, order and version numbers need no lock of
// their own. Nobody who handles a conversation waits for it.
type DefinitionEdit struct {
	Tx      pgx.Tx
	Op      string
	Mailbox conversation.MailboxID
	Who     access.Caller
	Actor   conversation.Actor
	Now     time.Time
	Rung    bool // the outbox was written
	// tested says that the tests of all that comes into force have passed.
	tested bool
	// around is what all drafts of a plan are compared with, read once; nil: each
	// reads its own.
	around *surroundings
}

// editDefinitions runs do under the lock of the mailbox and returns its value.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Forbidden, errs.Unavailable, and those of do.
func editDefinitions[T any](ctx context.Context, db *pg.DB, op string, who access.Caller, mailbox conversation.MailboxID,
	do func(*DefinitionEdit) (T, error),
) (T, error) {
	type edited struct {
		value T
		wake  bool
	}
	out, err := pg.InTx(ctx, db, op, func(tx pgx.Tx) (edited, error) {
		if err := who.In(access.ManageWorkflow, mailbox); err != nil {
			return edited{}, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, "FOR NO KEY UPDATE"); err != nil {
			return edited{}, err
		}
		now, err := db.Now(ctx, tx)
		if err != nil {
			return edited{}, err
		}
		e := &DefinitionEdit{Tx: tx, Op: op, Mailbox: mailbox, Who: who, Actor: who.Actor(), Now: now}
		value, err := do(e)
		return edited{value, e.Rung}, err
	})
	if out.wake {
		db.Notifier.Push()
	}
	return out.value, err
}

// editDefinition runs do on one definition, under the lock of its mailbox, and
// returns it as it then is.
//
// Errors: errs.NotFound (no such definition, it is deleted, or not the caller's to
// see), errs.Forbidden, errs.Stale, errs.Unavailable, and those of do.
func (s *Store) editDefinition(ctx context.Context, op string, who access.Caller, id automation.DefinitionID,
	do func(*DefinitionEdit, automation.Workflow) error,
) (automation.Workflow, error) {
	// A definition never changes its mailbox, so it may be asked for before the lock.
	d, err := s.Definition(ctx, who, id)
	if err != nil {
		return d, err
	}
	return editDefinitions(ctx, s.db, op, who, d.MailboxID, func(e *DefinitionEdit) (automation.Workflow, error) {
		d, err := tables.ReadDefinition(ctx, e.Tx, op, id)
		if err != nil {
			return d, err
		}
		if err := pg.MatchRevision(ctx, e.Tx, who, "workflow", string(id), d.Revision); err != nil {
			return d, err
		}
		if err := do(e, d); err != nil {
			return d, err
		}
		return e.edited(ctx, id)
	})
}

// edited returns the definition as it is now, with its names and warnings.
func (e *DefinitionEdit) edited(ctx context.Context, id automation.DefinitionID) (automation.Workflow, error) {
	d, err := tables.ReadDefinition(ctx, e.Tx, e.Op, id)
	if err != nil {
		return d, err
	}
	if err := tables.NameDefinitions(ctx, e.Tx, &d); err != nil {
		return d, err
	}
	d.Warnings, err = warnings(ctx, e.Tx, e.Who, d.MailboxID, d.ID, d.Draft)
	return d, err
}

// audit keeps who changed what of a definition.
func (e *DefinitionEdit) audit(ctx context.Context, verb string, id automation.DefinitionID, before, after map[string]any) error {
	entry := pg.AuditEntry{At: e.Now, By: pg.By(e.Who), Verb: verb, ObjectKind: "workflow", ObjectID: string(id), Mailbox: e.Mailbox}
	if before != nil {
		entry.Before = before
	}
	if after != nil {
		entry.After = after
	}
	return pg.InsertAudit(ctx, e.Tx, entry)
}

// nameKey is what names of definitions are compared by.
func nameKey(name string) string { return plan.NameKey(name) }
