package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// tested is a workflow with a test that passes if it adds the tag.
func tested(tag string) string {
	return `{"name":"Tested","type":"automatic","conditions":[{"any":[{"field":"subject","op":"contains","value":"refund"}]}],
		"actions":[{"do":"add_tags","tags":["` + tag + `"]},{"do":"reply","body":"Hello {%customer.firstName%}"}],
		"tests":[{"name":"A refund","given":{"customer":{"name":"Ann Smith"},"assignee":"bob@smarticks.test"},
			"when":[{"customer_writes":{"subject":"My refund","body":"Please"}},{"after":"1h"}],
			"expect":{"runs":1,"actions":[{"do":"add_tags","tags":["refund"]},{"do":"reply","body":"Hello Ann"}]}}]}`
}

type checkAnswer struct {
	Problems []struct{ Path, Message string }
	Tests    []struct {
		Name   string
		Passed bool
		Why    []struct{ Path, Message string }
	}
}

func TestAWorkflowWhoseTestFailsIsNotPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := "/v1/mailboxes/" + string(w.support.ID) + "/workflows"
	const path, why = "tests[0].expect.actions[0].tags", `expected \"refund\", got \"money\"`

	r := w.want(422, w.asAdmin, "POST", list, withMode(tested("money"), "on"))
	if body := string(r.body); !strings.Contains(body, "body."+path) || !strings.Contains(body, why) ||
		!strings.Contains(body, `the workflow's test \"A refund\" fails`) {
		t.Errorf("a workflow that is made on: %s", body)
	}
	// A draft may have tests that fail: they are told.
	id := w.want(201, w.asAdmin, "POST", list, tested("money")).text(t, "id")
	one := "/v1/workflows/" + id
	var c checkAnswer
	decodeInto(t, w.want(200, w.asAdmin, "GET", one+"/check", nil), &c)
	if len(c.Problems) != 0 || len(c.Tests) != 1 || c.Tests[0].Passed || len(c.Tests[0].Why) != 1 || c.Tests[0].Why[0].Path != path {
		t.Errorf("the check says %+v", c)
	}
	if r := w.want(422, w.asAdmin, "POST", one+"/publish", nil); !strings.Contains(string(r.body), path) {
		t.Errorf("publishing: %s", r.body)
	}
	// The check of a body reports that one.
	c = checkAnswer{}
	decodeInto(t, w.want(200, w.asAdmin, "POST", one+"/check", tested("refund")), &c)
	if len(c.Tests) != 1 || !c.Tests[0].Passed {
		t.Errorf("the check of a body says %+v", c)
	}
	w.want(200, w.asAdmin, "PUT", one, tested("refund"))
	w.want(200, w.asAdmin, "POST", one+"/publish", nil)
	w.want(200, w.asAdmin, "PATCH", one, `{"mode":"on"}`)

	// What the mailbox has may change: then an old version is not what it was.
	w.want(200, w.asAdmin, "PATCH", one, `{"mode":"off"}`)
	w.want(200, w.asAdmin, "PUT", one, strings.Replace(tested("refund"), "Tested", "Other name", 1))
	w.want(200, w.asAdmin, "POST", one+"/publish", nil)
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), `{"email":"robert@smarticks.test"}`)
	for _, call := range []struct{ method, path, body string }{{"PATCH", one, `{"mode":"on"}`}, {"POST", one + "/versions/1/restore", ""}} {
		var body any
		if call.body != "" {
			body = call.body
		}
		r := w.want(422, w.asAdmin, call.method, call.path, body)
		if !strings.Contains(string(r.body), "tests[0].given.assignee") || !strings.Contains(string(r.body), "there is no user") {
			t.Errorf("%s %s: %s", call.method, call.path, r.body)
		}
	}
}

func TestTheTestsOfADraftAreToldStepByStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows", tested("refund")).text(t, "id")
	before := w.Counts()
	var got struct {
		Tests []struct {
			Name   string
			Passed bool
			Steps  []struct {
				Step     int
				Sentence string
				WhyNot   string `json:"why_not"`
				Runs     []struct {
					State       string
					Explanation []any
					Actions     []struct {
						Sentence, State string
						Body            any
					}
				}
			}
		}
	}
	decodeInto(t, w.want(200, w.asAgent, "POST", "/v1/workflows/"+id+"/tests", nil), &got)
	if after := w.Counts(); after != before {
		t.Errorf("the tests stored something: %s, then %s", before, after)
	}
	if len(got.Tests) != 1 || !got.Tests[0].Passed || len(got.Tests[0].Steps) != 2 {
		t.Fatalf("got %+v", got)
	}
	first, second := got.Tests[0].Steps[0], got.Tests[0].Steps[1]
	if first.Sentence != "the customer writes" || len(first.Runs) != 1 || first.Runs[0].State != "done" ||
		len(first.Runs[0].Explanation) != 1 ||
		len(first.Runs[0].Actions) != 2 || first.Runs[0].Actions[1].Body != "Hello Ann" || first.WhyNot != "" {
		t.Errorf("the first step: %+v", first)
	}
	if second.Sentence != "1 hour passes" || len(second.Runs) != 0 || !strings.Contains(second.WhyNot, "max_runs") {
		t.Errorf("the second step: %+v", second)
	}
	// A stranger to the mailbox is told nothing.
	bills := w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.billing.ID)+"/workflows", tested("refund")).text(t, "id")
	w.want(404, w.asAgent, "POST", "/v1/workflows/"+bills+"/tests", nil)
}

// withMode adds the mode to a written workflow.
func withMode(workflow, mode string) string {
	return strings.Replace(workflow, "{", `{"mode":"`+mode+`",`, 1)
}

// A plan reports all tests that fail, and nothing of it is applied.
func TestASetOfWorkflowsWithATestThatFailsIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fails := strings.Replace(tested("money"), `"Tested"`, `"Fails"`, 1)
	before := w.Counts()
	for _, path := range []string{"/plan", "/apply"} {
		r := w.want(422, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+path, files("", tested("refund"), fails))
		if !strings.Contains(string(r.body), "body.workflows[1].tests[0].expect.actions[0].tags") ||
			strings.Contains(string(r.body), "workflows[0]") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	if after := w.Counts(); after != before {
		t.Errorf("it stored something: %s, then %s", before, after)
	}
	w.planned("/apply", files("", tested("refund"), withMode(fails, "off")), "create Tested, off > on, publish", "create Fails")
}

func decodeInto(t *testing.T, r reply, into any) {
	t.Helper()
	if err := json.Unmarshal(r.body, into); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
}
