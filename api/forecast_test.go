package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestAForecastSaysWhatComesAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(edited(t, `{"name": "Overdue", "type": "automatic", "mode": "on", "actions": [{"do": "add_tags", "tags": ["overdue"]}],
		"conditions": [{"any": [{"field": "waiting_since", "op": "longer_than", "value": "2h"}]}]}`, `{}`))
	_, next := w.workflow(edited(t, `{"name": "Then", "type": "automatic", "mode": "on", "actions": [{"do": "set_status",
		"status": "pending"}],
		"conditions": [{"any": [{"field": "tag_added"}]}]}`, `{}`))
	conv := w.open(w.support.ID, "Refund please")
	path := "/v1/conversations/" + conv + "/forecast"
	r := w.want(200, w.asAgent, "GET", path, nil)
	if r.field(t, "pending_events") != 1.0 || r.text(t, "items", 0, "workflow_id") != id || r.text(t, "items", 0, "trigger") != "time" ||
		r.text(t, "items", 0, "actions", 0, "state") != "done" || r.text(t, "items", 1, "workflow_id") != next ||
		r.text(t, "items", 1, "trigger") != "event" {
		t.Fatalf("%s", r.body)
	}
	if s := r.text(t, "items", 0, "sentence"); s != `the workflow “Overdue” (version 1) will run because its time comes: add the tag `+
		`"overdue"` {
		t.Errorf("it says %q", s)
	}
	if shown := r.text(t, "items", 0, "explanation", 0, "rows", 0, "holds"); shown != "true" {
		t.Errorf("the row will be %s", shown)
	}
	if r := w.want(200, w.asAgent, "GET", path+"?horizon=1h", nil); strings.Contains(string(r.body), "Overdue") {
		t.Errorf("within an hour: %s", r.body)
	}
	for _, horizon := range []string{"soon", "0h", "400d"} {
		if r := w.want(422, w.asAgent, "GET", path+"?horizon="+horizon, nil); !strings.Contains(string(r.body), "query.horizon") {
			t.Errorf("%s: %s", horizon, r.body)
		}
	}
}

func TestTheDiffOfTwoVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := func(span string) map[string]any {
		return edited(t, fmt.Sprintf(`{"name": "Overdue", "type": "automatic", "actions": [{"do": "add_tags", "tags": ["overdue"]}],
			"conditions": [{"any": [{"field": "waiting_since", "op": "longer_than", "value": %q}]}]}`, span), `{}`)
	}
	_, id := w.workflow(body("2h"))
	path := "/v1/workflows/" + id
	w.want(200, w.asAdmin, "POST", path+"/publish", nil)
	w.want(200, w.asAdmin, "PUT", path, body("1h"))
	for _, against := range []string{"", "?against=draft"} {
		r := w.want(200, w.asAgent, "GET", path+"/versions/1/diff"+against, nil)
		if r.text(t, "changes", 0, "path") != "conditions[0].any[0].value" || r.text(t, "changes", 0, "before") != `"2h"` ||
			r.text(t, "changes", 0, "after") != `"1h"` {
			t.Errorf("%s", r.body)
		}
	}
	w.want(200, w.asAdmin, "POST", path+"/publish", nil)
	w.want(200, w.asAgent, "GET", path+"/versions/2/diff?against=1", nil)
	w.want(404, w.asAgent, "GET", path+"/versions/2/diff?against=3", nil)
	w.want(422, w.asAgent, "GET", path+"/versions/2/diff?against=x", nil)
}
