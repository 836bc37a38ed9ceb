package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
)

// warnings says what the checks find in the mailbox's set as the plan makes it,
// as far as it is about what changes.
func (p planning) warnings(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID) ([]automation.PlanWarning, error) {
	if p.plan.Empty() {
		return nil, nil
	}
	set, err := readSet(ctx, tx, who, mailbox, "")
	if err != nil {
		return nil, err
	}
	world, err := readCheckWorld(ctx, tx, mailbox)
	if err != nil {
		return nil, err
	}
	outside := slices.DeleteFunc(slices.Clone(set), func(w check.Workflow) bool { return w.MailboxID == mailbox })
	inForce := map[automation.DefinitionID]automation.Definition{}
	for _, w := range set {
		inForce[w.ID] = w.Definition
	}
	all, names := p.becomes(mailbox, inForce)
	changed := map[automation.DefinitionID]bool{}
	for _, step := range p.plan.Steps {
		changed[stepID(step)] = true
	}
	var out []automation.PlanWarning
	for _, f := range check.Whole(append(all, outside...), mailbox, world) {
		about := append([]automation.DefinitionID{f.Workflow}, f.Others...)
		if f.Severity != automation.SeverityWarning || !slices.ContainsFunc(about, func(id automation.DefinitionID) bool { return changed[id] }) {
			continue
		}
		w := automation.PlanWarning{ID: f.ID, Workflow: names[f.Workflow], Path: f.Path, Message: f.Message}
		for _, other := range f.Others {
			w.Others = append(w.Others, names[other])
		}
		out = append(out, w)
	}
	return out, nil
}

// becomes returns the mailbox's set as the plan makes it, in its order, and what
// its members are called. inForce is what is published of those that stay.
func (p planning) becomes(mailbox conversation.MailboxID, inForce map[automation.DefinitionID]automation.Definition) ([]check.Workflow, map[automation.DefinitionID]string) {
	byName, names := map[string]check.Workflow{}, map[automation.DefinitionID]string{}
	for _, r := range p.have {
		byName[nameKey(r.Draft.Name)] = check.Workflow{ID: r.ID, MailboxID: mailbox, Mode: r.Mode, Definition: inForce[r.ID]}
		names[r.ID] = r.Draft.Name
	}
	for i, w := range p.want.Workflows {
		id := newID(i)
		if old, there := byName[nameKey(w.Definition.Name)]; there {
			id = old.ID
		}
		byName[nameKey(w.Definition.Name)] = check.Workflow{ID: id, MailboxID: mailbox, Mode: w.Mode, Definition: w.Definition}
		names[id] = w.Definition.Name
	}
	all := make([]check.Workflow, len(p.plan.After))
	for i, name := range p.plan.After {
		all[i] = byName[nameKey(name)]
	}
	return all, names
}

// newID stands for the id of a wanted one that is not there yet.
func newID(want int) automation.DefinitionID {
	return automation.DefinitionID(fmt.Sprintf("workflows[%d]", want))
}

func stepID(s automation.PlanStep) automation.DefinitionID {
	if s.Do == automation.StepCreate {
		return newID(s.Want)
	}
	return s.ID
}
