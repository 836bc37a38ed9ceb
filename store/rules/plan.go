package rules

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// PlanDefinitions says what would make the mailbox's definitions what is wanted.
// Nothing is written.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Forbidden, errs.Invalid with the list of problems of all that is wanted,
// errs.Unavailable.
func (s *Store) PlanDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, set plan.WantedSet) (plan.Plan,
	error) {
	const op = "store.PlanDefinitions"
	type planned struct {
		planning
		beside
	}
	p, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (planned, error) {
		if err := who.In(access.ManageWorkflow, mailbox); err != nil {
			return planned{}, err
		}
		if err := MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return planned{}, err
		}
		p, err := planDefinitions(ctx, tx, op, who, mailbox, set)
		if err != nil || p.plan.Empty() {
			return planned{planning: p}, err
		}
		if err = s.testPlan(ctx, tx, op, who, mailbox, p); err != nil {
			return planned{}, err
		}
		b, err := readBeside(ctx, tx, who, mailbox)
		return planned{p, b}, err
	})
	if err == nil && !p.plan.Empty() {
		p.plan.Warnings = p.warnings(mailbox, p.beside)
	}
	return p.plan, err
}

// planning is a plan with what it was made of.
type planning struct {
	plan plan.Plan
	have []automation.Workflow
	// want has ids in the place of addresses.
	want   plan.WantedSet
	around *surroundings
}

func planDefinitions(ctx context.Context, tx pgx.Tx, op string, who access.Caller, mailbox conversation.MailboxID,
	set plan.WantedSet) (planning, error) {
	have, err := tables.ReadDefinitions(ctx, tx, mailbox)
	if err != nil {
		return planning{}, err
	}
	drafts := make([]automation.Definition, 0, len(have)+len(set.Workflows))
	for _, r := range have {
		drafts = append(drafts, r.Draft)
	}
	for _, w := range set.Workflows {
		drafts = append(drafts, w.Definition)
	}
	around, err := readSurroundings(ctx, tx, who, mailbox, drafts...)
	if err != nil {
		return planning{}, err
	}
	p := planning{have: have, around: around, want: plan.WantedSet{Workflows: make([]plan.Wanted, len(set.Workflows)), Prune: set.Prune,
		Base: set.Base}}
	kept := map[string]automation.Definition{}
	for _, r := range have {
		kept[nameKey(r.Draft.Name)] = r.Draft
	}
	var bad []errs.Problem
	first := map[string]int{}
	for i, w := range set.Workflows {
		w.Definition = w.Definition.WithSecretsOf(kept[nameKey(w.Definition.Name)])
		c := around.check(w.Definition)
		p.want.Workflows[i] = plan.Wanted{Definition: c.Draft, Mode: w.Mode}
		path := fmt.Sprintf("workflows[%d]", i)
		if j, twice := first[nameKey(w.Definition.Name)]; twice {
			bad = append(bad, errs.Problem{Path: path + ".name",
				Message: fmt.Sprintf("this is the name of workflows[%d] too: each stands once, and case does not count", j)})
		} else {
			first[nameKey(w.Definition.Name)] = i
		}
		for _, problem := range c.Problems {
			bad = append(bad, errs.Problem{Path: inside(path, problem.Path), Message: problem.Message})
		}
	}
	if len(bad) > 0 {
		return p, errs.Bad(op, "the workflows have problems", bad)
	}
	p.plan = plan.Make(have, p.want, func(d automation.Definition) automation.Definition { return d.Named(around.address) })
	return p, nil
}

// inside puts a path under another one.
func inside(outer, path string) string {
	if path == "" || path[0] == '[' {
		return outer + path
	}
	return outer + "." + path
}
