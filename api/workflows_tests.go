package api

import (
	"context"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/automation/runs"
)

// TestOutcome is what came of one test of a workflow.
type TestOutcome struct {
	Name   string            `json:"name"`
	Passed bool              `json:"passed"`
	Why    []WorkflowProblem `json:"why,omitempty" doc:"What is not as expected, where, and why."`
}

// TestRun is a test with what came of each of its steps.
type TestRun struct {
	TestOutcome
	Steps []TestStep `json:"steps" doc:"Up to the one at which the test could not go on."`
}

// TestStep is what came of one step of a test.
type TestStep struct {
	Step     int           `json:"step" doc:"From 1."`
	Sentence string        `json:"sentence" doc:"The step in words."`
	At       time.Time     `json:"at" doc:"When it was over, in the test's time."`
	Runs     []TestStepRun `json:"runs"`
	WhyNot   string        `json:"why_not,omitempty" doc:"Why the workflow did not run."`
}

// TestStepRun is one run in a test.
type TestStepRun struct {
	At          time.Time           `json:"at"`
	State       automation.RunState `json:"state"`
	Trigger     automation.Trigger  `json:"trigger" enum:"event,time,manual"`
	Reason      string              `json:"reason,omitempty" doc:"Why it failed, or was skipped."`
	Explanation []ExplainedGroup    `json:"explanation,omitempty" doc:"What the conditions said."`
	Actions     []TestStepAction    `json:"actions,omitempty"`
}

// TestStepAction is one action of a run in a test.
type TestStepAction struct {
	Do       string                 `json:"do"`
	Sentence string                 `json:"sentence"`
	State    automation.ActionState `json:"state"`
	Reason   string                 `json:"reason,omitempty"`
	Subject  string                 `json:"subject,omitempty" doc:"With the variables filled in."`
	Body     any                    `json:"body,omitempty" doc:"With the variables filled in: a text, or the JSON of a webhook."`
	Value    string                 `json:"value,omitempty" doc:"What a custom field was set to."`
}

// workflowTests is what came of all tests of a workflow.
type workflowTests struct {
	Tests []TestRun `json:"tests"`
}

// test does the tests of the draft as it is kept.
func (h workflows) test(ctx context.Context, who access.Caller, in *ByID) (workflowTests, error) {
	results, err := h.store.TestDraft(ctx, who, automation.DefinitionID(in.ID))
	out := workflowTests{Tests: make([]TestRun, len(results))}
	for i, r := range results {
		out.Tests[i] = TestRun{TestOutcome: showTest(r), Steps: make([]TestStep, len(r.Steps))}
		for k, s := range r.Steps {
			out.Tests[i].Steps[k] = showTestStep(k+1, s)
		}
	}
	return out, err
}

func showTests(results []expect.Result) []TestOutcome {
	out := make([]TestOutcome, len(results))
	for i, r := range results {
		out[i] = showTest(r)
	}
	return out
}

func showTest(r expect.Result) TestOutcome {
	out := TestOutcome{Name: r.Name, Passed: r.Passed}
	for _, p := range r.Why {
		out.Why = append(out.Why, WorkflowProblem(p))
	}
	return out
}

func showTestStep(number int, s expect.ObservedStep) TestStep {
	out := TestStep{Step: number, Sentence: s.Sentence, At: s.At, Runs: make([]TestStepRun, len(s.Runs))}
	if !s.Ran() {
		out.WhyNot = s.Why
	}
	for i, r := range s.Runs {
		run := TestStepRun{At: r.CreatedAt, State: r.State, Trigger: r.Trigger, Reason: r.Reason, Explanation: showVerdict(r.Verdict)}
		if r.State == automation.RunSkipped {
			run.Reason, run.Explanation = runs.SkipSentence(r.Reason), nil
		}
		for k, a := range r.Actions {
			run.Actions = append(run.Actions, showTestAction(a, r.Done[k]))
		}
		out.Runs[i] = run
	}
	return out
}

func showTestAction(a runs.ActionOutcome, as automation.Action) TestStepAction {
	out := TestStepAction{Do: a.Do, Sentence: a.Sentence, State: a.State, Reason: a.Reason}
	if a.State != automation.ActionDone && a.State != automation.ActionQueued {
		return out
	}
	out.Subject, out.Value = as.Subject, as.Value
	switch {
	case as.JSON != nil:
		out.Body = as.JSON
	case as.Body != "":
		out.Body = as.Body
	}
	return out
}

// WorkflowTest is an example that a workflow must live up to. It is for the OpenAPI
// document only.
type WorkflowTest struct {
	Name   string           `json:"name" doc:"What must be so."`
	Given  map[string]any   `json:"given,omitempty" doc:"The conversation before the first step: now, customer, subject, status, assignee, tags, fields, type, channel, started_by, mailbox, messages."`
	When   []map[string]any `json:"when" minItems:"1" doc:"What happens: customer_writes, agent_replies, note, set, customer_rates, customer_views, run, or after, which lets time pass."`
	Expect map[string]any   `json:"expect" doc:"What must come of it: runs, because, actions, status, state, subject, assignee, mailbox, tags, fields."`
}

// Schema describes the tests.
func (testList) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[WorkflowTest](), true, ""),
		Description: "Examples that it must live up to when it is published."}
}
