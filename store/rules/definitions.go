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

// Definition returns one definition, without secrets for who does not manage it.
//
// Errors: errs.NotFound (no such definition, it is deleted, or not the caller's to
// see), errs.Unavailable.
func (s *Store) Definition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error) {
	const op = "store.Definition"
	d, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (automation.Workflow, error) {
		d, err := tables.ReadDefinition(ctx, tx, op, id)
		if err != nil {
			return d, err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return d, err
		}
		err = tables.NameDefinitions(ctx, tx, &d)
		return d, err
	})
	d.Draft = readable(who, d.MailboxID, d.Draft)
	return d, err
}

// readable is a definition as the caller may read it: without the secrets of its
// webhooks, unless they manage it.
func readable(who access.Caller, mailbox conversation.MailboxID, d automation.Definition) automation.Definition {
	if who.In(access.ManageWorkflow, mailbox) != nil {
		return d.WithoutSecrets()
	}
	return d
}

// Definitions returns all definitions of a mailbox in their order, like Definition.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Definitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]automation.Workflow, error) {
	const op = "store.Definitions"
	list, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]automation.Workflow, error) {
		if err := who.In(access.ReadWorkflow, mailbox); err != nil {
			return nil, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return nil, err
		}
		return tables.ReadDefinitions(ctx, tx, mailbox)
	})
	for i := range list {
		list[i].Draft = readable(who, mailbox, list[i].Draft)
	}
	return list, err
}

// MailboxExists reports whether there is such a mailbox; lock is the clause that
// locks its row, or empty.
func MailboxExists(ctx context.Context, tx pgx.Tx, op string, id conversation.MailboxID, lock string) error {
	if !pg.IsID(id) {
		return errs.New(op, errs.NotFound, "there is no such mailbox")
	}
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM mailboxes WHERE id = $1 `+lock, id).Scan(&one)
	return pg.NotFound(op, "there is no such mailbox", err)
}
