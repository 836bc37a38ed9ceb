package api_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// object is the whole answer.
func (r reply) object(t *testing.T) map[string]any {
	t.Helper()
	o, _ := r.field(t).(map[string]any)
	return o
}

func TestPausesAreListedAndResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Hello")
	made := w.want(201, w.asAdmin, "POST", fmt.Sprintf("/v1/mailboxes/%s/workflows", w.support.ID), map[string]any{
		"name": "Tag", "type": "automatic", "mode": "on", "replies_per_hour": 3,
		"conditions": []any{map[string]any{"any": []any{map[string]any{"field": "new_conversation"}}}},
		"actions":    []any{map[string]any{"do": "add_tags", "tags": []string{"x"}}},
	}).object(t)
	workflow := made["id"].(string)
	if made["replies_per_hour"] != 3.0 || made["paused_at"] != nil {
		t.Errorf("the workflow is %v", made)
	}
	w.Exec(`INSERT INTO pauses (conversation_id, definition_id, kind, reason, created_at) VALUES ($1, $2, 'runs', 'it ran too often',
		now())`, id, workflow)
	w.Exec(`UPDATE definitions SET paused_at = now(), paused_reason = 'it ran far too often' WHERE id = $1`, workflow)
	items := func(path string) []any { return w.want(200, w.asAgent, "GET", path, nil).object(t)["items"].([]any) }
	for _, path := range []string{"/v1/conversations/" + id + "/pauses", "/v1/workflows/" + workflow + "/pauses"} {
		list := items(path)
		if len(list) != 1 {
			t.Fatalf("%s: %v", path, list)
		}
		p := list[0].(map[string]any)
		if p["workflow_id"] != workflow || p["conversation_id"] != id || p["kind"] != "runs" || p["reason"] != "it ran too often" ||
			p["conversation_number"] == 0.0 {
			t.Errorf("%s: %v", path, p)
		}
	}
	resume := "/v1/conversations/" + id + "/workflows/" + workflow + "/resume"
	w.want(403, w.asAgent, "POST", resume, nil)
	w.want(404, w.asAdmin, "POST", "/v1/conversations/"+store.NewID()+"/workflows/"+workflow+"/resume", nil)
	w.want(404, w.asAdmin, "POST", "/v1/conversations/"+id+"/workflows/"+store.NewID()+"/resume", nil)
	if left := w.want(200, w.asAdmin, "POST", resume, nil).object(t)["items"].([]any); len(left) != 0 {
		t.Errorf("still paused: %v", left)
	}
	w.want(403, w.asAgent, "POST", "/v1/workflows/"+workflow+"/resume", nil)
	if got := w.want(200, w.asAdmin, "POST", "/v1/workflows/"+workflow+"/resume", nil).object(t); got["paused_at"] != nil ||
		got["paused_reason"] != nil {
		t.Errorf("still paused: %v", got)
	}
	foreign := w.open(w.billing.ID, "Hello")
	w.want(404, w.asAgent, "GET", "/v1/conversations/"+foreign+"/pauses", nil)
}

func TestWhatWasPassedOverIsListedInPagesAndMadeUpFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	workflow := w.want(201, w.asAdmin, "POST", fmt.Sprintf("/v1/mailboxes/%s/workflows", w.support.ID), map[string]any{
		"name": "Tag", "type": "automatic", "mode": "on",
		"conditions": []any{map[string]any{"any": []any{map[string]any{"field": "new_conversation"}}}},
		"actions":    []any{map[string]any{"do": "add_tags", "tags": []string{"x"}}},
	}).text(t, "id")
	var ids []string
	for i := range 3 {
		ids = append(ids, w.open(w.support.ID, fmt.Sprintf("Alert %d", i)))
		w.Exec(`INSERT INTO passed_over (definition_id, conversation_id, seq, at) VALUES ($1, $2, 1, now())`, workflow, ids[i])
	}
	path := "/v1/workflows/" + workflow + "/passed-over"
	var seen []string
	for next := path + "?limit=2"; next != ""; {
		r := w.want(200, w.asAgent, "GET", next, nil)
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			seen = append(seen, r.text(t, "items", i, "conversation_id"))
			if r.text(t, "items", i, "kind") != "customer_message" || r.field(t, "items", i, "seq") != 1.0 ||
				r.field(t, "items", i, "made_up_at") != nil {
				t.Errorf("passed over: %v", items[i])
			}
		}
		if next = r.text(t, "next_cursor"); next != "" {
			next = path + "?limit=2&cursor=" + next
		}
	}
	if !slices.Equal(seen, ids) {
		t.Errorf("listed %v, want %v", seen, ids)
	}
	w.want(422, w.asAgent, "GET", path+"?cursor=bm8", nil)

	one := w.want(200, w.asAdmin, "POST", "/v1/conversations/"+ids[0]+"/workflows/"+workflow+"/resume", `{"make_up":true}`)
	if items, _ := one.field(t, "items").([]any); len(items) != 0 {
		t.Errorf("still paused: %v", items)
	}
	if items, _ := w.want(200, w.asAgent, "GET", path+"?left=true", nil).field(t, "items").([]any); len(items) != 2 {
		t.Errorf("%d are left, want 2", len(items))
	}
	w.want(200, w.asAdmin, "POST", "/v1/workflows/"+workflow+"/resume", `{"make_up":true}`)
	r := w.want(200, w.asAdmin, "GET", "/v1/rollouts?workflow_id="+workflow+"&limit=1", nil)
	if r.field(t, "items", 0, "make_up") != true || r.text(t, "items", 0, "reason") != "resumed" {
		t.Errorf("the rollout is %s", r.body)
	}
	if r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+ids[0]+"/timeline", nil); r.text(t, "items", 1, "sentence") !=
		"The workflow “Tag” looks at event 1, which it passed over while it was paused" {
		t.Errorf("the timeline says %s", r.body)
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/workflows/"+workflow, `{"mode":"off"}`)
	w.want(409, w.asAdmin, "POST", "/v1/workflows/"+workflow+"/resume", `{"make_up":true}`)
}

func TestLimitsAreSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.want(200, w.asAdmin, "GET", "/v1/settings", nil).object(t)
	if got["runs_per_workflow_and_conversation"] != 20.0 || got["runs_per_conversation"] != 50.0 || got["runs_per_workflow"] != 1000.0 ||
		got["cause_key"] != nil {
		t.Errorf("settings %v", got)
	}
	got = w.want(200, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"runs_per_workflow": 5000}).object(t)
	if got["runs_per_workflow"] != 5000.0 || got["runs_per_conversation"] != 50.0 {
		t.Errorf("settings %v", got)
	}
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"runs_per_workflow": 0})
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"runs_per_conversation": 1000001})
}

func TestACauseThatIsGivenBackIsTakenUpAndAForgedOneIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Hello")
	var key string
	w.Value(&key, `SELECT value #>> '{}' FROM settings WHERE key = 'cause_key'`)
	mark := conversation.Mark{ConversationID: conversation.ID(id),
		Cause: conversation.Cause{Origin: 1, Depth: 4, Path: []string{store.NewID()}}}.Sign(key)
	depth := func() int {
		return w.Number(`SELECT depth FROM events WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 1`, id)
	}
	w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", map[string]any{"kind": "note", "body": "a"}, "X-Smarticks-Cause", mark)
	if depth() != 4 {
		t.Errorf("a note: depth %d, want 4", depth())
	}
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+id, map[string]any{"status": "pending"}, "X-Smarticks-Cause", mark)
	if depth() != 4 {
		t.Errorf("a change: depth %d, want 4", depth())
	}
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+id, map[string]any{"status": "active"}, "X-Smarticks-Cause", mark+"A")
	if depth() != 0 {
		t.Errorf("a forged cause: depth %d, want 0", depth())
	}
	other := w.want(201, w.asAgent, "POST", "/v1/conversations", map[string]any{
		"mailbox_id": w.support.ID, "customer": map[string]any{"email": "ann@example.com"}, "body": "Hi",
	}, "X-Smarticks-Cause", mark).object(t)["id"].(string)
	if n := w.Number(`SELECT depth FROM events WHERE conversation_id = $1 AND origin IN (0, seq)`, other); n != 4 {
		t.Errorf("a new conversation: depth %d, want 4", n)
	}
}
