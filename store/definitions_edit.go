package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
)

// definitionEdit is a change of the definitions of one mailbox, in its
// transaction. The mailbox's row is locked: whoever changes a mailbox's
// definitions holds it, so that names, order and version numbers need no lock of
// their own. Nobody who handles a conversation waits for it.
type definitionEdit struct {
	tx      pgx.Tx
	op      string
	mailbox conversation.MailboxID
	who     access.Caller
	actor   conversation.Actor
	now     time.Time
	rung    bool // the outbox was written
	// tested says that the tests of all that comes into force have passed.
	tested bool
	// around is what all drafts of a plan are held against, read once; nil: each
	// reads its own.
	around *surroundings
}

// editDefinitions runs do under the lock of the mailbox.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Forbidden, errs.Unavailable, and those of do.
func (s *Store) editDefinitions(ctx context.Context, op string, who access.Caller, mailbox conversation.MailboxID,
	do func(*definitionEdit) error,
) error {
	var e *definitionEdit
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ManageWorkflow, mailbox); err != nil {
			return err
		}
		e = &definitionEdit{tx: tx, op: op, mailbox: mailbox, who: who, actor: who.Actor()}
		if err := mailboxExists(ctx, tx, op, mailbox, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		var err error
		if e.now, err = s.db.now(ctx, tx); err != nil {
			return err
		}
		return do(e)
	})
	if err == nil && e.rung {
		s.db.bell.push()
	}
	return err
}

// editDefinition runs do on one definition, under the lock of its mailbox, and
// returns it as it then is.
//
// Errors: errs.NotFound (no such definition, it is deleted, or not the caller's to
// see), errs.Forbidden, errs.Stale, errs.Unavailable, and those of do.
func (s *Store) editDefinition(ctx context.Context, op string, who access.Caller, id automation.DefinitionID,
	do func(*definitionEdit, automation.Workflow) error,
) (automation.Workflow, error) {
	// A definition never changes its mailbox, so it may be asked for before the lock.
	d, err := s.Definition(ctx, who, id)
	if err != nil {
		return d, err
	}
	err = s.editDefinitions(ctx, op, who, d.MailboxID, func(e *definitionEdit) error {
		if d, err = readDefinition(ctx, e.tx, op, id); err != nil {
			return err
		}
		if err := matchRevision(ctx, e.tx, who, "workflow", string(id), d.Revision); err != nil {
			return err
		}
		if err := do(e, d); err != nil {
			return err
		}
		if d, err = readDefinition(ctx, e.tx, op, id); err != nil {
			return err
		}
		if err := nameDefinitions(ctx, e.tx, &d); err != nil {
			return err
		}
		d.Warnings, err = warnings(ctx, e.tx, who, d.MailboxID, d.ID, d.Draft)
		return err
	})
	return d, err
}

// audit keeps who changed what of a definition.
func (e *definitionEdit) audit(ctx context.Context, verb string, id automation.DefinitionID, before, after map[string]any) error {
	entry := auditEntry{at: e.now, by: by(e.who), verb: verb, objectKind: "workflow", objectID: string(id), mailbox: e.mailbox}
	if before != nil {
		entry.before = before
	}
	if after != nil {
		entry.after = after
	}
	return insertAudit(ctx, e.tx, entry)
}

// encodeBody is how a draft or a version is kept.
func encodeBody(d automation.Definition) ([]byte, error) { return json.Marshal(automation.Encode(d)) }

// nameKey is what names of definitions are compared by.
func nameKey(name string) string { return plan.NameKey(name) }
