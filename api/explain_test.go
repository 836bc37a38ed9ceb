package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// answer asks why or why not.
func (w *world) answer(conv, workflow string) (string, reply) {
	w.Helper()
	r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+conv+"/explain?workflow_id="+workflow, nil)
	return r.text(w, "answer"), r
}

func TestExplainAnswersInPlainWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const tagging = `{"name": "T", "type": "automatic", "mode": "on", "actions": [{"do": "add_tags", "tags": ["x"]}], "conditions": ` +
		`[{"any": [{"field": "subject", "op": "contains", "value": "refund"}]}]}`
	earlier := w.open(w.support.ID, "Refund, created before")
	w.advance(earlier)
	cases := []struct {
		name, change, want string
	}{
		{"ran", `{}`, "It ran at "},
		{"watch", `{"mode": "watch"}`, "and did nothing: its mode is watch."},
		{"draft", `{"mode": null}`, "It did not run: nothing of it is published."},
		{"manual", `{"type": "manual", "conditions": null}`, "It did not run: it is a manual workflow, which only an agent runs."},
		{"status", `{"conditions": [{"any": [{"field": "subject", "op": "contains", "value": "refund"}]}, {"any": [{"field": "status", ` +
			`"op": "is", "value": "closed"}]}]}`,
			"It did not run: condition 2 'the status is closed' is false: the status is active."},
		{"subject", rows(`{"field": "subject", "op": "contains", "value": "invoice"}`),
			`It did not run: condition 1 'the subject contains "invoice"' is false: the subject is "Refund please".`},
		{"any", rows(`{"field": "tags", "op": "has_any", "value": ["vip"]}, {"field": "assignee", "op": "is", "value": "bob@smarticks.test"}`),
			`It did not run: none of the conditions of one group holds: condition 1 'it has the tag "vip"' is false: its tags are x; condition ` +
				`2 'the assignee is Bob' is false: nobody is assigned.`},
		{"unknown", rows(`{"field": "last_agent_reply", "op": "in_the_last", "value": "3h"}`),
			"is unknown: no agent has replied yet."},
		{"waiting", rows(`{"field": "waiting_since", "op": "longer_than", "value": "24h"}`), " if nothing else happens."},
		{"event", rows(`{"field": "agent_replied"}`), "is false: what happened is: a new conversation began."},
	}
	ids := make([]string, len(cases))
	for i, c := range cases {
		body := edited(t, tagging, c.change)
		body["name"] = c.name
		_, ids[i] = w.workflow(body)
	}
	conv := w.open(w.support.ID, "Refund please")
	if got, _ := w.answer(conv, ids[4]); got != "It did not run: event 1 waits to be handled." {
		t.Errorf("before it was handled: %s", got)
	}
	w.advance(conv)
	for i, c := range cases {
		if got, r := w.answer(conv, ids[i]); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s: %s", c.name, got, c.want, r.body)
		}
	}
	got, r := w.answer(conv, ids[0])
	if r.text(t, "holds") != "true" || r.field(t, "candidate") != true || r.field(t, "version") != 1.0 ||
		r.text(t, "runs", 0, "state") != "done" ||
		r.text(t, "findings", 0, "obstacle") != "max_runs" || r.text(t, "event", "kind") != "customer_message" ||
		r.text(t, "explanation", 0, "rows", 0, "actual") != "Refund please" || !strings.HasSuffix(got, "version 1, for event 1.") {
		t.Errorf("%s", r.body)
	}
	_, r = w.answer(conv, ids[8])
	if r.text(t, "next_due") == "" {
		t.Errorf("%s", r.body)
	}
	if got, _ := w.answer(earlier, ids[0]); !strings.Contains(got, "before the workflow was first switched to on") {
		t.Errorf("created earlier: %s", got)
	}
}

func TestExplainNamesWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(edited(t, refund, `{"mode": "on", "max_runs": 1, "actions": [{"do": "reply", "body": "Hello"}]}`))
	conv := w.open(w.support.ID, "Refund please")
	w.advance(conv)
	w.want(201, w.asAgent, "POST", "/v1/conversations/"+conv+"/messages", map[string]string{"kind": "customer", "body": "money back!"})
	w.advance(conv)
	if got, _ := w.answer(conv, id); got != "It did not run: it ran once on this conversation and may run once (max_runs)." {
		t.Error(got)
	}
	w.Exec(`INSERT INTO pauses (conversation_id, definition_id, reason, created_at) VALUES ($1, $2, 'too many mails', now())`, conv, id)
	if got, _ := w.answer(conv, id); got != "It did not run: it is paused on this conversation: too many mails." {
		t.Error(got)
	}
	w.Exec(`UPDATE messages SET machine = 'auto_reply'`)
	if _, r := w.answer(conv, id); !strings.Contains(string(r.body),
		`{"obstacle":"machine_mail","sentence":"its mail to the customer would be skipped: the message is an automatic reply","blocks":false}`) {
		t.Errorf("%s", r.body)
	}
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+conv, nil)
	if got, _ := w.answer(conv, id); got != "It did not run: the conversation is deleted, and no condition asks for the state." {
		t.Error(got)
	}
	w.want(200, w.asAdmin, "PATCH", path, `{"mode": "off"}`)
	if got, _ := w.answer(conv, id); got != "It did not run: it is switched off." {
		t.Error(got)
	}
	billing := w.open(w.billing.ID, "Refund")
	r := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+billing+"/explain?workflow_id="+id, nil)
	if r.text(t, "findings", 1, "obstacle") != "other_mailbox" {
		t.Errorf("%s", r.body)
	}
	for _, bad := range []string{"?workflow_id=" + string(w.admin.ID), "?workflow_id=x"} {
		w.want(404, w.asAgent, "GET", "/v1/conversations/"+conv+"/explain"+bad, nil)
	}
	w.want(404, w.asAgent, "GET", "/v1/conversations/"+billing+"/explain?workflow_id="+id, nil)
	w.want(422, w.asAgent, "GET", "/v1/conversations/"+conv+"/explain", nil)
	w.want(422, w.asAgent, "GET", "/v1/conversations/"+conv+"/explain?seq=0&workflow_id="+id, nil)
}

func TestExplainAnswersForAnEventAsOfThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(edited(t, refund, `{"name": "then", "mode": "on", "max_runs": 5, "actions": [{"do": "note", "body": "seen"}],
		"conditions": [
		{"any": [{"field": "customer_replied"}]}, {"any": [{"field": "status", "op": "is", "value": "active"}]}]}`))
	conv := w.open(w.support.ID, "Refund please") // event 1
	w.advance(conv)
	reply := func() {
		w.want(201, w.asAgent, "POST", "/v1/conversations/"+conv+"/messages", map[string]string{"kind": "customer", "body": "hello"})
		w.advance(conv)
	}
	reply() // 2: it runs, and what it does are events
	made := w.want(200, w.asAgent, "GET", "/v1/conversations/"+conv, nil)
	last := int(made.field(t, "last_seq").(float64))
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"mode": "off"})
	reply()
	off := last + 1
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"mode": "on"})
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+conv, map[string]any{"status": "closed"})
	w.advance(conv)
	for seq, want := range map[int]string{
		1:       "is false: what happened is: a new conversation began.",
		2:       "version 1, for event 2.",
		off:     "It did not run: it is switched off.",
		off + 1: "It did not run: condition 1 ",
	} {
		r := w.want(200, w.asAgent, "GET", fmt.Sprintf("/v1/conversations/%s/explain?workflow_id=%s&seq=%d", conv, id, seq), nil)
		if got := r.text(t, "answer"); !strings.Contains(got, want) || r.field(t, "as_of") != float64(seq) ||
			len(r.field(t, "unknown").([]any)) == 0 {
			t.Errorf("as of %d: %s, want %s: %s", seq, got, want, r.body)
		}
	}
	w.want(404, w.asAgent, "GET", fmt.Sprintf("/v1/conversations/%s/explain?workflow_id=%s&seq=99", conv, id), nil)
}
