package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// CheckDraft looks at a draft as PutDraft and PublishDefinition would, and writes
// nothing. draft nil means the one that is stored. Problems are part of the
// answer, not an error.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Unavailable.
func (s *Store) CheckDraft(ctx context.Context, who access.Caller, id automation.DefinitionID, draft *automation.Definition) (check.Report, error) {
	const op = "store.CheckDraft"
	var c check.Report
	author := who
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		d, err := readDefinition(ctx, tx, op, id)
		if err != nil {
			return err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return err
		}
		if draft == nil {
			draft = &d.Draft
			if who.In(access.ManageWorkflow, d.MailboxID) != nil {
				// Who only reads is told what is wrong for those who manage it.
				author = access.System()
			}
		} else if who.In(access.ManageWorkflow, d.MailboxID) == nil {
			known := draft.WithSecretsOf(d.Draft)
			draft = &known
		}
		if c, err = checkAmong(ctx, tx, who, author, d.MailboxID, id, *draft); err != nil || c.Program == nil {
			return err
		}
		c.Tests, err = s.test(ctx, tx, author, d.MailboxID, c.Draft)
		return err
	})
	return c, err
}

// mustCheck is checkDraft for what is to be written: problems are an error.
func (e *definitionEdit) mustCheck(ctx context.Context, draft automation.Definition) (check.Report, error) {
	var c check.Report
	var err error
	if e.around != nil {
		c = e.around.check(draft)
	} else {
		c, err = checkDraft(ctx, e.tx, e.who, e.mailbox, draft)
	}
	if err == nil && len(c.Problems) > 0 {
		err = errs.Bad(e.op, "the workflow has problems", c.Problems)
	}
	return c, err
}

// checkDraft looks at one draft, as surroundings.check does.
func checkDraft(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID, draft automation.Definition) (check.Report, error) {
	s, err := readSurroundings(ctx, tx, who, mailbox, draft)
	if err != nil {
		return check.Report{Draft: draft}, err
	}
	return s.check(draft), nil
}

// nameDefinitions fills in the names that the drafts refer to.
func nameDefinitions(ctx context.Context, tx pgx.Tx, list ...*automation.Workflow) error {
	drafts := make([]automation.Definition, len(list))
	for i, d := range list {
		drafts[i] = d.Draft
	}
	names, err := readNames(ctx, tx, drafts...)
	if err != nil {
		return err
	}
	for _, d := range list {
		d.Names = names
	}
	return nil
}

// readNames reads the names of the users and mailboxes that the definitions
// refer to by id.
func readNames(ctx context.Context, tx pgx.Tx, definitions ...automation.Definition) (automation.Names, error) {
	ids := map[string][]string{automation.RefUser: {}, automation.RefMailbox: {}}
	for _, d := range definitions {
		for _, r := range d.References() {
			if _, byID := ids[r.Kind]; byID && isID(r.ID) {
				ids[r.Kind] = append(ids[r.Kind], r.ID)
			}
		}
	}
	names := map[[2]string]string{}
	of := func(kind, id string) string { return names[[2]string{kind, id}] }
	if len(ids[automation.RefUser]) == 0 && len(ids[automation.RefMailbox]) == 0 {
		return of, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT 'user', id::text, name FROM users WHERE id = ANY ($1::uuid[])
		UNION ALL SELECT 'mailbox', id::text, name FROM mailboxes WHERE id = ANY ($2::uuid[])`,
		ids[automation.RefUser], ids[automation.RefMailbox])
	if err != nil {
		return nil, err
	}
	var kind, id, name string
	_, err = pgx.ForEachRow(rows, []any{&kind, &id, &name}, func() error {
		names[[2]string{kind, id}] = name
		return nil
	})
	return of, err
}
