package api_test

import (
	"strings"
	"testing"
)

// shouts is a workflow whose first action the second takes back.
const shouts = `{"name": "Shouts", "type": "automatic", "conditions": [{"any": [{"field": "customer_replied"}]}],
	"actions": [{"do": "add_tags", "tags": ["loud"]}, {"do": "remove_tags", "tags": ["loud"]}]}`

func TestEverySaveAnswersWarnings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", w.workflows(), shouts)
	path := "/v1/workflows/" + made.text(t, "id")
	answers := []reply{made,
		w.want(200, w.asAdmin, "PUT", path, shouts),
		w.want(200, w.asAdmin, "POST", path+"/publish", nil),
		w.want(200, w.asAdmin, "PATCH", path, `{"mode": "on"}`),
		w.want(200, w.asAgent, "GET", path+"/check", nil),
		w.want(200, w.asAgent, "POST", path+"/check", shouts),
		w.want(200, w.asAgent, "GET", w.workflows()+"/check", nil),
	}
	for i, r := range answers {
		if len(r.field(t, "warnings").([]any)) != 1 || r.text(t, "warnings", 0, "id") != "undone_action" ||
			r.text(t, "warnings", 0, "path") != "actions[0]" ||
			r.text(t, "warnings", 0, "help") != "docs/checks.md#undone_action" || r.text(t, "warnings", 0, "workflow_id") != made.text(t, "id") {
			t.Errorf("answer %d: %s", i, r.body)
		}
	}
	if r := w.want(200, w.asAdmin, "GET", path, nil); strings.Contains(string(r.body), `"warnings"`) {
		t.Errorf("asking for a workflow runs no checks: %s", r.body)
	}
}

func TestWhatNeverRunsIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	never := edited(t, shouts, `{"conditions": [{"any": [{"field": "status", "op": "is", "value": "active"}]}, {"any": [{"field": `+
		`"status", "op": "is", "value": "closed"}]}]}`)
	before := w.workflowCounts()
	r := w.want(422, w.asAdmin, "POST", w.workflows(), never)
	if r.text(t, "errors", 0, "location") != "body.conditions[1]" {
		t.Errorf("%s", r.body)
	}
	check := w.want(200, w.asAgent, "POST", w.workflows()+"/check", never)
	if check.text(t, "problems", 0, "path") != "conditions[1]" || len(check.field(t, "warnings").([]any)) != 0 {
		t.Errorf("%s", check.body)
	}
	if after := w.workflowCounts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

func TestADraftIsLookedAtAmongTheOthersOfItsMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stops := edited(t, shouts, `{"name": "Stops", "mode": "on", "actions": [{"do": "stop"}]}`)
	first := w.want(201, w.asAdmin, "POST", w.workflows(), stops).text(t, "id")
	draft := edited(t, shouts, `{"name": "Later", "actions": [{"do": "assign", "to": "bob@smarticks.test"}]}`)
	r := w.want(200, w.asAgent, "POST", w.workflows()+"/check", draft)
	if len(r.field(t, "warnings").([]any)) != 1 || r.text(t, "warnings", 0, "id") != "shadowed_by_stop" ||
		r.text(t, "warnings", 0, "workflows", 0) != first || !strings.Contains(r.text(t, "warnings", 0, "message"), `"Stops"`) {
		t.Errorf("%s", r.body)
	}
	// The agent is no member of the other mailbox, and sees nothing of it.
	billing := "/v1/mailboxes/" + string(w.billing.ID) + "/workflows"
	r = w.want(200, w.asAdmin, "POST", billing+"/check", draft)
	if len(r.field(t, "warnings").([]any)) != 1 || r.text(t, "warnings", 0, "id") != "not_a_member" {
		t.Errorf("%s", r.body)
	}
	for _, route := range []string{billing, "/v1/mailboxes/" + string(w.admin.ID) + "/workflows"} {
		w.want(404, w.asAgent, "POST", route+"/check", draft)
		w.want(404, w.asAgent, "GET", route+"/check", nil)
	}
	if r = w.want(200, w.asAdmin, "POST", w.workflows()+"/check", `{"name": "stops"}`); r.text(t, "problems", 0, "path") != "name" {
		t.Errorf("%s", r.body)
	}
}

func TestAMailboxIsToldWhatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(201, w.asAdmin, "POST", w.workflows(),
		edited(t, shouts, `{"mode": "on", "actions": [{"do": "notify", "to": ["bob@smarticks.test"], "body": "Look."}]}`))
	if r := w.want(200, w.asAdmin, "GET", w.workflows()+"/check", nil); len(r.field(t, "warnings").([]any)) != 0 {
		t.Errorf("%s", r.body)
	}
	w.Exec(`DELETE FROM users WHERE id = $1`, string(w.agent.ID))
	if r := w.want(200, w.asAdmin, "GET", w.workflows()+"/check", nil); r.text(t, "warnings", 0, "id") != "gone" ||
		r.text(t, "warnings", 0, "path") != "actions[0].to" {
		t.Errorf("%s", r.body)
	}
}
