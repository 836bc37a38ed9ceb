package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// planStore makes a mailbox's workflows what files want.
type planStore interface {
	// PlanDefinitions writes nothing.
	PlanDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, set plan.WantedSet) (plan.Plan, error)
	// ApplyDefinitions does it all or nothing, and nothing where all is as wanted.
	ApplyDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, set plan.WantedSet) (plan.Plan, error)
	// ExportDefinitions returns them as ApplyDefinitions takes them.
	ExportDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]plan.Wanted, plan.Base, error)
}

type plans struct{ store planStore }

type wantedInput struct {
	ByID
	Body struct {
		Workflows []written `json:"workflows" maxItems:"10000" doc:"All of the files' workflows in their order, each with its mode; on when it has none. Users and mailboxes by address or id."`
		Prune     bool      `json:"prune,omitempty" doc:"Delete workflows that are not among them; else they stay as they are."`
		Base      plan.Base `json:"base,omitempty" doc:"The base of the plan that is applied: what changed since is a conflict. Without it, whatever there is. A plan does not look at it."`
	}
}

// set reads the workflows. All that is wrong with any of them comes as one error.
func (in *wantedInput) set() (plan.WantedSet, error) {
	set := plan.WantedSet{Workflows: make([]plan.Wanted, len(in.Body.Workflows)), Prune: in.Body.Prune, Base: in.Body.Base}
	var bad []errs.Problem
	for i, w := range in.Body.Workflows {
		draft, mode, err := w.decode()
		for _, p := range errs.Problems(err) {
			path := fmt.Sprintf("workflows[%d]", i)
			if p.Path != "" {
				path += "." + p.Path
			}
			bad = append(bad, errs.Problem{Path: path, Message: p.Message})
		}
		if mode == "" {
			mode = automation.ModeOn
		}
		set.Workflows[i] = plan.Wanted{Definition: draft, Mode: mode}
	}
	if len(bad) > 0 {
		return set, errs.Bad("api.set", "the workflows have problems", bad)
	}
	return set, nil
}

func (h plans) plan(ctx context.Context, who access.Caller, in *wantedInput) (WorkflowPlan, error) {
	return h.with(ctx, who, in, h.store.PlanDefinitions)
}

func (h plans) apply(ctx context.Context, who access.Caller, in *wantedInput) (WorkflowPlan, error) {
	return h.with(ctx, who, in, h.store.ApplyDefinitions)
}

func (h plans) with(ctx context.Context, who access.Caller, in *wantedInput,
	do func(context.Context, access.Caller, conversation.MailboxID, plan.WantedSet) (plan.Plan, error),
) (WorkflowPlan, error) {
	mailbox := conversation.MailboxID(in.ID)
	// Before what is wrong with the body: who does not see the mailbox learns nothing.
	if err := who.In(access.ManageWorkflow, mailbox); err != nil {
		return WorkflowPlan{}, err
	}
	set, err := in.set()
	if err != nil {
		return WorkflowPlan{}, err
	}
	p, err := do(ctx, who, mailbox, set)
	if err != nil {
		return WorkflowPlan{}, err
	}
	return showPlan(p, set), nil
}

// WorkflowExport is a mailbox's workflows as plan and apply take them.
type WorkflowExport struct {
	Workflows []exported `json:"workflows" doc:"In their order, in the keys in which they are written; a key that would say a default is left out, mode on among them."`
	Base      plan.Base  `json:"base" doc:"A fingerprint of what the mailbox has."`
}

// exported is a workflow as automation.Encode writes it, with its mode.
type exported map[string]any

// Schema is that of a workflow that is written.
func (exported) Schema(r huma.Registry) *huma.Schema { return written{}.Schema(r) }

// MarshalJSON writes the keys.
func (e exported) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]any(e)) }

func (h plans) export(ctx context.Context, who access.Caller, in *ByID) (WorkflowExport, error) {
	list, base, err := h.store.ExportDefinitions(ctx, who, conversation.MailboxID(in.ID))
	out := WorkflowExport{Workflows: make([]exported, len(list)), Base: base}
	for i, w := range list {
		out.Workflows[i] = automation.Encode(w.Definition)
		if w.Mode != automation.ModeOn {
			out.Workflows[i]["mode"] = string(w.Mode)
		}
	}
	return out, err
}
