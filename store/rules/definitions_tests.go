package rules

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Tester does the tests of a definition that has no problems and returns what came
// of each, in their order. It writes nothing.
type Tester func(ctx context.Context, w expect.World, d automation.Definition) ([]expect.Result, error)

// TestDraft does the tests of the stored draft and returns what came of each, with
// its steps. It writes nothing.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Invalid (with problems: the draft cannot run), errs.Unavailable.
func (s *Store) TestDraft(ctx context.Context, who access.Caller, id automation.DefinitionID) ([]expect.Result, error) {
	c, err := s.CheckDraft(ctx, who, id, nil)
	if err == nil && len(c.Problems) > 0 {
		err = errs.Bad("store.TestDraft", "the workflow has problems", c.Problems)
	}
	return c.Tests, err
}

// test does the tests of a draft that was checked.
func (s *Store) test(ctx context.Context, tx pgx.Tx, author access.Caller, mailbox conversation.MailboxID,
	d automation.Definition) ([]expect.Result, error) {
	if len(d.Tests) == 0 {
		return nil, nil
	}
	if s.tester == nil {
		return nil, errs.New("store.test", errs.Internal, "nothing is there that does tests")
	}
	w, err := readTestWorld(ctx, tx, author, mailbox, d)
	if err != nil {
		return nil, err
	}
	return s.tester(ctx, w, d)
}

// mustPass refuses what is to be in force when one of its tests fails.
func (e *DefinitionEdit) mustPass(ctx context.Context, s *Store, d automation.Definition) error {
	if e.tested {
		return nil
	}
	results, err := s.test(ctx, e.Tx, e.Who, e.Mailbox, d)
	if err != nil {
		return err
	}
	var failed []string
	var why []errs.Problem
	for _, r := range results {
		if !r.Passed {
			failed = append(failed, fmt.Sprintf("%q", r.Name))
			why = append(why, r.Why...)
		}
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return errs.Bad(e.Op, "the workflow's test "+failed[0]+" fails", why)
	}
	return errs.Bad(e.Op, "the workflow's tests "+strings.Join(failed, ", ")+" fail", why)
}

// readTestWorld reads what the tests of a mailbox's workflow are done in. Other
// mailboxes are those that the author sees.
func readTestWorld(ctx context.Context, tx pgx.Tx, author access.Caller, id conversation.MailboxID,
	d automation.Definition) (expect.World, error) {
	var w expect.World
	rows, err := tx.Query(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb ORDER BY mb.id`)
	if err != nil {
		return w, err
	}
	mailboxes, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Mailbox, error) { return tables.ScanMailbox(r) })
	if err != nil {
		return w, err
	}
	for _, m := range mailboxes {
		for _, address := range append([]string{m.Email}, m.Mail.Aliases...) {
			w.Own = append(w.Own, conversation.AddressKey(address))
		}
		if m.ID == id {
			w.Around.Mailbox = m
		}
		if author.Sees(m.ID) {
			w.Mailboxes = append(w.Mailboxes, m)
		}
	}
	if rows, err = tx.Query(ctx, `SELECT `+tables.UserColumns+` FROM users u ORDER BY u.id`); err != nil {
		return w, err
	}
	if w.Users, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.User, error) { return tables.ScanUser(r) }); err != nil {
		return w, err
	}
	if rows, err = tx.Query(ctx, `SELECT `+tables.EndpointColumns+` FROM endpoints e WHERE e.enabled ORDER BY e.id`); err != nil {
		return w, err
	}
	if w.Around.Endpoints, err = pgx.CollectRows(rows,
		func(r pgx.CollectableRow) (conversation.Endpoint, error) { return tables.ScanEndpoint(r) }); err != nil {
		return w, err
	}
	set, err := tables.ReadSettings(ctx, tx)
	if err != nil {
		return w, err
	}
	w.Around.WorkflowUserName, w.Around.WorkflowUserEmail = set.WorkflowUserName, set.WorkflowUserEmail
	w.Around.BaseURL, w.Around.Limits = set.BaseURL, set.Limits
	w.Names, err = tables.ReadNames(ctx, tx, d)
	return w, err
}
