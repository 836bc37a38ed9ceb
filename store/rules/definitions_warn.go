package rules

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// CheckNewDraft looks at a draft that is not stored yet as CreateDefinition would,
// among the workflows of the mailbox, and writes nothing.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Unavailable.
func (s *Store) CheckNewDraft(ctx context.Context, who access.Caller, mailbox conversation.MailboxID,
	draft automation.Definition) (check.Report, error) {
	const op = "store.CheckNewDraft"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (check.Report, error) {
		var c check.Report
		if err := who.In(access.ReadWorkflow, mailbox); err != nil {
			return c, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return c, err
		}
		var err error
		if c, err = checkAmong(ctx, tx, who, who, mailbox, "", draft); err != nil || c.Program == nil {
			return c, err
		}
		c.Tests, err = s.test(ctx, tx, who, mailbox, c.Draft)
		return c, err
	})
}

// CheckMailbox looks at all workflows of a mailbox that are on or watch, each by
// itself and all together.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Unavailable.
func (s *Store) CheckMailbox(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]automation.CheckFinding, error) {
	const op = "store.CheckMailbox"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]automation.CheckFinding, error) {
		var found []automation.CheckFinding
		if err := who.In(access.ReadWorkflow, mailbox); err != nil {
			return found, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return found, err
		}
		all, err := readSet(ctx, tx, who, mailbox, "")
		if err != nil {
			return found, err
		}
		world, err := readCheckWorld(ctx, tx, mailbox)
		if err != nil {
			return found, err
		}
		bodies := make([]automation.Definition, len(all))
		for i, w := range all {
			bodies[i] = w.Definition
		}
		names, err := tables.ReadNames(ctx, tx, bodies...)
		if err != nil {
			return found, err
		}
		world.Missing = func(r automation.Reference) bool {
			return (r.Kind == automation.RefUser || r.Kind == automation.RefMailbox) && names(r.Kind, r.ID) == ""
		}
		found = check.Whole(all, mailbox, world)
		return found, nil
	})
}

// checkAmong checks a draft, whether its name is free, and what it does among the
// others; id is empty for one that is not stored. author is whose rights it is
// checked with, who is who is told.
func checkAmong(ctx context.Context, tx pgx.Tx, who, author access.Caller, mailbox conversation.MailboxID, id automation.DefinitionID,
	draft automation.Definition) (check.Report, error) {
	c, err := checkDraft(ctx, tx, author, mailbox, draft)
	if err != nil {
		return c, err
	}
	var taken bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM definitions WHERE mailbox_id = $1 AND name_key = $2 AND id IS DISTINCT FROM
		$3::uuid AND deleted_at IS NULL)`,
		mailbox, nameKey(draft.Name), pg.NullID(id)).Scan(&taken); err != nil {
		return c, err
	}
	if taken {
		c.Problems = append([]errs.Problem{{Path: "name", Message: pg.ConstraintMessages["definitions_name"].Message}}, c.Problems...)
	}
	if c.Program != nil {
		if c.Warnings, err = warnings(ctx, tx, who, mailbox, id, c.Draft); err != nil {
			return c, err
		}
	}
	names, err := tables.ReadNames(ctx, tx, c.Draft)
	c.Names = func(kind, id string) string {
		if kind == automation.RefMailbox && !author.Sees(conversation.MailboxID(id)) {
			return "" // as of one that does not exist
		}
		return names(kind, id)
	}
	return c, err
}

// refusals returns what checks refuse of a workflow that compiles.
func refusals(d automation.Definition) []errs.Problem {
	var bad []errs.Problem
	for _, f := range check.One(d) {
		if f.Severity == automation.SeverityError {
			bad = append(bad, errs.Problem{Path: f.Path, Message: f.Message})
		}
	}
	return bad
}

// warnings returns what checks have to say of a workflow that is not refused.
func warnings(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID, id automation.DefinitionID,
	d automation.Definition) ([]automation.CheckFinding, error) {
	others, err := readSet(ctx, tx, who, mailbox, id)
	if err != nil {
		return nil, err
	}
	world, err := readCheckWorld(ctx, tx, mailbox)
	if err != nil {
		return nil, err
	}
	found := check.Draft(check.Workflow{ID: id, MailboxID: mailbox, Mode: automation.ModeOn, Definition: d}, others, world)
	return slices.DeleteFunc(found, func(f automation.CheckFinding) bool { return f.Severity == automation.SeverityError }), nil
}

// readSet reads what is published and not off in the mailbox, in order, with what
// in other mailboxes of the caller moves conversations; and the one of the id,
// whatever its mode.
func readSet(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID,
	id automation.DefinitionID) ([]check.Workflow, error) {
	rows, err := tx.Query(ctx, `SELECT f.id, f.mailbox_id, f.mode, coalesce(v.body, f.draft)
		FROM definitions f LEFT JOIN versions v ON v.id = f.version_id
		WHERE f.deleted_at IS NULL AND (f.id = $2::uuid OR f.mode <> 'off' AND (f.mailbox_id = $1 OR v.body @> '{"actions": [{"do": "move"}]}'))
		ORDER BY f.mailbox_id, f.position, f.id`, mailbox, pg.NullID(id))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (check.Workflow, error) {
		var (
			w    check.Workflow
			body []byte
		)
		err := row.Scan(&w.ID, &w.MailboxID, &w.Mode, &body)
		if err == nil {
			w.Definition, err = tables.DecodeBody(body)
		}
		return w, err
	})
	return slices.DeleteFunc(all, func(w check.Workflow) bool { return who.In(access.ReadWorkflow, w.MailboxID) != nil }), err
}

// readCheckWorld reads who sees the mailbox.
func readCheckWorld(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID) (check.World, error) {
	rows, err := tx.Query(ctx, `SELECT u.id::text FROM users u WHERE u.role = 'admin'
		OR EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.mailbox_id = $1)`, mailbox)
	if err != nil {
		return check.World{}, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	members := make(map[string]bool, len(ids))
	for _, id := range ids {
		members[id] = true
	}
	return check.World{Member: func(user string, of conversation.MailboxID) bool { return of != mailbox || members[user] }}, err
}
