package api_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

const secretHook = `{"name":"Hook","type":"manual","actions":[
	{"do":"webhook","url":"https://erp.example/x?key=URLSECRET","headers":{"Authorization":"Bearer HEADERSECRET"},"body":{}}]}`

// TestASecretOfAWebhookIsForWhoManagesTheWorkflow asks every route that reads, and what
// shows a run before it is, as an agent, as an admin by a token that manages nothing,
// and as managers.
func TestASecretOfAWebhookIsForWhoManagesTheWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	workflows := "/v1/mailboxes/" + string(w.support.ID) + "/workflows"
	id := w.want(201, w.asAdmin, "POST", workflows, strings.Replace(secretHook, `"type"`, `"mode":"on","type"`, 1)).text(t, "id")
	at := "/v1/workflows/" + id
	w.want(200, w.asAdmin, "PUT", at, strings.ReplaceAll(secretHook, "SECRET", "SECRET2"))
	conv := w.open(w.support.ID, "Refund")
	w.want(202, w.asAdmin, "POST", "/v1/conversations/"+conv+"/runs", `{"workflow_id":"`+id+`"}`)
	readOnly := w.scoped(w.admin.ID, access.ScopeRead, access.ScopeWrite)
	manager := testhouse.Got(w.Store.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Eve", Email: "eve@smarticks.test", Role: conversation.RoleAgent,
			Mailboxes: []conversation.MailboxID{w.support.ID}, ManageWorkflows: true}))(t)
	asManager := w.token(manager.ID)
	w.want(202, w.asAdmin, "POST", at+"/run", `{"conversation_ids":["`+conv+`"]}`)
	ids := map[string]string{"workflows": id, "conversations": conv, "mailboxes": string(w.support.ID), "deliveries": nobodysID}
	w.Exec(`INSERT INTO deliveries (id, conversation_id, mailbox_id, kind, state, next_at, created_at, payload) VALUES ($3, $1, $2,
		'webhook', 'failed', now(), now(), $4)`,
		conv, w.support.ID, nobodysID, `{"webhook":{"url":"https://erp.example/x?key=URLSECRET","method":"POST",
			"headers":{"Authorization":"Bearer HEADERSECRET"},"body":"e30="}}`)
	reads := 0
	for key, verb := range api.Verbs(api.Config{}) {
		method, pattern, _ := strings.Cut(key, " ")
		if method != "GET" || verb == "open" {
			continue
		}
		reads++
		segments := strings.Split(pattern, "/")
		for i, s := range segments {
			switch {
			case s == ":n":
				segments[i] = "1"
			case s == ":workflow_id":
				segments[i] = id
			case strings.HasPrefix(s, ":") && ids[segments[2]] != "":
				segments[i] = ids[segments[2]]
			case strings.HasPrefix(s, ":"):
				segments[i] = objects[segments[2]].make(w, w.support)
			}
		}
		path := strings.Join(segments, "/") + strings.ReplaceAll(queries[key], "WORKFLOW", id)
		for name, token := range map[string]string{"an agent": w.asAgent, "a token that reads": readOnly} {
			if r := w.call(token, "GET", path, nil); strings.Contains(string(r.body), "SECRET") || r.status >= 500 {
				t.Errorf("GET %s shows a secret to %s: %d %.400s", path, name, r.status, r.body)
			}
		}
	}
	if reads < 40 {
		t.Errorf("only %d routes were asked", reads)
	}
	for name, token := range map[string]string{"an agent": w.asAgent, "a token that reads": readOnly} {
		for path, body := range map[string]string{at + "/run/preview": `{"conversation_ids":["` + conv + `"]}`,
			"/v1/conversations/" + conv + "/runs/preview": `{"workflow_id":"` + id + `"}`} {
			if r := w.want(200, token, "POST", path, body); strings.Contains(string(r.body), "SECRET") {
				t.Errorf("POST %s shows a secret to %s: %.400s", path, name, r.body)
			}
		}
	}
	for _, path := range []string{workflows, at, at + "/versions/1", at + "/versions/1/diff", workflows + "/export"} {
		for name, token := range map[string]string{"an admin": w.asAdmin, "a manager": asManager} {
			if r := w.want(200, token, "GET", path, nil); !strings.Contains(string(r.body), "HEADERSECRET") ||
				!strings.Contains(string(r.body), "URLSECRET") {
				t.Errorf("GET %s does not show %s the secrets: %.400s", path, name, r.body)
			}
		}
	}
	w.want(403, w.asAgent, "GET", workflows+"/export", nil)
	w.want(403, readOnly, "GET", workflows+"/export", nil)

	// What is hidden and comes back means: as it is.
	hidden := strings.ReplaceAll(strings.ReplaceAll(secretHook, "key=URLSECRET", "(hidden)"), "Bearer HEADERSECRET", "(hidden)")
	w.want(200, asManager, "PUT", at, strings.Replace(hidden, `"Hook"`, `"Renamed"`, 1))
	if r := w.want(200, asManager, "GET", at, nil); !strings.Contains(string(r.body), "Bearer HEADERSECRET2") ||
		!strings.Contains(string(r.body), "key=URLSECRET2") {
		t.Errorf("the secrets are gone: %s", r.body)
	}
	w.want(200, asManager, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/apply",
		`{"workflows":[`+strings.Replace(hidden, `"Hook"`, `"Renamed"`, 1)+`]}`)
	if r := w.want(200, asManager, "GET", at, nil); !strings.Contains(string(r.body), "Bearer HEADERSECRET2") {
		t.Errorf("the secrets are gone: %s", r.body)
	}
	for _, elsewhere := range []string{"https://evil.example/x", "https://erp.example/y", "http://erp.example/x"} {
		r := w.want(422, asManager, "PUT", at, strings.Replace(hidden, "https://erp.example/x", elsewhere, 1))
		if !strings.Contains(string(r.body), "is hidden: give the value") {
			t.Errorf("%s: %s", elsewhere, r.body)
		}
	}
	w.want(422, asManager, "POST", workflows, hidden)
}

// TestATokenMakesNobodyWhoMayDoMore holds the ways by which a token could become a
// session, or somebody, with more than its scopes.
func TestATokenMakesNobodyWhoMayDoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	agent, admin := "/v1/users/"+string(w.agent.ID), "/v1/users/"+string(w.admin.ID)
	tries := []struct{ method, path, body string }{
		{"PUT", agent + "/password", `{"password":"correct horse battery"}`},
		{"PUT", admin + "/password", `{"password":"correct horse battery"}`},
		{"POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"admin"}`},
		{"POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"agent"}`},
		{"PATCH", agent, `{"role":"admin"}`},
		{"PATCH", agent, `{"mailbox_ids":[]}`},
		{"PATCH", agent, `{"manage_workflows":true}`},
		{"PATCH", agent, `{"manage_workflows_in":[]}`},
		{"PATCH", agent, `{"email":"me@elsewhere.example"}`},
	}
	for _, scopes := range [][]access.Scope{{access.ScopeManage}, {access.ScopeManage, access.ScopeRead},
		{access.ScopeManage, access.ScopeWrite}} {
		token := w.scoped(w.admin.ID, scopes...)
		before := w.Counts()
		for _, try := range tries {
			w.want(403, token, try.method, try.path, try.body)
		}
		if after := w.Counts(); after != before {
			t.Errorf("something was stored: %s, then %s", before, after)
		}
		w.want(200, token, "PATCH", agent, `{"available":false}`) // it is what manage is for
	}
	for _, try := range tries[:1] {
		w.want(204, w.asAdmin, try.method, try.path, try.body)
	}
	w.want(200, w.asAdmin, "PATCH", agent, `{"role":"admin"}`)
}

// scoped makes a token of the user with these scopes.
func (w *world) scoped(user conversation.UserID, scopes ...access.Scope) string {
	w.Helper()
	_, secret, err := w.Store.CreateToken(w.Context(), access.System(), access.Token{UserID: user, Name: "test", Scopes: scopes})
	if err != nil {
		w.Fatal(err)
	}
	return secret
}
