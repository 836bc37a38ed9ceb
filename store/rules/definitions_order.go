package rules

import (
	"context"
	"fmt"
	"slices"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// OrderDefinitions puts the mailbox's definitions into the order of ids, which
// must name each of them once, and returns them. It is safe to repeat.
//
// Errors: errs.NotFound (no such mailbox), errs.Forbidden, errs.Invalid with the
// list of problems, errs.Unavailable.
func (s *Store) OrderDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID,
	ids []automation.DefinitionID) ([]automation.Workflow, error) {
	const op = "store.OrderDefinitions"
	return editDefinitions(ctx, s.db, op, who, mailbox, func(e *DefinitionEdit) ([]automation.Workflow, error) {
		have, err := e.order(ctx)
		if err != nil {
			return nil, err
		}
		if problems := orderProblems(have, ids); len(problems) > 0 {
			return nil, errs.Bad(op, "this is not an order of the mailbox's workflows", problems)
		}
		if err := e.setOrder(ctx, have, ids); err != nil {
			return nil, err
		}
		return tables.ReadDefinitions(ctx, e.Tx, mailbox)
	})
}

func orderProblems(have, want []automation.DefinitionID) []errs.Problem {
	var problems []errs.Problem
	for i, id := range want {
		switch {
		case !slices.Contains(have, id):
			problems = append(problems, errs.Problem{Path: fmt.Sprintf("workflow_ids[%d]", i), Message: "there is no such workflow in this mailbox"})
		case slices.Contains(want[:i], id):
			problems = append(problems, errs.Problem{Path: fmt.Sprintf("workflow_ids[%d]", i), Message: "this workflow is named twice"})
		}
	}
	for _, id := range have {
		if !slices.Contains(want, id) {
			problems = append(problems, errs.Problem{Path: "workflow_ids", Message: "the workflow " + string(id) + " is missing"})
		}
	}
	return problems
}

// move puts one definition at the place and shifts the others.
func (e *DefinitionEdit) move(ctx context.Context, d automation.Workflow, place int) error {
	have, err := e.order(ctx)
	if err != nil {
		return err
	}
	want := slices.DeleteFunc(slices.Clone(have), func(id automation.DefinitionID) bool { return id == d.ID })
	return e.setOrder(ctx, have, slices.Insert(want, min(place-1, len(want)), d.ID))
}

// order returns the ids of the mailbox's definitions in their order.
func (e *DefinitionEdit) order(ctx context.Context) ([]automation.DefinitionID, error) {
	var ids []automation.DefinitionID
	err := e.Tx.QueryRow(ctx, `SELECT coalesce(array_agg(id::text ORDER BY position, id), '{}') FROM definitions
		WHERE mailbox_id = $1 AND deleted_at IS NULL`, e.Mailbox).Scan(&ids)
	return ids, err
}

func (e *DefinitionEdit) setOrder(ctx context.Context, have, want []automation.DefinitionID) error {
	if slices.Equal(have, want) {
		return nil
	}
	if _, err := e.Tx.Exec(ctx, `UPDATE definitions f SET position = o.n
		FROM unnest($1::uuid[]) WITH ORDINALITY o (id, n) WHERE f.id = o.id AND f.position <> o.n`, want); err != nil {
		return err
	}
	return pg.InsertAudit(ctx, e.Tx, pg.AuditEntry{
		At:         e.Now,
		By:         pg.By(e.Who),
		Verb:       "ordered workflows",
		ObjectKind: "mailbox",
		ObjectID:   string(e.Mailbox),
		Mailbox:    e.Mailbox,
		Before:     have,
		After:      want,
	})
}
