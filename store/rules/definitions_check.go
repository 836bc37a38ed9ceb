package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// CheckDraft looks at a draft as PutDraft and PublishDefinition would, and writes
// nothing. draft nil means the one that is stored. Problems are part of the
// answer, not an error.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Unavailable.
func (s *Store) CheckDraft(ctx context.Context, who access.Caller, id automation.DefinitionID,
	draft *automation.Definition) (check.Report, error) {
	const op = "store.CheckDraft"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (check.Report, error) {
		d, err := tables.ReadDefinition(ctx, tx, op, id)
		if err != nil {
			return check.Report{}, err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return check.Report{}, err
		}
		author, checked := who, d.Draft
		if draft == nil {
			if who.In(access.ManageWorkflow, d.MailboxID) != nil {
				// Who only reads is told what is wrong for those who manage it.
				author = access.System()
			}
		} else if checked = *draft; who.In(access.ManageWorkflow, d.MailboxID) == nil {
			checked = draft.WithSecretsOf(d.Draft)
		}
		c, err := checkAmong(ctx, tx, who, author, d.MailboxID, id, checked)
		if err != nil || c.Program == nil {
			return c, err
		}
		c.Tests, err = s.test(ctx, tx, author, d.MailboxID, c.Draft)
		return c, err
	})
}

// mustCheck is checkDraft for what is to be written: problems are an error.
func (e *DefinitionEdit) mustCheck(ctx context.Context, draft automation.Definition) (check.Report, error) {
	var c check.Report
	var err error
	if e.around != nil {
		c = e.around.check(draft)
	} else {
		c, err = checkDraft(ctx, e.Tx, e.Who, e.Mailbox, draft)
	}
	if err == nil && len(c.Problems) > 0 {
		err = errs.Bad(e.Op, "the workflow has problems", c.Problems)
	}
	return c, err
}

// checkDraft looks at one draft, as surroundings.check does.
func checkDraft(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID,
	draft automation.Definition) (check.Report, error) {
	s, err := readSurroundings(ctx, tx, who, mailbox, draft)
	if err != nil {
		return check.Report{Draft: draft}, err
	}
	return s.check(draft), nil
}
