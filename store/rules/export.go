package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// ExportDefinitions returns the mailbox's definitions in their order, with
// addresses in the place of the ids of users and mailboxes, as far as the caller
// sees them, and their fingerprint. A definition is its draft, with its secrets.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Forbidden, errs.Unavailable.
func (s *Store) ExportDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]plan.Wanted, plan.Base,
	error) {
	const op = "store.ExportDefinitions"
	type export struct {
		set  []plan.Wanted
		base plan.Base
	}
	e, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (export, error) {
		if err := who.In(access.ManageWorkflow, mailbox); err != nil {
			return export{}, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return export{}, err
		}
		have, err := tables.ReadDefinitions(ctx, tx, mailbox)
		if err != nil {
			return export{}, err
		}
		drafts := make([]automation.Definition, len(have))
		for i, r := range have {
			drafts[i] = r.Draft
		}
		around, err := readSurroundings(ctx, tx, who, mailbox, drafts...)
		if err != nil {
			return export{}, err
		}
		e := export{base: plan.BaseOf(have)}
		for _, r := range have {
			e.set = append(e.set, plan.Wanted{Definition: r.Draft.Named(around.address), Mode: r.Mode})
		}
		return e, nil
	})
	return e.set, e.base, err
}
