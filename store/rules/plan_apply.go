package rules

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// ApplyDefinitions makes the mailbox's definitions what is wanted: all or nothing.
// It returns what was done, and the fingerprint of what there is then. Where there
// is nothing to do, a second call among them, nothing is written.
//
// It has no warnings: the plan had them.
//
// What is published and switched has the effects that PublishDefinition and
// PatchDefinition tell of.
//
// Errors: those of PlanDefinitions, and errs.Conflict with what changed since the
// plan that set.Base is of.
func (s *Store) ApplyDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, set plan.WantedSet) (plan.Plan,
	error) {
	const op = "store.ApplyDefinitions"
	return editDefinitions(ctx, s.db, op, who, mailbox, func(e *DefinitionEdit) (plan.Plan, error) {
		p, err := planDefinitions(ctx, e.Tx, op, who, mailbox, set)
		if err != nil || p.plan.Empty() {
			return p.plan, err
		}
		if set.Base != nil {
			if drift := p.plan.Base.Since(set.Base); !drift.None() {
				return p.plan, e.drifted(ctx, p.have, drift)
			}
		}
		if err := s.testPlan(ctx, e.Tx, op, who, mailbox, p); err != nil {
			return p.plan, err
		}
		e.tested, e.around = true, p.around
		if err := e.applyPlan(ctx, s, p); err != nil {
			return p.plan, err
		}
		now, err := tables.ReadDefinitions(ctx, e.Tx, mailbox)
		p.plan.Base = plan.BaseOf(now)
		return p.plan, err
	})
}

func (e *DefinitionEdit) applyPlan(ctx context.Context, s *Store, p planning) error {
	// What is deleted goes first: its name is free then. Each deletion moves those
	// after it, so the place is read again.
	for _, step := range p.plan.Steps {
		var err error
		switch step.Do {
		case plan.StepDelete:
			err = e.applyDelete(ctx, step)
		case plan.StepChange:
			err = e.applyChange(ctx, s, step, p.want.Workflows[step.Want])
		case plan.StepCreate:
			w := p.want.Workflows[step.Want]
			err = e.create(ctx, s, automation.DefinitionID(pg.NewID()), w.Definition, w.Mode)
		}
		if err != nil {
			return err
		}
	}
	if !p.plan.Reorders() {
		return nil
	}
	return e.orderByName(ctx, p.plan.After)
}

func (e *DefinitionEdit) applyDelete(ctx context.Context, step plan.Step) error {
	d, err := tables.ReadDefinition(ctx, e.Tx, e.Op, step.ID)
	if err != nil {
		return err
	}
	return e.delete(ctx, d)
}

func (e *DefinitionEdit) applyChange(ctx context.Context, s *Store, step plan.Step, w plan.Wanted) error {
	d, err := tables.ReadDefinition(ctx, e.Tx, e.Op, step.ID)
	if err != nil {
		return err
	}
	if err := e.putDraft(ctx, d, w.Definition); err != nil {
		return err
	}
	if step.Publish {
		if d, err = tables.ReadDefinition(ctx, e.Tx, e.Op, step.ID); err != nil {
			return err
		}
		if err := e.publish(ctx, s, d); err != nil {
			return err
		}
	}
	if d, err = tables.ReadDefinition(ctx, e.Tx, e.Op, step.ID); err != nil {
		return err
	}
	return e.setMode(ctx, s, d, w.Mode)
}

// orderByName puts the mailbox's definitions into the order of their names, which
// are all of them.
func (e *DefinitionEdit) orderByName(ctx context.Context, names []string) error {
	rows, err := tables.ReadDefinitions(ctx, e.Tx, e.Mailbox)
	if err != nil {
		return err
	}
	ids := make(map[string]automation.DefinitionID, len(rows))
	have := make([]automation.DefinitionID, len(rows))
	for i, d := range rows {
		ids[nameKey(d.Draft.Name)], have[i] = d.ID, d.ID
	}
	want := make([]automation.DefinitionID, len(names))
	for i, name := range names {
		want[i] = ids[nameKey(name)]
	}
	if problems := orderProblems(have, want); len(problems) > 0 {
		return errs.Bad(e.Op, "the plan's order is none of the mailbox's", problems)
	}
	return e.setOrder(ctx, have, want)
}
