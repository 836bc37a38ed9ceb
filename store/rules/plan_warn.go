package rules

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
)

// maxAmong bounds how much work it may be to look at each changed workflow among all
// others: their number by the square of all. 20 of 500, or 100 of 200 are within it.
const maxAmong = 5_000_000

// beside is what the checks need beside the plan.
type beside struct {
	inForce map[automation.DefinitionID]automation.Definition // published, not off
	outside []check.Workflow                                  // of other mailboxes, which move conversations
	world   check.World
}

func readBeside(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID) (beside, error) {
	set, err := readSet(ctx, tx, who, mailbox, "")
	if err != nil {
		return beside{}, err
	}
	b := beside{inForce: map[automation.DefinitionID]automation.Definition{}}
	for _, w := range set {
		if w.MailboxID == mailbox {
			b.inForce[w.ID] = w.Definition
		} else {
			b.outside = append(b.outside, w)
		}
	}
	b.world, err = readCheckWorld(ctx, tx, mailbox)
	return b, err
}

// warnings says what the checks find in what the plan changes, among the mailbox's
// set as it will be; where that is too much work, in each by itself. It takes its
// time, so it is not called in a transaction.
func (p planning) warnings(mailbox conversation.MailboxID, b beside) []plan.Warning {
	all, names := p.becomes(mailbox, b.inForce)
	among := append(slices.Clone(all), b.outside...)
	each := len(p.plan.Steps)*len(among)*len(among) > maxAmong
	var out []plan.Warning
	for _, step := range p.plan.Steps {
		i := slices.IndexFunc(all, func(w check.Workflow) bool { return w.ID == stepID(step) })
		if i < 0 { // it is deleted
			continue
		}
		found := check.One(all[i].Definition)
		if !each && all[i].Mode != automation.ModeOff {
			found = check.Draft(all[i], among, b.world)
		}
		for _, f := range found {
			if f.Severity != automation.SeverityWarning {
				continue
			}
			w := plan.Warning{ID: f.ID, Workflow: names[all[i].ID], Path: f.Path, Message: f.Message}
			for _, other := range f.Others {
				if name := names[other]; name != "" {
					w.Others = append(w.Others, name)
				}
			}
			out = append(out, w)
		}
	}
	return out
}

// becomes returns the mailbox's set as the plan makes it, in its order, and what
// its members are called. inForce is what is published of those that stay.
func (p planning) becomes(mailbox conversation.MailboxID, inForce map[automation.DefinitionID]automation.Definition) ([]check.Workflow,
	map[automation.DefinitionID]string) {
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

func stepID(s plan.Step) automation.DefinitionID {
	if s.Do == plan.StepCreate {
		return newID(s.Want)
	}
	return s.ID
}
