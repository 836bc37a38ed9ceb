package api_test

import (
	"strings"
	"testing"
)

func TestARunIsUndoneOnceAndEverybodyIsToldWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(manual)
	conv := w.open(w.support.ID, "Refund")
	w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": id})
	w.advance(conv)
	run := w.want(200, w.asAgent, "GET", "/v1/conversations/"+conv+"/runs", nil).text(t, "items", 0, "id")
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+conv, map[string]any{"assignee_id": w.admin.ID})
	address := "/v1/runs/" + run + "/undo"

	preview := w.want(200, w.asAgent, "GET", address, nil)
	if preview.field(t, "possible") != true || preview.field(t, "undone_by") != nil {
		t.Errorf("%s", preview.body)
	}
	for i, want := range []string{`add the tag "urgent": undone, the tag “urgent” is off again`,
		"not undone, the assignee was changed since, by Ada at "} {
		if words := preview.text(t, "actions", i, "words"); !strings.Contains(words, want) {
			t.Errorf("%q, want %q", words, want)
		}
	}
	if by := preview.text(t, "actions", 1, "parts", 0, "changed_by", "id"); by != string(w.admin.ID) {
		t.Errorf("changed by %s", by)
	}

	asked := w.want(202, w.asAgent, "POST", address, nil, "Idempotency-Key", "once")
	again := w.want(202, w.asAgent, "POST", address, nil, "Idempotency-Key", "once")
	undo := asked.text(t, "id")
	if again.text(t, "id") != undo || asked.text(t, "state") != "asked" || asked.text(t, "undoes") != run ||
		asked.text(t, "asked_by") != string(w.agent.ID) {
		t.Errorf("%s, then %s", asked.body, again.body)
	}
	if second := w.want(409, w.asAdmin, "POST", address, nil); !strings.Contains(second.text(t, "detail"), undo) {
		t.Errorf("%s", second.body)
	}
	w.advance(conv)

	done := w.want(200, w.asAgent, "GET", "/v1/runs/"+undo, nil)
	if done.text(t, "trigger") != "undo" || done.text(t, "state") != "done" || done.text(t, "actions", 0, "state") != "undone" ||
		done.text(t, "actions", 1, "state") != "changed_since" {
		t.Errorf("%s", done.body)
	}
	if by := w.want(200, w.asAgent, "GET", "/v1/runs/"+run, nil).text(t, "undone_by"); by != undo {
		t.Errorf("undone by %q", by)
	}
	timeline := string(w.want(200, w.asAgent, "GET", "/v1/conversations/"+conv+"/timeline", nil).body)
	for _, want := range []string{
		"Bob asked to undo what the workflow “Escalate” did", "What the workflow “Escalate” (version 1) did was undone, because Bob asked for it",
		"Bob removed the tag urgent",
	} {
		if !strings.Contains(timeline, want) {
			t.Errorf("the timeline does not say %q: %s", want, timeline)
		}
	}
}
