package plan

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
)

// Wanted is a workflow as its author's files want it to be.
type Wanted struct {
	Definition automation.Definition
	// Mode is what it is to be switched to. Unless it is off, what the files say is
	// published.
	Mode automation.Mode
}

// WantedSet is all that a mailbox's files want.
type WantedSet struct {
	// Workflows are in the order in which they are to stand. No name may be in it
	// twice.
	Workflows []Wanted
	// Prune deletes what the files do not name.
	Prune bool
	// Base is what a plan was made of; nil: whatever there is.
	Base Base
}

// StepKind says what becomes of a workflow.
type StepKind string

// The kinds of step. A change may be no more than publishing or switching.
const (
	StepCreate StepKind = "create"
	StepChange StepKind = "change"
	StepDelete StepKind = "delete"
)

// Step is what is to be done with one workflow.
type Step struct {
	Do   StepKind
	ID   automation.DefinitionID // empty for one that is to be made
	Name string
	// Want is its place among the wanted ones; -1 for one that is to be deleted.
	Want int
	// Changes are those of the draft, with addresses in the place of ids.
	Changes []automation.Difference
	Publish bool
	// From and To are the modes before and after.
	From, To automation.Mode
}

// Plan is what makes a mailbox's workflows what its files want.
type Plan struct {
	Steps []Step
	// Before and After are the names in their order, before and after workflows are
	// moved; what is deleted is gone before, and what is made stands at the end.
	Before, After []string
	// Unmanaged are the workflows that the files do not name and that stay.
	Unmanaged []string
	// Base is what the plan was made of.
	Base Base
	// Warnings are about what changes, among the set as it will be.
	Warnings []Warning
}

// Warning is a finding of the checks, with workflows by name.
type Warning struct {
	ID       string // of the check
	Workflow string
	Path     string
	Message  string
	Others   []string
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Steps) == 0 && !p.Reorders() }

// Reorders reports whether a workflow gets another place among the others.
func (p Plan) Reorders() bool { return !slices.Equal(p.Before, p.After) }

// NameKey is what names of workflows are compared by: case does not count.
func NameKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Make compares what a mailbox has, in its order, with what is wanted, which
// must have ids where it names users and mailboxes. Workflows are the same when
// their names are. named puts addresses in the place of ids, for differences.
func Make(have []automation.Workflow, set WantedSet, named func(automation.Definition) automation.Definition) Plan {
	p := Plan{Base: BaseOf(have)}
	at := make(map[string]int, len(set.Workflows))
	for i, w := range set.Workflows {
		at[NameKey(w.Definition.Name)] = i
	}
	there := make(map[int]automation.Workflow, len(have))
	for _, r := range have {
		i, wanted := at[NameKey(r.Draft.Name)]
		switch {
		case wanted:
			there[i] = r
		case set.Prune:
			p.Steps = append(p.Steps, Step{Do: StepDelete, ID: r.ID, Name: r.Draft.Name, Want: -1, From: r.Mode})
		default:
			p.Unmanaged = append(p.Unmanaged, r.Draft.Name)
		}
	}
	for i, w := range set.Workflows {
		r, ok := there[i]
		step := Step{Do: StepCreate, Name: w.Definition.Name, Want: i, From: automation.ModeOff, To: w.Mode,
			Publish: w.Mode != automation.ModeOff}
		if ok {
			step = changeStep(r, w, i, named)
			if len(step.Changes) == 0 && !step.Publish && step.From == step.To {
				continue
			}
		}
		p.Steps = append(p.Steps, step)
	}
	p.Before, p.After = planOrder(have, set, there, at)
	return p
}

func changeStep(r automation.Workflow, w Wanted, i int, named func(automation.Definition) automation.Definition) Step {
	step := Step{Do: StepChange, ID: r.ID, Name: w.Definition.Name, Want: i, From: r.Mode, To: w.Mode}
	if len(automation.Diff(r.Draft, w.Definition)) > 0 {
		step.Changes = automation.Diff(named(r.Draft), named(w.Definition))
	}
	step.Publish = w.Mode != automation.ModeOff && (r.Version == 0 || r.Changed || len(step.Changes) > 0)
	return step
}

// planOrder returns the names in their order, before and after. What is not in the
// files keeps its place; the others stand in the places that are left, in the
// order of the files, and new ones that find none at the end.
func planOrder(have []automation.Workflow, set WantedSet, there map[int]automation.Workflow, at map[string]int) (before, after []string) {
	next := 0 // of the wanted ones
	for _, r := range have {
		i, wanted := at[NameKey(r.Draft.Name)]
		switch {
		case wanted:
			before = append(before, set.Workflows[i].Definition.Name)
			after = append(after, set.Workflows[next].Definition.Name)
			next++
		case !set.Prune:
			before = append(before, r.Draft.Name)
			after = append(after, r.Draft.Name)
		}
	}
	for i, w := range set.Workflows {
		if _, ok := there[i]; !ok {
			before = append(before, w.Definition.Name) // a new one is made at the end
		}
	}
	for _, w := range set.Workflows[next:] {
		after = append(after, w.Definition.Name)
	}
	return before, after
}
