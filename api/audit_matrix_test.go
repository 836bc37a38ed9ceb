package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// unaudited are the writing routes that leave nothing in the audit, and why.
var unaudited = map[string]string{
	"POST /v1/workflows/:id/tests":           "stores nothing",
	"POST /v1/workflows/:id/check":           "stores nothing",
	"POST /v1/mailboxes/:id/workflows/check": "stores nothing",
	"POST /v1/workflows/:id/backtest":        "changes nothing; the backtest says whose it is",
	"POST /v1/backtests/:id/cancel":          "changes nothing",

	"POST /v1/sessions":           "has no caller yet: see TestLogInAndOut",
	"DELETE /v1/sessions/current": "needs a session: see TestLogInAndOut",
	"POST /v1/mailboxes/:id/plan": "stores nothing",
}

// inTimeline are the verbs of what is done to conversations: it stands in their
// timelines, with who did it.
var inTimeline = []access.Verb{access.WriteConversation, access.RunWorkflow}

// auditedToo are routes of these verbs that change more than a conversation.
var auditedToo = []string{"POST /v1/deliveries/:id/redeliver"}

// changing are the bodies with which a request changes something, where that of the
// access matrix may change nothing.
var changing = map[string]string{
	"PATCH /v1/settings":     `{"workflow_user_name":"Robot"}`,
	"PATCH /v1/webhooks/:id": `{"enabled":false}`,
	"PATCH /v1/users/:id":    `{"name":"Other"}`,
	"PATCH /v1/folders/:id":  `{"status":["closed"]}`,
	"POST /v1/mailboxes":     `{"name":"NAME","email":"NAME@smarticks.test"}`,
	"POST /v1/users":         `{"name":"NAME","email":"NAME@smarticks.test","role":"agent"}`,
	"POST /v1/tokens":        `{"user_id":"USER","name":"NAME"}`,
	"POST /v1/webhooks":      `{"name":"NAME","url":"https://erp.example/x?key=hush"}`,
	"POST /v1/folders":       `{"mailbox_id":"MAILBOX","name":"NAME","status":["active"]}`,
	"POST /v1/fields":        `{"mailbox_id":"MAILBOX","name":"NAME","label":"x","type":"text"}`,
	"POST /v1/mailboxes/:id/workflows": `{"name":"NAME","type":"manual","actions":[
		{"do":"webhook","url":"https://erp.example/x?key=hush","headers":{"Authorization":"hush"},"body":{}}]}`,
}

// first makes that there is something to change, of the object at the path.
var first = map[string]func(w *world, path string){
	"POST /v1/workflows/:id/publish": (*world).redraft,
	"POST /v1/workflows/:id/versions/:n/restore": func(w *world, path string) {
		w.redraft(path)
		w.want(200, w.asAdmin, "POST", upTo(path, 4)+"/publish", nil)
	},
	"POST /v1/workflows/:id/resume": func(w *world, path string) {
		w.Exec(`UPDATE definitions SET paused_at = now(), paused_reason = 'x' WHERE id = $1`, strings.Split(path, "/")[3])
	},
	"POST /v1/conversations/:id/workflows/:workflow_id/resume": func(w *world, path string) {
		ids := strings.Split(path, "/")
		w.Exec(`INSERT INTO pauses (conversation_id, definition_id, kind, reason, created_at) VALUES ($1, $2, 'runs', 'x', now())`, ids[3],
			ids[5])
	},
	"DELETE /v1/users/:id/sessions": func(w *world, path string) {
		w.Exec(`INSERT INTO sessions (id, user_id, hash, created_at, used_at, expires_at) VALUES (gen_random_uuid(), $1, '', now(), now(),
			now() + interval '1 day')`, strings.Split(path, "/")[3])
	},
	"POST /v1/rollouts/:id/resume": func(w *world, path string) { w.want(200, w.asAdmin, "POST", upTo(path, 4)+"/pause", nil) },
}

func upTo(path string, segments int) string {
	return strings.Join(strings.Split(path, "/")[:segments], "/")
}

func (w *world) redraft(path string) {
	w.want(200, w.asAdmin, "PUT", upTo(path, 4),
		map[string]any{"name": w.fresh(w.support), "type": "manual", "actions": []any{map[string]any{"do": "note", "body": "y"}}})
}

func (w *world) changingBody(key string, mailbox conversation.Mailbox) any {
	text, ok := changing[key]
	switch {
	case key == "PUT /v1/mailboxes/:id/workflows/order":
		last := w.workflowIn(mailbox)
		return map[string]any{"workflow_ids": []string{w.workflowIn(mailbox), last}}
	case !ok:
		return w.fillBody(key, mailbox)
	}
	return strings.NewReplacer("MAILBOX", string(mailbox.ID), "USER", string(w.agent.ID), "NAME", w.fresh(mailbox)).Replace(text)
}

// TestEveryChangeIsInTheAudit asks for every route that changes configuration or
// people, with success, and looks for what it left. A route that is added is asked
// for too.
func TestEveryChangeIsInTheAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verbs := api.Verbs(api.Config{})
	var tokenID string
	w.Value(&tokenID, `SELECT id::text FROM tokens WHERE user_id = $1`, w.admin.ID)
	for _, key := range slices.Sorted(mapKeys(verbs)) {
		if _, known := unaudited[key]; known || strings.HasPrefix(key, "GET ") || slices.Contains(inTimeline, verbs[key]) &&
			!slices.Contains(auditedToo, key) {
			continue
		}
		// Nothing is in it, so that it can be deleted too.
		mailbox := testhouse.Got(w.Store.CreateMailbox(t.Context(), access.System(),
			conversation.Mailbox{Name: "Own", Email: w.fresh(w.support) + "@smarticks.test"}))(t)
		path := w.fill(key, mailbox, false)
		if make, ok := first[key]; ok {
			make(w, path)
		}
		body := w.changingBody(key, mailbox)
		last := w.Number(`SELECT coalesce(max(id), 0) FROM audit`)
		method, _, _ := strings.Cut(key, " ")
		got := w.call(w.asAdmin, method, path, body)
		if got.status >= 300 {
			t.Errorf("%s: %d, want success: say in api/audit_matrix_test.go with which body (changing) and after what (first): %s", key,
				got.status, got.body)
			continue
		}
		var left []struct {
			Kind, ID, TokenID, TokenName, Request, Address, Verb, Object string
		}
		var raw []byte
		w.Value(&raw, `SELECT coalesce(json_agg(json_build_object('Kind', actor_kind, 'ID', actor_id, 'TokenID', token_id, 'TokenName',
			token_name,
			'Request', request_id, 'Address', address, 'Verb', verb, 'Object', object_id) ORDER BY id), '[]') FROM audit WHERE id > $1`, last)
		if err := json.Unmarshal(raw, &left); err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			t.Errorf("%s leaves nothing in the audit: have the store write it in the transaction of the change, or say in "+
				"api/audit_matrix_test.go why not (unaudited)", key)
		}
		for _, e := range left {
			if e.Kind != "user" || e.ID != string(w.admin.ID) || e.TokenID != tokenID || e.TokenName != "test" ||
				e.Request != got.header.Get("X-Request-Id") || e.Address != "127.0.0.1" {
				t.Errorf("%s leaves %+v", key, e)
			}
		}
	}
	for _, secret := range []string{"hush", "whsec_", w.asAdmin} {
		if n := w.Number(`SELECT count(*) FROM audit WHERE coalesce(before::text, '') || coalesce(after::text, '') LIKE '%' || $1 || '%'`,
			secret); n != 0 {
			t.Errorf("%d entries hold %q", n, secret)
		}
	}
}
