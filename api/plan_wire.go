package api

import (
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
)

// WorkflowPlan is what makes a mailbox's workflows what files want.
type WorkflowPlan struct {
	Steps     []PlanStep    `json:"steps" doc:"What is done, deletions first; empty with reorder null: nothing."`
	Reorder   *PlanOrder    `json:"reorder" doc:"How workflows are moved; null: none is."`
	Unmanaged []string      `json:"unmanaged" doc:"Workflows that are not among the wanted ones and stay as they are."`
	Warnings  []PlanWarning `json:"warnings" doc:"What the checks have to say of what changes."`
	Base      plan.Base     `json:"base" doc:"A fingerprint of what the mailbox has: give it back to apply this plan. After apply, of what there is then."`
}

// PlanStep is what is done with one workflow.
type PlanStep struct {
	Do        plan.StepKind           `json:"do" enum:"create,change,delete"`
	ID        automation.DefinitionID `json:"id,omitempty" doc:"Missing for one that is made."`
	Name      string                  `json:"name"`
	Want      int                     `json:"want" doc:"Its place among the wanted ones, from 0; -1 for one that is deleted."`
	Changes   []VersionChange         `json:"changes" doc:"In what the draft changes; users and mailboxes by address."`
	Publish   bool                    `json:"publish" doc:"The draft becomes a new version."`
	Mode      *PlanMode               `json:"mode" doc:"Null: the mode stays."`
	Sentences []string                `json:"sentences,omitempty" doc:"One that is made, in words."`
}

// PlanMode is how a workflow is switched.
type PlanMode struct {
	From automation.Mode `json:"from" enum:"off,watch,on"`
	To   automation.Mode `json:"to" enum:"off,watch,on"`
}

// PlanOrder is names in their order.
type PlanOrder struct {
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// PlanWarning is what a check has to say of a workflow.
type PlanWarning struct {
	ID        string   `json:"id" doc:"The check." example:"loop"`
	Workflow  string   `json:"workflow" doc:"Its name."`
	Path      string   `json:"path" doc:"Where it stands in it; empty for the whole."`
	Message   string   `json:"message"`
	Workflows []string `json:"workflows,omitempty" doc:"The other workflows that it is about."`
	Help      string   `json:"help" doc:"Page and section of the guides."`
}

func showPlan(p plan.Plan, set plan.WantedSet) WorkflowPlan {
	out := WorkflowPlan{Steps: make([]PlanStep, len(p.Steps)), Unmanaged: p.Unmanaged, Warnings: make([]PlanWarning, len(p.Warnings)),
		Base: p.Base}
	for i, s := range p.Steps {
		out.Steps[i] = showStep(s, set)
	}
	if p.Reorders() {
		out.Reorder = &PlanOrder{p.Before, p.After}
	}
	for i, w := range p.Warnings {
		out.Warnings[i] = PlanWarning{w.ID, w.Workflow, w.Path, w.Message, w.Others, "docs/checks.md#" + w.ID}
	}
	return out
}

func showStep(s plan.Step, set plan.WantedSet) PlanStep {
	out := PlanStep{Do: s.Do, ID: s.ID, Name: s.Name, Want: s.Want, Publish: s.Publish}
	for _, c := range s.Changes {
		out.Changes = append(out.Changes, VersionChange(c))
	}
	if s.Do != plan.StepDelete && s.From != s.To {
		out.Mode = &PlanMode{s.From, s.To}
	}
	if s.Do == plan.StepCreate {
		// As it was written: with addresses, which say as much as names.
		out.Sentences = set.Workflows[s.Want].Definition.Sentences(nil)
	}
	return out
}
