package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// refund is the workflow of the contract's example, with addresses for ids.
const refund = `{"name": "Refund requests", "type": "automatic", "max_runs": 3, "apply_to_earlier": true, "notes": "for Ann",
 "conditions": [
  {"any": [{"field": "subject", "op": "contains", "value": "refund"}, {"field": "body", "op": "matches", "value": "/money\\s+back/i"}]},
  {"any": [{"field": "status", "op": "is", "value": "active"}]}],
 "actions": [
  {"do": "add_tags", "tags": ["refund", "New Tag"]},
  {"do": "assign", "to": "bob@smarticks.test"},
  {"do": "move", "mailbox": "billing@smarticks.test"},
  {"do": "reply", "body": "Hello {%customer.firstName,fallback=there%}, we have #{%conversation.number%}."},
  {"do": "webhook", "url": "https://erp.example/refunds", "body": {"number": "{%conversation.number%}", "n": [1, 2.5, true, null]}}]}`

// edited returns the workflow with some of its keys set again; null takes one away.
func edited(t *testing.T, text, changes string) map[string]any {
	t.Helper()
	var tree, change map[string]any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(changes), &change); err != nil {
		t.Fatalf("%v in %s", err, changes)
	}
	for k, v := range change {
		if tree[k] = v; v == nil {
			delete(tree, k)
		}
	}
	return tree
}

func (w *world) workflows() string { return "/v1/mailboxes/" + string(w.support.ID) + "/workflows" }

// workflow makes a workflow and returns its path and id.
func (w *world) workflow(body any) (path, id string) {
	w.Helper()
	id = w.want(201, w.asAdmin, "POST", w.workflows(), body).text(w, "id")
	return "/v1/workflows/" + id, id
}

func TestWorkflowIsKeptAsItWasWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", w.workflows(), refund)
	path := "/v1/workflows/" + made.text(t, "id")
	got := w.want(200, w.asAgent, "GET", path, nil)
	if string(got.body) != string(made.body) {
		t.Errorf("GET answers %s, POST answered %s", got.body, made.body)
	}
	want := edited(t, refund, `{}`)
	actions := want["actions"].([]any)
	actions[1].(map[string]any)["to"] = string(w.agent.ID)
	actions[2].(map[string]any)["mailbox"] = string(w.billing.ID)
	for key, v := range want {
		if !reflect.DeepEqual(got.field(t, key), v) {
			t.Errorf("%s is %v, want %v", key, got.field(t, key), v)
		}
	}
	for key, v := range map[string]any{"mode": "off", "version": 0.0, "has_unpublished_changes": true, "position": 1.0,
		"mailbox_id": string(w.support.ID)} {
		if got.field(t, key) != v {
			t.Errorf("%s is %v, want %v", key, got.field(t, key), v)
		}
	}
	sentences := got.field(t, "sentences").([]any)
	if len(sentences) != 7 || sentences[0] != `if the subject contains "refund", or the body matches /money\s+back/i` ||
		sentences[3] != "then assign it to Bob" {
		t.Errorf("sentences: %q", sentences)
	}
	if n := w.Number(`SELECT count(*) FROM versions`); n != 0 {
		t.Errorf("%d versions of a draft", n)
	}
}

func TestModeOnAtOncePublishesVersionOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, mode := range []string{"on", "watch"} {
		made := w.want(201, w.asAdmin, "POST", w.workflows(), edited(t, refund, `{"name": "`+mode+`", "mode": "`+mode+`"}`))
		if made.text(t, "mode") != mode || made.field(t, "version") != 1.0 || made.field(t, "has_unpublished_changes") != false {
			t.Errorf("%s", made.body)
		}
		if since := made.text(t, "switched_"+mode+"_at"); since == "" {
			t.Errorf("the time of switching to %s is not kept: %s", mode, made.body)
		}
	}
	if n := w.Number(`SELECT count(*) FROM tags WHERE name IN ('refund', 'new tag')`); n != 2 {
		t.Errorf("%d of the tags that it adds are known", n)
	}
}

func TestPublishTwiceMakesOneVersionAndEditsMakeMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(refund)
	for range 2 {
		if r := w.want(200, w.asAdmin, "POST", path+"/publish", nil); r.field(t, "version") != 1.0 ||
			r.field(t, "has_unpublished_changes") != false {
			t.Fatalf("%s", r.body)
		}
	}
	if n := w.Number(`SELECT count(*) FROM audit WHERE object_id = $1 AND verb = 'published'`, id); n != 1 {
		t.Errorf("%d publications are kept", n)
	}
	if r := w.want(200, w.asAdmin, "PUT", path, edited(t, refund, `{"name": "Money back"}`)); r.field(t,
		"has_unpublished_changes") != true || r.field(t, "version") != 1.0 {
		t.Errorf("%s", r.body)
	}
	if r := w.want(200, w.asAdmin, "POST", path+"/publish", nil); r.field(t, "version") != 2.0 {
		t.Errorf("%s", r.body)
	}
	first := w.want(200, w.asAgent, "GET", path+"/versions/1", nil)
	if first.text(t, "name") != "Refund requests" || first.text(t, "author_id") != string(w.admin.ID) || first.text(t, "created_at") == "" {
		t.Errorf("%s", first.body)
	}
	restored := w.want(200, w.asAdmin, "POST", path+"/versions/1/restore", nil)
	if restored.field(t, "version") != 3.0 || restored.text(t, "name") != "Refund requests" ||
		restored.field(t, "has_unpublished_changes") != false {
		t.Errorf("%s", restored.body)
	}
	list := w.want(200, w.asAgent, "GET", path+"/versions?limit=2", nil)
	if list.field(t, "items", 0, "version") != 3.0 || list.field(t, "items", 1, "version") != 2.0 {
		t.Errorf("%s", list.body)
	}
	rest := w.want(200, w.asAgent, "GET", path+"/versions?limit=2&cursor="+list.text(t, "next_cursor"), nil)
	if rest.field(t, "items", 0, "version") != 1.0 || rest.field(t, "next_cursor") != nil {
		t.Errorf("%s", rest.body)
	}
	for _, n := range []string{"0", "4", "-1", "99999999999999999999", "two", "1x"} {
		w.want(404, w.asAdmin, "GET", path+"/versions/"+n, nil)
		w.want(404, w.asAdmin, "POST", path+"/versions/"+n+"/restore", nil)
	}
}

func TestModeNeedsAPublishedVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(refund)
	for _, mode := range []string{"on", "watch"} {
		w.want(409, w.asAdmin, "PATCH", path, `{"mode": "`+mode+`"}`)
	}
	w.want(200, w.asAdmin, "POST", path+"/publish", nil)
	on := w.want(200, w.asAdmin, "PATCH", path, `{"mode": "on"}`).text(t, "switched_on_at")
	w.want(200, w.asAdmin, "PATCH", path, `{"mode": "off"}`)
	again := w.want(200, w.asAdmin, "PATCH", path, `{"mode": "on"}`)
	if on == "" || again.text(t, "switched_on_at") != on {
		t.Errorf("switched on at %q, then at %q: only the first time counts", on, again.text(t, "switched_on_at"))
	}
	w.want(200, w.asAdmin, "PATCH", path, `{"mode": "on"}`)
	if n := w.Number(`SELECT count(*) FROM audit WHERE object_id = $1 AND verb LIKE 'switched %' AND before->>'mode' IS NOT NULL AND at IS
		NOT NULL AND actor_id = $2`,
		id, string(w.admin.ID)); n != 3 {
		t.Errorf("%d mode changes are kept, want 3", n)
	}
	w.want(422, w.asAdmin, "PATCH", path, `{"mode": "loud"}`)
	w.want(422, w.asAdmin, "PUT", path, edited(t, refund, `{"mode": "on"}`))
}

func TestModeIsRefusedWhenWhatItNamesIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(edited(t, refund, `{"actions": [{"do": "assign", "to": "bob@smarticks.test"}]}`))
	w.want(200, w.asAdmin, "POST", path+"/publish", nil)
	w.Exec(`DELETE FROM users WHERE id = $1`, string(w.agent.ID))
	r := w.want(422, w.asAdmin, "PATCH", path, `{"mode": "on"}`)
	if r.text(t, "errors", 0, "location") != "body.actions[0].to" {
		t.Errorf("%s", r.body)
	}
	check := w.want(200, w.asAdmin, "GET", path+"/check", nil)
	if check.text(t, "problems", 0, "path") != "actions[0].to" || check.text(t, "problems", 0, "message") != "there is no such user" {
		t.Errorf("%s", check.body)
	}
}

func TestOrderAndPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for _, name := range []string{"a", "b", "c"} {
		_, id := w.workflow(edited(t, refund, `{"name": "`+name+`"}`))
		ids = append(ids, id)
	}
	order := func() string {
		t.Helper()
		list := w.want(200, w.asAgent, "GET", w.workflows(), nil)
		var names strings.Builder
		for i := range list.field(t, "items").([]any) {
			if list.field(t, "items", i, "position") != float64(i+1) {
				t.Errorf("places have a gap: %s", list.body)
			}
			names.WriteString(list.text(t, "items", i, "name"))
		}
		return names.String()
	}
	w.want(200, w.asAdmin, "PUT", w.workflows()+"/order", map[string]any{"workflow_ids": []string{ids[2], ids[0], ids[1]}})
	if got := order(); got != "cab" {
		t.Errorf("order %s, want cab", got)
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/workflows/"+ids[1], `{"position": 1}`)
	w.want(200, w.asAdmin, "PATCH", "/v1/workflows/"+ids[2], `{"position": 99}`)
	if got := order(); got != "bac" {
		t.Errorf("order %s, want bac", got)
	}
	for _, bad := range [][]string{{ids[0], ids[1]}, {ids[0], ids[1], ids[1]}, {ids[0], ids[1], ids[2], string(w.admin.ID)}, {}} {
		w.want(422, w.asAdmin, "PUT", w.workflows()+"/order", map[string]any{"workflow_ids": bad})
	}
	w.want(204, w.asAdmin, "DELETE", "/v1/workflows/"+ids[1], nil)
	w.want(404, w.asAdmin, "DELETE", "/v1/workflows/"+ids[1], nil)
	w.want(404, w.asAdmin, "GET", "/v1/workflows/"+ids[1], nil)
	w.want(404, w.asAdmin, "PATCH", "/v1/workflows/"+ids[1], `{"mode": "off"}`)
	if got := order(); got != "ac" {
		t.Errorf("order %s, want ac", got)
	}
	if n := w.Number(`SELECT count(*) FROM definitions WHERE deleted_at IS NOT NULL AND mode = 'off'`); n != 1 {
		t.Error("the deleted workflow is not kept, switched off")
	}
	w.workflow(edited(t, refund, `{"name": "b"}`)) // the name is free again
	w.want(200, w.asAgent, "GET", "/v1/workflows/"+ids[1]+"/versions", nil)
}

func TestNamesAreUniqueInAMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workflow(refund)
	w.want(409, w.asAdmin, "POST", w.workflows(), edited(t, refund, `{"name": "REFUND requests"}`))
	w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.billing.ID)+"/workflows", refund)
	path, _ := w.workflow(edited(t, refund, `{"name": "Other"}`))
	w.want(409, w.asAdmin, "PUT", path, refund)
	check := w.want(200, w.asAdmin, "POST", path+"/check", refund)
	if check.text(t, "problems", 0, "path") != "name" {
		t.Errorf("%s", check.body)
	}
}

func TestRepeatedPostWithAKeyMakesOneWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.want(201, w.asAdmin, "POST", w.workflows(), refund, "Idempotency-Key", "k1")
	second := w.want(201, w.asAdmin, "POST", w.workflows(), refund, "Idempotency-Key", "k1")
	if first.text(t, "id") != second.text(t, "id") {
		t.Errorf("%s, then %s", first.body, second.body)
	}
}

func TestAgentsReadWorkflowsOfTheirMailboxesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, _ := w.workflow(refund)
	billing := "/v1/mailboxes/" + string(w.billing.ID) + "/workflows"
	foreign := "/v1/workflows/" + w.want(201, w.asAdmin, "POST", billing, refund).text(t, "id")
	missing := "/v1/workflows/" + string(w.admin.ID)
	w.want(403, w.asAgent, "POST", w.workflows(), refund)
	w.want(403, w.asAgent, "DELETE", own, nil)
	w.want(200, w.asAgent, "GET", own+"/check", nil)
	for _, route := range []string{"", "/check", "/versions", "/runs"} {
		a, b := w.want(404, w.asAgent, "GET", foreign+route, nil), w.want(404, w.asAgent, "GET", missing+route, nil)
		if string(a.body) != string(b.body) {
			t.Errorf("a foreign workflow is told from a missing one: %s, %s", a.body, b.body)
		}
	}
	w.want(404, w.asAgent, "GET", billing, nil)
}

func TestCheckSaysWhatItWouldDoAndStoresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(refund)
	before := w.workflowCounts()
	r := w.want(200, w.asAdmin, "POST", path+"/check", edited(t, refund, `{"name": "X", "mode": "on"}`))
	if len(r.field(t, "problems").([]any)) != 0 || len(r.field(t, "sentences").([]any)) != 7 {
		t.Errorf("%s", r.body)
	}
	r = w.want(200, w.asAgent, "POST", path+"/check",
		`{"name": "X", "type": "automatic", "mode": "loud", "actions": [], "conditions": [{"any": [{"field": "sujbect", "op": "is", `+
			`"value": "x"}]}]}`)
	for i, want := range []string{"mode", "conditions[0].any[0].field", "actions"} {
		if r.text(t, "problems", i, "path") != want {
			t.Errorf("problem %d is not at %s: %s", i, want, r.body)
		}
	}
	if after := w.workflowCounts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

// workflowCounts says how many rows the tables of this file have.
func (w *world) workflowCounts() string {
	w.Helper()
	var out []string
	for _, table := range []string{"definitions", "versions", "tags", "audit", "outbox", "events", "runs", "idempotency_keys"} {
		out = append(out, table+"="+strings.TrimSpace(jsonNumber(w.Number(`SELECT count(*) FROM `+table))))
	}
	return strings.Join(out, " ")
}

func jsonNumber(n int) string {
	text, _ := json.Marshal(n)
	return string(text)
}
