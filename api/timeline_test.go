package api_test

import (
	"strings"
	"testing"
)

// story gives a conversation a run of a workflow with a webhook and a tag that it
// added, as Advance would have written them.
func (w *world) story(id string) {
	w.Helper()
	w.Exec(`INSERT INTO definitions (id, mailbox_id, name, name_key, position, mode, draft, created_at, updated_at)
		VALUES ('01900000-0000-7000-8000-0000000000d1', $1, 'Refund requests', 'refund requests', 1, 'on', '{}', now(), now())`, w.support.ID)
	w.Exec(`INSERT INTO versions (id, definition_id, number, body, created_at)
		VALUES ('01900000-0000-7000-8000-0000000000e1', '01900000-0000-7000-8000-0000000000d1', 3, '{}', now())`)
	w.Exec(`INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode, trigger, state, seq,
		origin, verdict, created_at)
		VALUES ('01900000-0000-7000-8000-0000000000a1', $1, $2, '01900000-0000-7000-8000-0000000000d1', '01900000-0000-7000-8000-0000000000e1', 3,
			'Refund requests', 'on', 'event', 'done', 1, 1,
			'{"holds":"true","groups":[{"holds":"true","rows":[{"holds":"true","sentence":"the subject contains \"refund\"",
				"actual":"Refund"}]}]}', now())`, id, w.support.ID)
	w.Exec(`INSERT INTO deliveries (id, conversation_id, mailbox_id, run_id, action_index, seq, kind, state, attempts, next_at, reason,
		payload, created_at)
		VALUES ('01900000-0000-7000-8000-0000000000b1', $1, $2, '01900000-0000-7000-8000-0000000000a1', 1, 1, 'webhook', 'waiting', 2, now(),
		'HTTP 503',
			'{"webhook":{"url":"https://erp.example","headers":{"Authorization":"whsec_canary"}}}', now())`, id, w.support.ID)
	w.Exec(`INSERT INTO run_actions (run_id, index, do_kind, state, sentence, deliveries) VALUES
		('01900000-0000-7000-8000-0000000000a1', 0, 'add_tags', 'done', 'add the tag "refund"', '{}'),
		('01900000-0000-7000-8000-0000000000a1', 1, 'webhook', 'queued', 'call the webhook https://erp.example',
		'{01900000-0000-7000-8000-0000000000b1}')`)
	w.Exec(`INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, actor_id, origin, depth, cause_run, data, at)
		VALUES ($1, 2, 'tags_changed', $2, 'workflow', '01900000-0000-7000-8000-0000000000d1', 1, 1, '01900000-0000-7000-8000-0000000000a1',
		'{"added":["refund"]}', now())`,
		id, w.support.ID)
	w.Exec(`UPDATE conversations SET last_seq = 2, tags = '{refund}' WHERE id = $1`, id)
}

func TestTimelineTellsTheStoryInOrderWithItsReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	w.story(id)
	w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", `{"kind":"reply","body":"It is on its way."}`)
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+id, map[string]any{"status": "closed", "assignee_id": w.admin.ID})
	w.Exec(`INSERT INTO deliveries (id, conversation_id, mailbox_id, seq, kind, state, attempts, next_at, payload, created_at, finished_at)
		VALUES ('01900000-0000-7000-8000-0000000000b2', $1, $2, 3, 'reply', 'sent', 1, now(), '{"mail":{"text":"canary"}}', now(), now())`, id,
		w.support.ID)

	r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/timeline", nil)
	want := []string{
		"1 customer_message: Ann Smith wrote the first message",
		"1 run: The workflow “Refund requests” (version 3) ran because its conditions held",
		"2 tags_changed: The workflow “Refund requests” added the tag refund",
		"3 agent_reply: Bob replied",
		"4 status_changed: Bob set the status from active to closed",
		"5 assignee_changed: Bob assigned it to Ada",
	}
	items, _ := r.field(t, "items").([]any)
	if len(items) != len(want) {
		t.Fatalf("%d entries, want %d: %s", len(items), len(want), r.body)
	}
	for i, line := range want {
		seq, rest, _ := strings.Cut(line, " ")
		if got := r.text(t, "items", i, "kind") + ": " + r.text(t, "items", i, "sentence"); got != rest {
			t.Errorf("entry %d: %q, want %q", i, got, rest)
		}
		if got := r.field(t, "items", i, "seq"); got != float64(seq[0]-'0') {
			t.Errorf("entry %d: seq %v, want %s", i, got, seq)
		}
	}
	for _, c := range []struct {
		path []any
		want any
	}{
		{[]any{"items", 0, "message", "text"}, "Where is my money?"},
		{[]any{"items", 0, "who", "name"}, "Ann Smith"},
		{[]any{"items", 1, "run", "workflow", "name"}, "Refund requests"},
		{[]any{"items", 1, "run", "version"}, 3.0},
		{[]any{"items", 1, "run", "explanation", 0, "rows", 0, "sentence"}, `the subject contains "refund"`},
		{[]any{"items", 1, "run", "explanation", 0, "rows", 0, "actual"}, "Refund"},
		{[]any{"items", 1, "run", "explanation", 0, "rows", 0, "holds"}, "true"},
		{[]any{"items", 1, "run", "actions", 0, "state"}, "done"},
		{[]any{"items", 1, "run", "actions", 1, "deliveries", 0, "state"}, "waiting"},
		{[]any{"items", 1, "run", "actions", 1, "deliveries", 0, "attempts"}, 2.0},
		{[]any{"items", 1, "run", "actions", 1, "deliveries", 0, "reason"}, "HTTP 503"},
		{[]any{"items", 2, "caused_by_run"}, "01900000-0000-7000-8000-0000000000a1"},
		{[]any{"items", 3, "deliveries", 0, "state"}, "sent"},
		{[]any{"items", 3, "message", "text"}, "It is on its way."},
		{[]any{"next_cursor"}, nil},
	} {
		if got := r.field(t, c.path...); got != c.want {
			t.Errorf("%v = %v, want %v", c.path, got, c.want)
		}
	}
	if strings.Contains(string(r.body), "canary") {
		t.Errorf("the timeline shows what a delivery holds: %s", r.body)
	}
}

func TestTimelinePagesNeitherLoseNorRepeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	w.story(id)
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+id, `{"status":"closed","subject":"Other"}`)
	whole := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/timeline", nil)
	all, _ := whole.field(t, "items").([]any)
	var got []string
	path := "/v1/conversations/" + id + "/timeline?limit=1"
	for next := path; next != ""; {
		r := w.want(200, w.asAgent, "GET", next, nil)
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			got = append(got, r.text(t, "items", i, "sentence"))
		}
		next = r.text(t, "next_cursor")
		if next != "" {
			next = path + "&cursor=" + next
		}
	}
	if len(got) != len(all) {
		t.Fatalf("%d entries in pages, %d in one", len(got), len(all))
	}
	for i := range all {
		if got[i] != whole.text(t, "items", i, "sentence") {
			t.Errorf("entry %d: %q in pages, %q in one", i, got[i], whole.text(t, "items", i, "sentence"))
		}
	}
}
