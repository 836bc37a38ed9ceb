package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// WorkflowCheck is what looking at a draft found.
type WorkflowCheck struct {
	Problems  []WorkflowProblem `json:"problems" doc:"Empty: it may be published, if no test fails. At most 100."`
	More      int               `json:"more_problems,omitempty,omitzero" doc:"How many more there are."`
	Warnings  []WorkflowWarning `json:"warnings" doc:"What its author should know; it may be published."`
	Sentences []string          `json:"sentences" doc:"What it would do, in words."`
	Tests     []TestOutcome     `json:"tests" doc:"What came of its tests; none are done where there are problems. One that fails keeps it from being published."`
}

// WorkflowProblem is one thing that is wrong with a draft.
type WorkflowProblem struct {
	Path    string `json:"path" doc:"Where it stands: conditions[0].any[1].value; empty for the whole."`
	Message string `json:"message"`
}

// WorkflowWarning is what a check has to say of a workflow.
type WorkflowWarning struct {
	ID         string                    `json:"id" doc:"The check." example:"loop"`
	WorkflowID *automation.DefinitionID  `json:"workflow_id" doc:"In which it is; null for a draft that is not stored."`
	Path       string                    `json:"path" doc:"Where it stands: actions[1]; empty for the whole."`
	Message    string                    `json:"message"`
	Workflows  []automation.DefinitionID `json:"workflows,omitempty" doc:"The other workflows that it is about."`
	Help       string                    `json:"help" doc:"Page and section of the guides."`
}

func showWarnings(found []automation.CheckFinding) []WorkflowWarning {
	out := make([]WorkflowWarning, len(found))
	for i, f := range found {
		out[i] = WorkflowWarning{ID: f.ID, Path: f.Path, Message: f.Message, Workflows: f.Others, Help: "docs/checks.md#" + f.ID}
		if f.Workflow != "" {
			out[i].WorkflowID = &f.Workflow
		}
	}
	return out
}

func showCheck(problems []errs.Problem, c check.Report) WorkflowCheck {
	more := max(len(problems)-maxMistakes, 0)
	problems = problems[:len(problems)-more]
	out := WorkflowCheck{Problems: make([]WorkflowProblem, len(problems)), More: more, Warnings: showWarnings(c.Warnings),
		Sentences: c.Draft.Sentences(c.Names), Tests: showTests(c.Tests)}
	for i, p := range problems {
		out.Problems[i] = WorkflowProblem(p)
	}
	return out
}

// check looks at the draft in the body.
func (h workflows) check(ctx context.Context, who access.Caller, in *writtenByID) (WorkflowCheck, error) {
	draft, _, wrong := in.Body.decode()
	c, err := h.store.CheckDraft(ctx, who, automation.DefinitionID(in.ID), &draft)
	return showDraft(c, wrong, err)
}

// showDraft adds what could not be read of a draft to what was found in it.
func showDraft(c check.Report, wrong, err error) (WorkflowCheck, error) {
	if err != nil {
		return WorkflowCheck{}, err
	}
	problems := c.Problems
	if wrong != nil {
		problems = automation.Problems(errs.Problems(wrong), c.Problems)
	}
	return showCheck(problems, c), nil
}

// checkNew looks at a draft that is not stored.
func (h workflows) checkNew(ctx context.Context, who access.Caller, in *writtenByID) (WorkflowCheck, error) {
	draft, _, wrong := in.Body.decode()
	c, err := h.store.CheckNewDraft(ctx, who, conversation.MailboxID(in.ID), draft)
	return showDraft(c, wrong, err)
}

// MailboxCheck is what looking at all of a mailbox's workflows found.
type MailboxCheck struct {
	Warnings []WorkflowWarning `json:"warnings"`
}

func (h workflows) checkMailbox(ctx context.Context, who access.Caller, in *ByID) (MailboxCheck, error) {
	found, err := h.store.CheckMailbox(ctx, who, conversation.MailboxID(in.ID))
	return MailboxCheck{showWarnings(found)}, err
}

// checkStored looks at the draft as it is kept: what it names may be gone.
func (h workflows) checkStored(ctx context.Context, who access.Caller, in *ByID) (WorkflowCheck, error) {
	c, err := h.store.CheckDraft(ctx, who, automation.DefinitionID(in.ID), nil)
	if err != nil {
		return WorkflowCheck{}, err
	}
	return showCheck(c.Problems, c), nil
}
