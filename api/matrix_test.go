package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
)

// objects says how to make what {id} stands for after the first word of a path, in
// a mailbox. scoped: who is not a member of the mailbox does not see it.
var objects = map[string]struct {
	scoped bool
	make   func(*world, conversation.Mailbox) string
}{
	"mailboxes":     {true, func(_ *world, m conversation.Mailbox) string { return string(m.ID) }},
	"conversations": {true, (*world).conversationIn},
	"customers":     {true, (*world).customerIn},
	"workflows":     {true, (*world).workflowIn},
	"runs":          {true, (*world).runIn},
	"deliveries":    {true, (*world).deliveryIn},
	"folders":       {true, (*world).folderIn},
	"fields":        {true, (*world).fieldIn},
	"users":         {false, (*world).someUser},
	"tokens":        {false, (*world).someToken},
	"webhooks":      {false, (*world).someEndpoint},
	"tags":          {false, (*world).someTag},
	"backtests":     {true, (*world).backtestIn},
	"rollouts":      {false, (*world).someRollout},
}

// bodies are what makes a request reach its handler where {} does not. MAILBOX and
// CONVERSATION and WORKFLOW are ids in the mailbox of the path's object.
var bodies = map[string]string{
	"POST /v1/conversations/:id/messages":     `{"kind":"note","body":"x"}`,
	"POST /v1/conversations/:id/rating":       `{"rating":"great"}`,
	"POST /v1/conversations/:id/runs":         `{"workflow_id":"WORKFLOW"}`,
	"POST /v1/conversations/:id/runs/preview": `{"workflow_id":"WORKFLOW"}`,
	"POST /v1/workflows/:id/run/preview":      `{"conversation_ids":["CONVERSATION"]}`,
	"PATCH /v1/conversations/:id":             `{"status":"pending"}`,
	"POST /v1/workflows/:id/run":              `{"conversation_ids":["CONVERSATION"]}`,
	"PATCH /v1/workflows/:id":                 `{"mode":"off"}`,
	"PUT /v1/workflows/:id":                   `{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}`,
	"POST /v1/workflows/:id/check":            `{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}`,
	"POST /v1/mailboxes/:id/workflows":        `{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}`,
	"POST /v1/mailboxes/:id/workflows/check":  `{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}`,
	"PUT /v1/mailboxes/:id/workflows/order":   `{"workflow_ids":["WORKFLOW"]}`,
	"POST /v1/tags/:name/rename":              `{"name":"NAME"}`,
	"POST /v1/mailboxes/:id/plan":             `{"workflows":[{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}]}`,
	"POST /v1/mailboxes/:id/apply":            `{"workflows":[{"name":"NAME","type":"manual","actions":[{"do":"note","body":"x"}]}]}`,
	"PATCH /v1/fields/:id":                    `{"label":"Other"}`,
	"PATCH /v1/mailboxes/:id":                 `{"name":"Same"}`,
	"PATCH /v1/users/:id":                     `{"name":"Same"}`,
	"PATCH /v1/webhooks/:id":                  `{}`,

	"PUT /v1/users/:id/password": `{"password":"correct horse battery"}`,
}

// queries are what a route needs in its query to reach its handler.
var queries = map[string]string{
	"GET /v1/conversations/:id/explain": "?workflow_id=WORKFLOW",
	"GET /v1/conversations/:id/live":    "?seconds=0",
	"GET /v1/mailboxes/:id/runs/live":   "?seconds=0",
}

// caller is one column of the matrix.
type caller struct {
	name, token string
	who         access.Caller // no role: the token is not valid
}

func (w *world) callers() []caller {
	lobby := w.Mailbox("Lobby")
	add := func(name string, u conversation.User) caller {
		u.Name, u.Email = name, strings.ReplaceAll(name, " ", "-")+"@smarticks.test"
		made := w.Person(u)
		return caller{name, w.token(made.ID), access.Caller{User: made}}
	}
	agent, both := conversation.RoleAgent, []conversation.MailboxID{w.support.ID, lobby.ID}
	gone, _, err := revoked(w)
	if err != nil {
		w.Fatal(err)
	}
	late := w.token(w.admin.ID)
	w.Exec(`UPDATE tokens SET expires_at = now() - interval '1 second' WHERE prefix = $1`, late[:access.ShownChars])
	return []caller{
		{name: "no token"}, {name: "expired", token: late}, {name: "revoked", token: gone},
		add("agent outside", conversation.User{Role: agent, Mailboxes: both[1:]}),
		add("agent inside", conversation.User{Role: agent, Mailboxes: both[:1]}),
		add("manager elsewhere", conversation.User{Role: agent, Mailboxes: both, ManagedMailboxes: both[1:]}),
		add("manager", conversation.User{Role: agent, Mailboxes: both[:1], ManageWorkflows: true}),
		{"admin", w.asAdmin, access.Caller{User: w.admin}},
	}
}

// expected is the status that the policy gives, 0 for one that the handler decides.
func expected(who access.Caller, verb access.Verb, scoped, missing bool, mailbox conversation.MailboxID) int {
	switch {
	case who.User.Role == "":
		return http.StatusUnauthorized
	case !who.May(verb):
		return http.StatusForbidden
	case missing, scoped && !who.Sees(mailbox):
		return http.StatusNotFound
	case scoped && who.In(verb, mailbox) != nil:
		return http.StatusForbidden
	}
	return 0
}

// TestAccessMatrix asks for every route as everybody, for what is his, foreign and
// missing. A route that is added is asked for too; what it needs that this file
// does not know is said by the failure.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	callers := w.callers()
	w.conversationIn(w.support)
	w.conversationIn(w.billing)
	cells, verbs := 0, api.Verbs(api.Config{})
	for _, key := range slices.Sorted(mapKeys(verbs)) {
		verb := verbs[key]
		if verb == "open" {
			continue
		}
		method, pattern, _ := strings.Cut(key, " ")
		segments := strings.Split(pattern, "/")
		kind, hasObject := objects[segments[2]]
		if strings.Contains(pattern, "/:") && !hasObject {
			t.Errorf(`%s: nothing makes its object: add %q to objects in api/matrix_test.go`, key, segments[2])
			continue
		}
		asked := map[string]request{}
		for _, c := range callers {
			bodiesOf := map[string]string{}
			for _, whose := range []string{"own", "foreign", "missing"} {
				mailbox, missing := w.support, whose == "missing"
				if whose == "foreign" {
					mailbox = w.billing
				}
				if !strings.Contains(pattern, "/:") {
					if whose != "own" {
						continue
					}
				}
				want := expected(c.who, verb, kind.scoped && strings.Contains(pattern, "/:"), missing, mailbox.ID)
				if strings.Contains(pattern, "/:") && c.who.May(verb) && c.who.Of(verb, nobodysID) != nil {
					want = http.StatusForbidden // what is another's
				}
				// What is refused or only read is as it was: the next may ask for the same.
				if asked[whose] == (request{}) {
					asked[whose] = request{w.fill(key, mailbox, missing), w.fillBody(key, mailbox)}
				}
				got := w.call(c.token, method, asked[whose].path, asked[whose].body)
				if want == 0 && method != "GET" {
					delete(asked, whose)
				}
				cells++
				bodiesOf[whose] = string(got.body)
				cell := fmt.Sprintf("%s as %s, %s", key, c.name, whose)
				switch {
				case want == 0 && (slices.Contains([]int{401, 403, 404}, got.status) || got.status >= 500):
					t.Errorf("%s: %d, want it allowed: %s", cell, got.status, got.body)
				case want == 404 && (got.status == 422 || got.status == 400):
					t.Errorf("%s: %d, which says nothing: add a request that is good to bodies or queries in api/matrix_test.go: %s", cell, got.status,
						got.body)
				case want != 0 && got.status != want:
					t.Errorf("%s: %d, want %d: %s", cell, got.status, want, got.body)
				}
				if whose == "missing" && expected(c.who, verb, kind.scoped, false, w.billing.ID) == 404 && bodiesOf["foreign"] != bodiesOf["missing"] {
					t.Errorf("%s is told from foreign: %s, %s", cell, bodiesOf["foreign"], bodiesOf["missing"])
				}
			}
		}
	}
	t.Logf("%d cells", cells)
}

// request is what a cell asks for.
type request struct {
	path string
	body any
}

// fill returns the route's path with an object of the mailbox in it.
func (w *world) fill(key string, mailbox conversation.Mailbox, missing bool) string {
	_, pattern, _ := strings.Cut(key, " ")
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		switch {
		case !strings.HasPrefix(s, ":"):
			continue
		case s == ":n":
			segments[i] = "1"
		case missing:
			segments[i] = nobodysID
		case s == ":workflow_id":
			segments[i] = w.workflowIn(mailbox)
		default:
			segments[i] = objects[segments[2]].make(w, mailbox)
		}
	}
	return strings.Join(segments, "/") + w.names(queries[key], mailbox)
}

func (w *world) fillBody(key string, mailbox conversation.Mailbox) any {
	if strings.HasPrefix(key, "GET ") || strings.HasPrefix(key, "DELETE ") {
		return nil
	}
	if body, ok := bodies[key]; ok {
		return w.names(body, mailbox)
	}
	if slices.ContainsFunc([]string{"/publish", "/restore", "/resume", "/rotate", "/redeliver", "/undo"},
		func(end string) bool { return strings.HasSuffix(key, end) }) {
		return nil
	}
	return "{}"
}

// names puts ids of the mailbox's things in the place of their names.
func (w *world) names(text string, mailbox conversation.Mailbox) string {
	for name, id := range map[string]func(conversation.Mailbox) string{
		"WORKFLOW": w.workflowIn, "CONVERSATION": w.conversationIn, "NAME": w.fresh,
	} {
		if before, after, found := strings.Cut(text, name); found {
			text = before + id(mailbox) + after
		}
	}
	return text
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// fresh returns a name that is not taken.
func (w *world) fresh(conversation.Mailbox) string {
	return "x" + strings.ReplaceAll(time.Now().Format("150405.000000000"), ".", "")
}

func (w *world) conversationIn(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/conversations", map[string]any{
		"mailbox_id": m.ID, "customer": map[string]string{"email": "of-" + m.Email, "name": "Ann"}, "subject": "x", "body": "x",
	}).text(w, "id")
}

func (w *world) customerIn(m conversation.Mailbox) (id string) {
	w.Value(&id, `SELECT customer_id::text FROM conversations WHERE id = $1`, w.conversationIn(m))
	return id
}

func (w *world) workflowIn(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(m.ID)+"/workflows", map[string]any{
		"name": w.fresh(m), "type": "manual", "mode": "on", "actions": []any{map[string]any{"do": "note", "body": "x"}},
	}).text(w, "id")
}

func (w *world) runIn(m conversation.Mailbox) string {
	return w.want(202, w.asAdmin, "POST", "/v1/conversations/"+w.conversationIn(m)+"/runs",
		map[string]any{"workflow_id": w.workflowIn(m)}).text(w, "id")
}

func (w *world) deliveryIn(m conversation.Mailbox) (id string) {
	w.Value(&id, `INSERT INTO deliveries (id, conversation_id, mailbox_id, kind, state, next_at, payload, created_at)
		VALUES (gen_random_uuid(), $1, $2, 'email', 'failed', now(), '{}', now()) RETURNING id::text`, w.conversationIn(m), m.ID)
	return id
}

func (w *world) folderIn(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/folders",
		map[string]any{"mailbox_id": m.ID, "name": w.fresh(m), "status": []string{"active"}}).text(w, "id")
}

func (w *world) fieldIn(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/fields",
		map[string]any{"mailbox_id": m.ID, "name": w.fresh(m), "label": "x", "type": "text"}).text(w, "id")
}

func (w *world) someUser(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/users",
		map[string]any{"name": "x", "email": w.fresh(m) + "@smarticks.test", "role": "agent"}).text(w, "id")
}

func (w *world) someToken(conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.agent.ID, "name": "x"}).text(w, "id")
}

func (w *world) someEndpoint(m conversation.Mailbox) string {
	return w.want(201, w.asAdmin, "POST", "/v1/webhooks", map[string]any{"name": w.fresh(m), "url": "https://erp.example/x"}).text(w, "id")
}

// someTag makes a tag that no conversation carries: a workflow that names it does.
func (w *world) someTag(m conversation.Mailbox) string {
	tag := w.fresh(m)
	w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(m.ID)+"/workflows", map[string]any{
		"name": tag, "type": "manual", "mode": "on", "actions": []any{map[string]any{"do": "add_tags", "tags": []string{tag}}},
	})
	return tag
}

func (w *world) backtestIn(m conversation.Mailbox) (id string) {
	w.Value(&id, `INSERT INTO backtests (id, mailbox_id, definition_id, version, body, against, from_at, until_at, state, created_at,
		updated_at)
		VALUES (gen_random_uuid(), $1, $2, 0, '{}', 0, now(), now(), 'done', now(), now()) RETURNING id::text`, m.ID, w.workflowIn(m))
	return id
}

// someRollout is that of a change of the mailbox's hours.
func (w *world) someRollout(m conversation.Mailbox) (id string) {
	w.Value(&id, `INSERT INTO rollouts (id, mailbox_id, reason, consider, state, created_at, updated_at)
		VALUES (gen_random_uuid(), $1, 'clock', false, 'running', now(), now()) RETURNING id::text`, m.ID)
	return id
}
