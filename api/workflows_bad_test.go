package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// rows is a change that sets the conditions to one group of rows.
func rows(text string) string { return `{"conditions": [{"any": [` + text + `]}]}` }

// actions is a change that sets the actions.
func actions(text string) string { return `{"actions": [` + text + `]}` }

// badWorkflows are changes to a good workflow, each with the places of what is
// wrong then.
var badWorkflows = map[string]struct {
	change string
	places []string
}{
	"unknown key": {`{"nmae": "x"}`, []string{"nmae"}},
	"unknown keys within": {`{"conditions": [{"any": [{"field": "subject", "op": "set", "not": true}], "all": []}]}`,
		[]string{"conditions[0].any[0].not", "conditions[0].all"}},
	"no name":                       {`{"name": null}`, []string{"name"}},
	"blank name":                    {`{"name": "  "}`, []string{"name"}},
	"long name":                     {`{"name": "` + strings.Repeat("é", 76) + `"}`, []string{"name"}},
	"name of two lines":             {`{"name": "a\nb"}`, []string{"name"}},
	"unknown type":                  {`{"type": "automtic"}`, []string{"type"}},
	"no type":                       {`{"type": null}`, []string{"type"}},
	"unknown mode":                  {`{"mode": "paused"}`, []string{"mode"}},
	"mode of another type":          {`{"mode": true}`, []string{"mode"}},
	"no runs":                       {`{"max_runs": 0}`, []string{"max_runs"}},
	"too many runs":                 {`{"max_runs": 1001}`, []string{"max_runs"}},
	"late by nothing":               {`{"too_late_after": "0s"}`, []string{"too_late_after"}},
	"confirm as a text":             {`{"type": "manual", "confirm": "yes"}`, []string{"confirm"}},
	"confirm where nobody is asked": {`{"confirm": false}`, []string{"confirm"}},
	"as the agent where none is":    {actions(`{"do": "reply", "body": "x", "as": "agent"}`), []string{"actions[0].as"}},
	"as somebody else":              {actions(`{"do": "note", "body": "x", "as": "admin"}`), []string{"actions[0].as"}},
	"half a run":                    {`{"max_runs": 1.5}`, []string{"max_runs"}},
	"runs as a text":                {`{"max_runs": "3"}`, []string{"max_runs"}},
	"apply_to_earlier as a text":    {`{"apply_to_earlier": "yes"}`, []string{"apply_to_earlier"}},
	"conditions as an object":       {`{"conditions": {"any": []}}`, []string{"conditions"}},
	"no condition":                  {`{"conditions": null}`, []string{"conditions"}},
	"empty conditions":              {`{"conditions": []}`, []string{"conditions"}},
	"empty group":                   {`{"conditions": [{"any": []}]}`, []string{"conditions[0].any"}},
	"group without rows":            {`{"conditions": [{}]}`, []string{"conditions[0]"}},
	"unknown field":                 {rows(`{"field": "sujbect", "op": "is", "value": "x"}`), []string{"conditions[0].any[0].field"}},
	"unknown operator":              {rows(`{"field": "subject", "op": "contians", "value": "x"}`), []string{"conditions[0].any[0].op"}},
	"operator of another field":     {rows(`{"field": "status", "op": "contains", "value": "active"}`), []string{"conditions[0].any[0].op"}},
	"operator on an event":          {rows(`{"field": "new_conversation", "op": "is"}`), []string{"conditions[0].any[0].op"}},
	"no operator":                   {rows(`{"field": "subject", "value": "x"}`), []string{"conditions[0].any[0].op"}},
	"no value":                      {rows(`{"field": "subject", "op": "is"}`), []string{"conditions[0].any[0].value"}},
	"blank value":                   {rows(`{"field": "subject", "op": "contains", "value": " "}`), []string{"conditions[0].any[0].value"}},
	"unknown status":                {rows(`{"field": "status", "op": "is", "value": "open"}`), []string{"conditions[0].any[0].value"}},
	"number for a text":             {rows(`{"field": "subject", "op": "is", "value": 5}`), []string{"conditions[0].any[0].value"}},
	"bad duration": {rows(`{"field": "waiting_since", "op": "longer_than", "value": "3 weeks"}`),
		[]string{"conditions[0].any[0].value"}},
	"no duration": {rows(`{"field": "waiting_since", "op": "longer_than", "value": "0s"}`),
		[]string{"conditions[0].any[0].value"}},
	"business hours where none are": {rows(`{"field": "waiting_since", "op": "longer_than", "value": "4bh"}`),
		[]string{"conditions[0].any[0].value"}},
	"broken regular expression": {rows(`{"field": "subject", "op": "matches", "value": "a(b"}`), []string{"conditions[0].any[0].value"}},
	"look-around":               {rows(`{"field": "body", "op": "matches", "value": "(?=x)y"}`), []string{"conditions[0].any[0].value"}},
	"back-reference":            {rows(`{"field": "body", "op": "matches", "value": "(a)\\1"}`), []string{"conditions[0].any[0].value"}},
	"regular expression that is long": {rows(`{"field": "body", "op": "matches", "value": "` + strings.Repeat("a", 501) + `"}`),
		[]string{"conditions[0].any[0].value"}},
	"regular expression that is vast": {rows(`{"field": "body", "op": "matches", "value": "(((a{30}){30}){30})"}`),
		[]string{"conditions[0].any[0].value"}},
	"missing user": {rows(`{"field": "assignee", "op": "is", "value": "01999999-0000-7000-8000-000000000000"}`),
		[]string{"conditions[0].any[0].value"}},
	"user id in capitals": {rows(`{"field": "assignee", "op": "is", "value": "USER"}`), []string{"conditions[0].any[0].value"}},
	"no id at all":        {rows(`{"field": "assignee", "op": "is", "value": "Bob"}`), []string{"conditions[0].any[0].value"}},
	"unknown user's address": {rows(`{"field": "assignee", "op": "is", "value": "eve@smarticks.test"}`),
		[]string{"conditions[0].any[0].value"}},
	"unknown mailbox's address": {rows(`{"field": "moved_here", "from": "eve@smarticks.test"}`), []string{"conditions[0].any[0].from"}},
	"empty actions":             {`{"actions": []}`, []string{"actions"}},
	"no actions":                {`{"actions": null}`, []string{"actions"}},
	"unknown action":            {actions(`{"do": "add_tag", "tags": ["x"]}`), []string{"actions[0].do"}},
	"action without do":         {actions(`{"tags": ["x"]}`), []string{"actions[0].do"}},
	"action's key of another":   {actions(`{"do": "add_tags", "tags": ["x"], "status": "closed"}`), []string{"actions[0].status"}},
	"empty tags":                {actions(`{"do": "add_tags", "tags": []}`), []string{"actions[0].tags"}},
	"tag of another type":       {actions(`{"do": "add_tags", "tags": ["x", 5]}`), []string{"actions[0].tags[1]"}},
	"long tag": {actions(`{"do": "add_tags", "tags": ["` + strings.Repeat("t", 101) + `"]}`),
		[]string{"actions[0].tags[0]"}},
	"unknown status to set": {actions(`{"do": "set_status", "status": "done"}`), []string{"actions[0].status"}},
	"missing mailbox to move to": {actions(`{"do": "move", "mailbox": "01999999-0000-7000-8000-000000000000"}`),
		[]string{"actions[0].mailbox"}},
	"unknown mailbox to move to": {actions(`{"do": "move", "mailbox": "eve@smarticks.test"}`), []string{"actions[0].mailbox"}},
	"missing user to assign":     {actions(`{"do": "assign", "to": "01999999-0000-7000-8000-000000000000"}`), []string{"actions[0].to"}},
	"users to notify": {actions(`{"do": "notify", "to": ["assignee", "eve@smarticks.test"], "body": "x"}`),
		[]string{"actions[0].to[1]"}},
	"me in an automatic workflow": {actions(`{"do": "assign", "to": "me"}`), []string{"actions[0].to"}},
	"blank body":                  {actions(`{"do": "reply", "body": " "}`), []string{"actions[0].body"}},
	"no body":                     {actions(`{"do": "note"}`), []string{"actions[0].body"}},
	"unknown variable":            {actions(`{"do": "reply", "body": "{%custmer.email%}"}`), []string{"actions[0].body"}},
	"address that is none":        {actions(`{"do": "webhook", "url": "ftp://x"}`), []string{"actions[0].url"}},
	"address with a password":     {actions(`{"do": "webhook", "url": "https://a:b@x.test/"}`), []string{"actions[0].url"}},
	"header of ours": {actions(`{"do": "webhook", "url": "https://x.test/", "headers": {"Webhook-Id": "1"}}`),
		[]string{"actions[0].headers"}},
	"several at once": {`{"name": "", "conditions": [{"any": []}], "actions": [{"do": "set_status", "status": "x"}]}`,
		[]string{"name", "conditions[0].any", "actions[0].status"}},
}

func TestBadWorkflowsAreRefusedWithTheirPlacesAndNothingIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(refund)
	before := w.workflowCounts()
	kept := w.want(200, w.asAdmin, "GET", path, nil)
	for name, bad := range badWorkflows {
		body := edited(t, refund, bad.change)
		if _, renamed := body["name"]; renamed && body["name"] == "Refund requests" {
			body["name"] = "Another"
		}
		w.wantPlaces(name, w.want(422, w.asAdmin, "POST", w.workflows(), body), "errors", "location", "body.", bad.places)
		w.wantPlaces(name, w.want(422, w.asAdmin, "PUT", path, body), "errors", "location", "body.", bad.places)
		w.wantPlaces(name, w.want(200, w.asAdmin, "POST", path+"/check", body), "problems", "path", "", bad.places)
	}
	if after := w.workflowCounts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	if now := w.want(200, w.asAdmin, "GET", path, nil); string(now.body) != string(kept.body) {
		t.Errorf("the workflow was changed: %s", now.body)
	}
}

// wantPlaces checks that each place has a problem with a sentence, and that no
// problem stands elsewhere.
func (w *world) wantPlaces(name string, r reply, list, place, prefix string, places []string) {
	w.Helper()
	found, _ := r.field(w, list).([]any)
	told := map[string]bool{}
	for _, f := range found {
		at, _ := f.(map[string]any)[place].(string)
		sentence, _ := f.(map[string]any)["message"].(string)
		if len(sentence) < 5 {
			w.Errorf("%s: no sentence for %s: %s", name, at, r.body)
		}
		matched := false
		for _, p := range places {
			if strings.HasPrefix(at, prefix+p) {
				told[p], matched = true, true
			}
		}
		if !matched {
			w.Errorf("%s: a problem at %s, which is good: %s", name, at, r.body)
		}
	}
	for _, p := range places {
		if !told[p] {
			w.Errorf("%s: no problem at %s: %s", name, p, r.body)
		}
	}
}

func TestWhatIsNoWorkflowAtAllIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(refund)
	before := w.workflowCounts()
	for _, body := range []string{`[]`, `"x"`, `5`, `null`, `{}`} {
		for _, route := range []struct{ method, path string }{{"POST", w.workflows()}, {"PUT", path}} {
			w.want(422, w.asAdmin, route.method, route.path, body)
		}
	}
	// What everybody must read alike.
	for body, location := range map[string]string{
		`{"name": "a", "name": "b"}`: "body.name",
		`{"name": "a", "conditions": [{"any": [{"field": "subject", "field": "body"}]}]}`: "body.conditions[0].any[0].field",
		`{"name": "a"`:           "body",
		`{"name": "a"} {}`:       "body",
		"{\"name\": \"a\xff\"}":  "body.name",
		`{"name": "\ud800"}`:     "body.name",
		`{"name": 01}`:           "body",
		`{"name": "a",}`:         "body",
		`{"max_runs": NaN}`:      "body.max_runs",
		`{"max_runs": 1e}`:       "body.max_runs",
		`{'name': "a"}`:          "body",
		`{"name": "a" "b": "c"}`: "body",
	} {
		for _, route := range []struct{ method, path string }{{"POST", w.workflows()}, {"PUT", path}, {"POST", path + "/check"}} {
			r := w.want(400, w.asAdmin, route.method, route.path, body)
			if at := r.text(t, "errors", 0, "location"); !strings.HasPrefix(at, location) {
				t.Errorf("%s: at %s, want %s", body, at, location)
			}
		}
	}
	w.want(422, w.asAdmin, "POST", w.workflows(), `{"name": "a\u0000b"}`)
	deep := strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000)
	w.want(422, w.asAdmin, "POST", w.workflows(), edited(t, refund, actions(`{"do": "webhook", "url": "https://x.test/", "body": `+deep+`}`)))
	if after := w.workflowCounts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

func TestOpenAPIDescribesWorkflowsByTheTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var doc struct {
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any
			}
		}
	}
	if err := json.Unmarshal(w.want(200, "", "GET", "/openapi.json", nil).body, &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	post, _ := json.Marshal(doc.Paths["/v1/mailboxes/{id}/workflows"]["post"])
	for _, want := range []string{`"type":"object"`, `"conditions"`, `"$ref":"#/components/schemas/WorkflowGroup"`,
		`"$ref":"#/components/schemas/WorkflowAction"`, `"automatic"`} {
		if !strings.Contains(string(post), want) {
			t.Errorf("%s is not in %s", want, post)
		}
	}
	for _, key := range []string{"name", "conditions", "actions", "id", "version"} {
		if _, there := schemas["Workflow"].Properties[key]; !there {
			t.Errorf("a workflow has no %s in the document", key)
		}
	}
}
