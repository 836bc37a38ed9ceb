package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// manual is a workflow that an agent runs.
const manual = `{"name": "Escalate", "type": "manual", "mode": "on", "actions": [{"do": "add_tags", "tags": ["urgent"]}, {"do": ` +
	`"assign", "to": "me"}]}`

// advance lets the workflows handle what happened, like the worker.
func (w *world) advance(conversationID string) {
	w.Helper()
	a := activities.New(activities.Config{
		Open: func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return w.Store.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
		},
		Deliveries: w.Store, NewID: store.NewID,
	})
	for {
		got, err := a.Advance(w.Context(), activities.AdvanceInput{ConversationID: conversationID})
		if err != nil {
			w.Fatal(err)
		}
		if !got.More {
			return
		}
	}
}

func TestManualRunIsAnEventARunAndARing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := w.workflow(manual)
	conv := w.open(w.support.ID, "Refund")
	w.advance(conv)
	if n := w.Number(`SELECT count(*) FROM outbox`); n != 0 {
		t.Fatalf("%d rings before", n)
	}
	asked := w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": id}, "Idempotency-Key", "once")
	again := w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": id}, "Idempotency-Key", "once")
	if asked.text(t, "state") != "asked" || asked.text(t, "asked_by") != string(w.agent.ID) || asked.text(t, "id") != again.text(t, "id") {
		t.Errorf("%s, then %s", asked.body, again.body)
	}
	run := asked.text(t, "id")
	if n := w.Number(`SELECT count(*) FROM events WHERE kind = 'manual_run' AND data->>'run' = $1 AND seq = $2`, run,
		asked.field(t, "seq")); n != 1 {
		t.Errorf("%d events for one request", n)
	}
	if n := w.Number(`SELECT count(*) FROM runs WHERE id = $1 AND state = 'asked'`, run); n != 1 {
		t.Errorf("%d runs are asked for", n)
	}
	if n := w.Number(`SELECT count(*) FROM outbox WHERE id = $1 AND manual`, conv); n != 1 {
		t.Errorf("%d rings for a manual run", n)
	}
	w.advance(conv)
	done := w.want(200, w.asAgent, "GET", "/v1/runs/"+run, nil)
	if done.text(t, "state") != "done" || done.text(t, "trigger") != "manual" || done.field(t, "version") != 1.0 ||
		done.text(t, "actions", 0, "state") != "done" || done.text(t, "actions", 0, "sentence") != `add the tag "urgent"` {
		t.Errorf("%s", done.body)
	}
	if a := w.want(200, w.asAgent, "GET", "/v1/conversations/"+conv, nil).text(t, "assignee_id"); a != string(w.agent.ID) {
		t.Errorf("assigned to %q, not to the agent who asked", a)
	}
}

func TestManualRunsThatMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conv := w.open(w.support.ID, "Refund")
	other := w.open(w.billing.ID, "Bill")
	ask := func(status int, token, conv, workflow string) {
		t.Helper()
		w.want(status, token, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": workflow})
	}
	_, automatic := w.workflow(edited(t, refund, `{"mode": "on"}`))
	_, draft := w.workflow(edited(t, manual, `{"name": "Draft", "mode": null}`))
	path, off := w.workflow(edited(t, manual, `{"name": "Off"}`))
	w.want(200, w.asAdmin, "PATCH", path, `{"mode": "off"}`)
	gonePath, gone := w.workflow(edited(t, manual, `{"name": "Gone"}`))
	w.want(204, w.asAdmin, "DELETE", gonePath, nil)
	_, good := w.workflow(manual)
	before := w.workflowCounts()
	ask(422, w.asAgent, conv, automatic)
	ask(409, w.asAgent, conv, draft)
	ask(409, w.asAgent, conv, off)
	ask(404, w.asAgent, conv, gone)
	ask(404, w.asAgent, conv, "nothing")
	ask(404, w.asAgent, conv, string(w.admin.ID))
	ask(404, w.asAdmin, other, good) // of another mailbox than the conversation's
	ask(404, w.asAgent, other, good)
	ask(404, w.asAgent, string(w.admin.ID), good)
	w.want(422, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", `{}`)
	if after := w.workflowCounts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+conv, nil)
	ask(409, w.asAgent, conv, good)
}

func TestManualRunOnManyConversationsAnswersForEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(manual)
	a, b, foreign := w.open(w.support.ID, "a"), w.open(w.support.ID, "b"), w.open(w.billing.ID, "c")
	many := func(status int, token string, ids []string) reply {
		t.Helper()
		return w.want(status, token, "POST", path+"/run", map[string]any{"conversation_ids": ids}, "Idempotency-Key", "many")
	}
	first := many(202, w.asAgent, []string{a, foreign, "nothing", b})
	many(202, w.asAgent, []string{a, foreign, "nothing", b})
	for i, want := range []string{"asked", "", "", "asked"} {
		got := ""
		if first.field(t, "results", i, "run") != nil {
			got = first.text(t, "results", i, "run", "state")
		} else if first.field(t, "results", i, "problem", "status") != 404.0 {
			t.Errorf("%s", first.body)
		}
		if got != want {
			t.Errorf("result %d is %q, want %q", i, got, want)
		}
	}
	if n := w.Number(`SELECT count(*) FROM runs`); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
	w.want(404, w.asAgent, "POST", "/v1/workflows/"+string(w.admin.ID)+"/run", map[string]any{"conversation_ids": []string{a}})
	for _, bad := range [][]string{{}, {a, a}, make([]string, 101)} {
		w.want(422, w.asAgent, "POST", path+"/run", map[string]any{"conversation_ids": bad})
	}
}

func TestRunsAreListedNewestFirstAndOnlyWhereSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(manual)
	conv := w.open(w.support.ID, "Refund")
	var asked []string
	for range 3 {
		asked = append(asked, w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": id}).text(t,
			"id"))
	}
	for _, list := range []string{path + "/runs", "/v1/conversations/" + conv + "/runs"} {
		r := w.want(200, w.asAgent, "GET", list+"?limit=2", nil)
		if r.text(t, "items", 0, "id") != asked[2] || r.text(t, "items", 1, "id") != asked[1] {
			t.Errorf("%s", r.body)
		}
		rest := w.want(200, w.asAgent, "GET", list+"?limit=2&cursor="+r.text(t, "next_cursor"), nil)
		if rest.text(t, "items", 0, "id") != asked[0] || rest.field(t, "next_cursor") != nil {
			t.Errorf("%s", rest.body)
		}
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+conv, map[string]string{"mailbox_id": string(w.billing.ID)})
	w.want(404, w.asAgent, "GET", "/v1/runs/"+asked[0], nil)
	w.want(404, w.asAgent, "GET", "/v1/runs/"+string(w.admin.ID), nil)
	if r := w.want(200, w.asAgent, "GET", path+"/runs", nil); len(r.field(t, "items").([]any)) != 0 {
		t.Errorf("runs on a conversation that the agent does not see any more: %s", r.body)
	}
}

func TestFailedDeliveryIsSentAgainOnceAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workflow(edited(t, refund, `{"mode": "on", "actions": [{"do": "webhook", "url": "https://erp.example/hook?key=secret", "event": `+
		`"refund"}]}`))
	conv := w.open(w.support.ID, "Refund please")
	w.advance(conv)
	list := w.want(200, w.asAgent, "GET", "/v1/deliveries?kind=webhook&state=waiting&conversation_id="+conv, nil)
	path := "/v1/deliveries/" + list.text(t, "items", 0, "id")
	if list.text(t, "items", 0, "webhook", "url") != "https://erp.example/hook" || strings.Contains(string(list.body), "secret") {
		t.Errorf("%s", list.body)
	}
	for _, none := range []string{"?kind=reply", "?state=sent", "?conversation_id=" + string(w.admin.ID), "?conversation_id=x"} {
		if r := w.want(200, w.asAgent, "GET", "/v1/deliveries"+none, nil); len(r.field(t, "items").([]any)) != 0 {
			t.Errorf("%s: %s", none, r.body)
		}
	}
	w.want(422, w.asAgent, "GET", "/v1/deliveries?state=lost", nil)
	w.want(409, w.asAgent, "POST", path+"/redeliver", nil)
	w.Exec(`UPDATE deliveries SET state = 'failed', attempts = 2, first_at = created_at, finished_at = now(), next_at = now() - interval
		'1 day', reason = 'HTTP 410'`)
	w.Exec(`INSERT INTO attempts (delivery_id, n, state, code, reason, started_at, ended_at)
		SELECT id, n, 'failed', 410, 'HTTP 410', now(), now() FROM deliveries, generate_series(1, 2) n`)
	failed := w.want(200, w.asAgent, "GET", path, nil)
	if failed.text(t, "state") != "failed" || failed.field(t, "next_at") != nil || failed.field(t, "tries", 1, "code") != 410.0 {
		t.Errorf("%s", failed.body)
	}
	again := w.want(202, w.asAgent, "POST", path+"/redeliver", nil)
	if again.text(t, "state") != "waiting" || again.field(t, "attempts") != 2.0 || again.text(t, "id") != failed.text(t, "id") {
		t.Errorf("%s", again.body)
	}
	if next := testhouse.Got(time.Parse(time.RFC3339, again.text(t, "next_at")))(t); time.Since(next) > time.Minute {
		t.Errorf("the next attempt is at %v", next)
	}
	w.want(409, w.asAgent, "POST", path+"/redeliver", nil)
	if n := w.Number(`SELECT count(*) FROM events e JOIN outbox o ON o.id = e.conversation_id WHERE e.kind = 'redeliver'`); n != 1 {
		t.Errorf("%d events and rings", n)
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+conv, map[string]string{"mailbox_id": string(w.billing.ID)})
	w.want(404, w.asAgent, "GET", path, nil)
	w.want(404, w.asAgent, "POST", path+"/redeliver", nil)
	if r := w.want(200, w.asAgent, "GET", "/v1/deliveries", nil); len(r.field(t, "items").([]any)) != 0 {
		t.Errorf("%s", r.body)
	}
}
