package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/internal/testhouse"
)

// sorry is a manual workflow that writes to the customer.
const sorry = `{"name": "Sorry", "type": "manual", "mode": "on", "actions": [{"do": "add_tags", "tags": ["sorry"]},
	{"do": "reply", "body": "Sorry, {%customer.firstName%}."}, {"do": "webhook", "url": "https://erp.example/x?key=secret"},
		{"do": "delete"}]}`

func TestWhatMustBeConfirmedIsToldAndNotAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(sorry)
	conv := w.open(w.support.ID, "Refund")
	before := w.Counts()
	for address, body := range map[string]map[string]any{
		"/v1/conversations/" + conv + "/runs": {"workflow_id": id},
		path + "/run":                         {"conversation_ids": []string{conv}},
	} {
		for _, confirmed := range []any{nil, false} {
			if body["confirmed"] = confirmed; confirmed == nil {
				delete(body, "confirmed")
			}
			r := w.want(409, w.asAgent, "POST", address, body, "Idempotency-Key", "once")
			if r.text(t, "type") != "urn:smarticks:problem:unconfirmed" || r.text(t, "errors", 0, "location") != "actions[1]" ||
				r.text(t, "errors", 0, "message") != "reply to the customer" || r.text(t, "errors", 2, "message") != "delete it" ||
				len(r.field(t, "errors").([]any)) != 3 || strings.Contains(string(r.body), "secret") {
				t.Errorf("%s", r.body)
			}
		}
	}
	if after := w.Counts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	// The key of what was refused is free for what is confirmed.
	r := w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": id, "confirmed": true},
		"Idempotency-Key", "once")
	w.advance(conv)
	if done := w.want(200, w.asAgent, "GET", "/v1/runs/"+r.text(t, "id"), nil); done.text(t, "state") != "done" {
		t.Errorf("%s", done.body)
	}
}

func TestAWorkflowMaySayWhetherItMustBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conv := w.open(w.support.ID, "Refund")
	_, free := w.workflow(edited(t, sorry, `{"name": "Free", "confirm": false}`))
	_, asks := w.workflow(edited(t, manual, `{"name": "Asks", "confirm": true}`))
	w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": free})
	r := w.want(409, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": asks})
	if r.text(t, "errors", 0, "message") != `add the tag "urgent"` {
		t.Errorf("it neither sends nor deletes, so all that it does is told: %s", r.body)
	}
	w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]any{"workflow_id": asks, "confirmed": true})
}

func TestARunThatWasConfirmedForAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		first, then string
		confirmed   bool
		state       string
	}{
		"it sends now":              {manual, `{"actions": [{"do": "reply", "body": "x"}]}`, false, "refused"},
		"it sends something else":   {sorry, `{"actions": [{"do": "reply", "body": "y"}]}`, true, "refused"},
		"it sends nothing any more": {sorry, `{"actions": [{"do": "note", "body": "y"}]}`, true, "done"},
		"it is the same":            {sorry, `{}`, true, "done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			conv := w.open(w.support.ID, "Refund")
			w.advance(conv)
			path, id := w.workflow(change.first)
			run := w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs",
				map[string]any{"workflow_id": id, "confirmed": change.confirmed}).text(t, "id")
			if change.then != `{}` {
				w.want(200, w.asAdmin, "PUT", path, edited(t, change.first, strings.Replace(change.then, "{", `{"mode": null, `, 1)))
				w.want(200, w.asAdmin, "POST", path+"/publish", nil)
			}
			w.advance(conv)
			r := w.want(200, w.asAgent, "GET", "/v1/runs/"+run, nil)
			if r.text(t, "state") != change.state || (change.state == "refused") != strings.Contains(r.text(t, "reason"), "confirmed anew") {
				t.Errorf("%s", r.body)
			}
		})
	}
}

func TestTheRepeatOfABulkIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(manual)
	a, b, foreign := w.open(w.support.ID, "a"), w.open(w.support.ID, "b"), w.open(w.billing.ID, "c")
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+b, nil)
	ids := []string{a, b, foreign, nobodysID, "nothing"}
	many := func(status int, ids []string) reply {
		t.Helper()
		return w.want(status, w.asAgent, "POST", path+"/run", map[string]any{"conversation_ids": ids}, "Idempotency-Key", "many")
	}
	first := many(202, ids)
	for i, want := range []string{"asked", "refused", "not_found", "not_found", "not_found"} {
		if got := first.text(t, "results", i, "outcome"); got != want {
			t.Errorf("result %d is %s, want %s", i, got, want)
		}
	}
	problemOf := func(i int) string { return first.text(t, "results", i, "problem", "detail") }
	if problemOf(2) != problemOf(3) || problemOf(3) != problemOf(4) {
		t.Errorf("a foreign conversation is told from a missing one: %s", first.body)
	}
	// What was refused would be accepted now.
	w.Exec(`UPDATE conversations SET state = 'published' WHERE id = $1`, b)
	w.Exec(`UPDATE conversations SET mailbox_id = $2 WHERE id = $1`, foreign, w.support.ID)
	if again := many(202, ids); string(again.body) != string(first.body) {
		t.Errorf("first %s, then %s", first.body, again.body)
	}
	many(409, []string{b})
	if n := w.Number(`SELECT count(*) FROM runs`); n != 1 {
		t.Errorf("%d runs", n)
	}
	fresh := w.want(202, w.asAgent, "POST", path+"/run", map[string]any{"conversation_ids": ids}, "Idempotency-Key", "anew")
	if fresh.text(t, "results", 1, "outcome") != "asked" || fresh.text(t, "results", 2, "outcome") != "asked" {
		t.Errorf("%s", fresh.body)
	}
}

func TestABulkThatEndsEarlyGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, _ := w.workflow(manual)
	ids := []string{w.open(w.support.ID, "a"), w.open(w.support.ID, "b"), w.open(w.support.ID, "c")}
	many := func(status int) reply {
		t.Helper()
		return w.want(status, w.asAgent, "POST", path+"/run", map[string]any{"conversation_ids": ids}, "Idempotency-Key", "many")
	}
	conn := testhouse.Got(pgx.Connect(t.Context(), w.DSN))(t)
	defer conn.Close(context.WithoutCancel(t.Context()))
	tx := testhouse.Got(conn.Begin(t.Context()))(t)
	testhouse.Got(tx.Exec(t.Context(), `SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE`, ids[1]))(t)
	many(503) // somebody holds the second
	if n := w.Number(`SELECT count(*) FROM runs`); n != 1 {
		t.Fatalf("%d runs, want the first", n)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := many(202)
	for i := range ids {
		if r.text(t, "results", i, "outcome") != "asked" {
			t.Errorf("%s", r.body)
		}
	}
	if n := w.Number(`SELECT count(*) FROM runs`); n != len(ids) {
		t.Errorf("%d runs, want one each", n)
	}
}
