package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// names are those of the workflows that a list has, in its order.
func (r reply) names(t *testing.T) []string {
	t.Helper()
	out := []string{}
	for i := range r.field(t, "items").([]any) {
		out = append(out, r.text(t, "items", i, "name"))
	}
	return out
}

func TestTheManualWorkflowsThatMayBeRunAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workflow(edited(t, manual, `{"name": "Second"}`))
	path, _ := w.workflow(edited(t, sorry, `{"name": "First", "notes": "Only when late."}`))
	w.want(200, w.asAdmin, "PATCH", path, `{"position": 1}`)
	w.workflow(edited(t, manual, `{"name": "Watches", "mode": "watch"}`))
	w.workflow(edited(t, manual, `{"name": "Off", "mode": "off"}`))
	w.workflow(edited(t, refund, `{"mode": "on"}`))
	gone, _ := w.workflow(edited(t, manual, `{"name": "Gone"}`))
	w.want(204, w.asAdmin, "DELETE", gone, nil)
	w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.billing.ID)+"/workflows", edited(t, manual, `{"name": "Elsewhere"}`))
	// What is drafted is not what runs.
	w.want(200, w.asAdmin, "PUT", path, edited(t, manual, `{"name": "Draft", "mode": null}`))
	conv := w.open(w.support.ID, "Refund")
	list := "/v1/conversations/" + conv + "/manual-workflows"
	r := w.want(200, w.asAgent, "GET", list, nil)
	if got := r.names(t); !slices.Equal(got, []string{"First", "Second"}) {
		t.Fatalf("%q: %s", got, r.body)
	}
	if r.text(t, "items", 0, "sentence") != `add the tag "sorry", reply to the customer, call the webhook https://erp.example/x, delete it` ||
		r.field(t, "items", 0, "needs_confirmation") != true || r.text(t, "items", 0, "outside", 0, "reach") != "customer" ||
		r.text(t, "items", 0, "outside", 1, "reach") != "webhook" || r.text(t, "items", 0, "outside", 2, "sentence") != "delete it" ||
		r.text(t, "items", 0, "notes") != "Only when late." || strings.Contains(string(r.body), "secret") {
		t.Errorf("%s", r.body)
	}
	if r.field(t, "items", 1, "needs_confirmation") != false || len(r.field(t, "items", 1, "outside").([]any)) != 0 {
		t.Errorf("%s", r.body)
	}
	w.want(404, w.asAgent, "GET", "/v1/conversations/"+w.open(w.billing.ID, "x")+"/manual-workflows", nil)
	reads := w.want(201, w.asAdmin, "POST", "/v1/tokens",
		map[string]any{"user_id": w.agent.ID, "name": "reads", "scopes": []string{"read"}}).text(t, "token")
	if got := w.want(200, reads, "GET", list, nil).names(t); len(got) != 0 {
		t.Errorf("a token that runs nothing is told of %q", got)
	}
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+conv, nil)
	if got := w.want(200, w.asAgent, "GET", list, nil).names(t); len(got) != 0 {
		t.Errorf("on a deleted conversation: %q", got)
	}
}

func TestAPreviewSaysWhatWouldBeDoneAndStoresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(edited(t, sorry, fmt.Sprintf(`{"name": "Hand over", "actions": [{"do": "set_subject",
		"subject": "[late] {%%subject%%}"},
		{"do": "reply", "as": "agent", "body": "Sorry, {%%customer.firstName%%}. {%%user.fullName%%}"}, {"do": "assign", "to": "me"},
		{"do": "webhook", "url": "https://erp.example/x?key=secret", "headers": {"X-Key": "secret"}, "event": "late",
			"body": {"n": "{%%conversation.number%%}"}},
		{"do": "notify", "to": "all_users", "subject": "Late", "body": "Look."}, {"do": "add_tags", "tags": ["late"]},
		{"do": "move", "mailbox": %q}, {"do": "note", "body": "Only billing reads this."}]}`, w.billing.ID)))
	_, follows := w.workflow(edited(t, refund, `{"name": "Follows", "mode": "on", "conditions": [{"any": [{"field": "tag_added"}]}], `+
		`"actions": [{"do": "note", "body": "x"}]}`))
	conv := w.open(w.support.ID, "Refund")
	w.advance(conv)
	before := w.Counts()
	ask := map[string]any{"workflow_id": id}
	r := w.want(200, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs/preview", ask)
	admin := w.want(200, w.asAdmin, "POST", "/v1/conversations/"+conv+"/runs/preview", ask)
	if after := w.Counts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	if r.text(t, "state") != "done" || r.field(t, "needs_confirmation") != true || r.text(t, "workflow_name") != "Hand over" ||
		r.field(t, "version") != 1.0 {
		t.Errorf("%s", r.body)
	}
	for i, want := range []string{"done", "queued", "done", "queued", "queued", "done", "done", "done"} {
		if got := r.text(t, "actions", i, "state"); got != want {
			t.Errorf("action %d would be %s, want %s: %s", i, got, want, r.body)
		}
	}
	for _, c := range []struct{ got, want string }{
		{r.text(t, "actions", 0, "changes", 0), `The workflow “Hand over” changed the subject from “Refund” to “[late] Refund”`},
		{r.text(t, "actions", 1, "writes", "text"), "Sorry, Ann. Bob"},
		{r.text(t, "actions", 1, "writes", "from"), `"Bob" <Support@smarticks.test>`},
		{r.text(t, "actions", 1, "writes", "to", 0), "ann@example.com"},
		{r.text(t, "actions", 2, "changes", 0), `The workflow “Hand over” assigned it to Bob`},
		{r.text(t, "actions", 3, "writes", "url"), "https://erp.example/x"},
		{r.text(t, "actions", 3, "writes", "body"), `{"n":"1"}`},
		{r.text(t, "actions", 4, "writes", "to", 0), "bob@smarticks.test"},
		{r.text(t, "actions", 4, "writes", "text"), "Look."},
		{admin.text(t, "actions", 7, "writes", "text"), "Only billing reads this."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if r.field(t, "actions", 7, "writes", "hidden") != true || strings.Contains(string(r.body), "Only billing") ||
		strings.Contains(string(r.body), "secret") {
		t.Errorf("the agent, who does not see the other mailbox, is told %s", r.body)
	}
	_, tagging := w.workflow(edited(t, manual, `{"name": "Tag"}`))
	then := w.want(200, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs/preview", map[string]any{"workflow_id": tagging})
	if then.text(t, "then", 0, "workflow_id") != follows ||
		!strings.HasSuffix(then.text(t, "then", 0, "sentence"), "because of what happens before: add a note") {
		t.Errorf("what the tag sets off is not told: %s", then.body)
	}
}

func TestAPreviewIsRefusedWhereTheRunWouldBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conv, other := w.open(w.support.ID, "Refund"), w.open(w.billing.ID, "Bill")
	_, automatic := w.workflow(edited(t, refund, `{"mode": "on", "actions": [{"do": "note", "body": "x"}]}`))
	path, off := w.workflow(edited(t, manual, `{"name": "Off"}`))
	w.want(200, w.asAdmin, "PATCH", path, `{"mode": "off"}`)
	_, good := w.workflow(manual)
	look := func(status int, conv, workflow string) {
		t.Helper()
		w.want(status, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs/preview", map[string]any{"workflow_id": workflow})
	}
	look(200, conv, good)
	look(422, conv, automatic)
	look(409, conv, off)
	look(404, conv, nobodysID)
	look(404, other, good)
	look(404, nobodysID, good)

	deleted := w.open(w.support.ID, "x")
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+deleted, nil)
	many := w.want(200, w.asAgent, "POST", "/v1/workflows/"+good+"/run/preview",
		map[string]any{"conversation_ids": []string{conv, deleted, other, nobodysID, "nothing"}})
	for i, want := range []string{"asked", "refused", "not_found", "not_found", "not_found"} {
		if got := many.text(t, "results", i, "outcome"); got != want || (many.field(t, "results", i, "preview") != nil) != (want == "asked") {
			t.Errorf("result %d: %s", i, many.body)
		}
	}
	if many.text(t, "results", 0, "preview", "actions", 0, "state") != "done" {
		t.Errorf("%s", many.body)
	}
	w.want(404, w.asAgent, "POST", "/v1/workflows/"+nobodysID+"/run/preview", map[string]any{"conversation_ids": []string{conv}})
	w.want(422, w.asAgent, "POST", "/v1/workflows/"+good+"/run/preview", map[string]any{"conversation_ids": []string{}})
}

func TestPreviewsOfWhatEndsTheConversationOrDoesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, erases := w.workflow(edited(t, manual, `{"name": "Erases", "actions": [{"do": "note", "body": "x"}, {"do": "delete_forever"}]}`))
	_, watches := w.workflow(edited(t, sorry, `{"name": "Watches", "mode": "watch"}`))
	preview := func(conv, workflow string) reply {
		t.Helper()
		return w.want(200, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs/preview", map[string]any{"workflow_id": workflow})
	}
	conv := w.open(w.support.ID, "Refund")
	r := preview(conv, erases)
	if r.text(t, "state") != "done" || r.text(t, "actions", 0, "writes", "text") != "x" ||
		r.text(t, "actions", 1, "do") != "delete_forever" || r.text(t, "actions", 1, "state") != "done" {
		t.Errorf("%s", r.body)
	}
	r = preview(conv, watches)
	if r.text(t, "mode") != "watch" || r.text(t, "actions", 1, "state") != "watched" || r.field(t, "actions", 1, "writes") != nil {
		t.Errorf("%s", r.body)
	}
	// What is not handled yet comes first, and leaves nothing to run on.
	w.workflow(edited(t, refund, `{"name": "Before", "mode": "on", "actions": [{"do": "delete_forever"}]}`))
	r = preview(w.open(w.support.ID, "Refund please"), erases)
	if r.text(t, "state") != "refused" || r.text(t, "reason") != "the conversation was deleted before the run began" ||
		r.text(t, "workflow_name") != "Erases" {
		t.Errorf("%s", r.body)
	}
}
