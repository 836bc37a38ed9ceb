package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
)

const nobodysID = "01900000-0000-7000-8000-000000000000"

func TestEveryRouteIsDeclaredAndOnlyTheKnownOnesAreOpen(t *testing.T) {
	t.Parallel()
	served, declared := api.Routes(api.Config{})
	var open []string
	for _, route := range served {
		isOpen, ok := declared[route]
		if !ok {
			t.Errorf("%s is served and not in the table", route)
		}
		if isOpen {
			open = append(open, route)
		}
	}
	if len(served) != len(declared) {
		t.Errorf("%d routes are served, %d declared", len(served), len(declared))
	}
	slices.Sort(open)
	want := []string{"GET /docs", "GET /healthz", "GET /metrics", "GET /openapi.json", "GET /readyz", "GET /schemas/workflows.json",
		"GET /v1/viewed/:mark", "POST /v1/sessions"}
	if !slices.Equal(open, want) {
		t.Errorf("open routes = %v, want %v", open, want)
	}
}

func TestEveryOtherRouteNeedsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, id, err := revoked(w)
	if err != nil {
		t.Fatal(err)
	}
	_ = id
	_, declared := api.Routes(api.Config{})
	for route, open := range declared {
		if open {
			continue
		}
		method, pattern, _ := strings.Cut(route, " ")
		var segments []string
		for s := range strings.SplitSeq(pattern, "/") {
			if strings.HasPrefix(s, ":") {
				s = nobodysID
			}
			segments = append(segments, s)
		}
		path := strings.Join(segments, "/")
		for name, token := range map[string]string{
			"none": "", "nonsense": "nonsense", "unknown": access.Secret([32]byte{1}), "revoked": gone,
		} {
			r := w.want(401, token, method, path, nil)
			if h := r.header.Get("WWW-Authenticate"); !strings.HasPrefix(h, `Bearer realm="smarticks"`) {
				t.Errorf("%s with token %s: WWW-Authenticate = %q", route, name, h)
			}
		}
		// A token in the query counts for nothing.
		w.want(401, "", method, path+"?token="+w.asAdmin+"&access_token="+w.asAdmin, nil)
	}
}

func revoked(w *world) (secret, id string, err error) {
	t, secret, err := w.Store.CreateToken(w.Context(), access.System(), access.Token{UserID: w.admin.ID, Name: "gone"})
	if err != nil {
		return "", "", err
	}
	return secret, t.ID, w.Store.RevokeToken(w.Context(), access.System(), t.ID)
}

func TestTokenByEitherHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, "", "GET", "/v1/me", nil, "X-Smarticks-API-Key", w.asAgent)
	w.want(200, "", "GET", "/v1/me", nil, "Authorization", "bearer "+w.asAgent)
	w.want(401, "", "GET", "/v1/me", nil, "Authorization", "Basic "+w.asAgent)
	if strings.Contains(w.logs.String(), w.asAgent) {
		t.Error("a token stands in the log")
	}
}

func TestRevokedTokenIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.agent.ID, "name": "ERP"})
	secret := made.text(t, "token")
	w.want(200, secret, "GET", "/v1/me", nil)
	w.want(204, w.asAdmin, "DELETE", "/v1/tokens/"+made.text(t, "id"), nil)
	w.want(401, secret, "GET", "/v1/me", nil)
	w.want(204, w.asAdmin, "DELETE", "/v1/tokens/"+made.text(t, "id"), nil)
}

func TestExpiredTokenIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{
		"user_id": w.agent.ID, "name": "short", "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	})
	w.want(200, made.text(t, "token"), "GET", "/v1/me", nil)
	w.Exec(`UPDATE tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, made.text(t, "id"))
	w.want(401, made.text(t, "token"), "GET", "/v1/me", nil)
}

// What an agent may not see is answered byte for byte like what is not there.
func TestForeignAndMissingAnswerAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.open(w.billing.ID, "Invoice")
	w.Exec(`INSERT INTO customers (id, first_name, created_at) VALUES ('01900000-0000-7000-8000-00000000cccc', 'Hidden', now())`)
	for _, c := range []struct {
		method, path, foreign string
		body                  any
	}{
		{"GET", "/v1/mailboxes/{id}", string(w.billing.ID), nil},
		{"GET", "/v1/conversations/{id}", foreign, nil},
		{"PATCH", "/v1/conversations/{id}", foreign, map[string]any{"status": "closed"}},
		{"DELETE", "/v1/conversations/{id}", foreign, nil},
		{"GET", "/v1/conversations/{id}/messages", foreign, nil},
		{"POST", "/v1/conversations/{id}/messages", foreign, map[string]any{"kind": "note", "body": "x"}},
		{"GET", "/v1/conversations/{id}/timeline", foreign, nil},
		{"GET", "/v1/customers/{id}", "01900000-0000-7000-8000-00000000cccc", nil},
	} {
		before := w.Counts()
		a := w.want(404, w.asAgent, c.method, strings.Replace(c.path, "{id}", c.foreign, 1), c.body)
		b := w.want(404, w.asAgent, c.method, strings.Replace(c.path, "{id}", nobodysID, 1), c.body)
		d := w.want(404, w.asAgent, c.method, strings.Replace(c.path, "{id}", "not-an-id", 1), c.body)
		if string(a.body) != string(b.body) || string(a.body) != string(d.body) {
			t.Errorf("%s %s: foreign %s, missing %s, no id %s", c.method, c.path, a.body, b.body, d.body)
		}
		for name := range a.header {
			if name != "X-Request-Id" && name != "Date" && !slices.Equal(a.header[name], b.header[name]) {
				t.Errorf("%s %s: header %s: foreign %v, missing %v", c.method, c.path, name, a.header[name], b.header[name])
			}
		}
		if after := w.Counts(); after != before {
			t.Errorf("%s %s wrote: %s, then %s", c.method, c.path, before, after)
		}
	}
	// The same where a body names what the agent does not see.
	own := w.open(w.support.ID, "Refund")
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", "/v1/conversations/" + own, `{"mailbox_id":"{id}"}`},
		{"POST", "/v1/conversations", `{"mailbox_id":"{id}","customer":{"email":"x@example.com"},"body":"x"}`},
	} {
		a := w.want(422, w.asAgent, c.method, c.path, strings.Replace(c.body, "{id}", string(w.billing.ID), 1))
		b := w.want(422, w.asAgent, c.method, c.path, strings.Replace(c.body, "{id}", nobodysID, 1))
		if string(a.body) != string(b.body) {
			t.Errorf("%s %s: foreign %s, missing %s", c.method, c.path, a.body, b.body)
		}
	}
	// And lists, also when they are asked for it.
	for _, path := range []string{"/v1/conversations", "/v1/conversations?mailbox_id=" + string(w.billing.ID), "/v1/mailboxes",
		"/v1/customers", "/v1/tags"} {
		if body := string(w.want(200, w.asAgent, "GET", path, nil).body); strings.Contains(body, foreign) ||
			strings.Contains(body, "Billing") || strings.Contains(body, "Hidden") {
			t.Errorf("GET %s shows %s", path, body)
		}
	}
}

func TestAgentsMayNotManage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.Counts()
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/mailboxes", map[string]any{"name": "X", "email": "x@smarticks.test"}},
		{"PATCH", "/v1/mailboxes/" + string(w.support.ID), map[string]any{"name": "X"}},
		{"PATCH", "/v1/mailboxes/" + string(w.billing.ID), map[string]any{"name": "X"}},
		{"POST", "/v1/users", map[string]any{"name": "X", "email": "x@smarticks.test", "role": "admin"}},
		{"PATCH", "/v1/users/" + string(w.agent.ID), map[string]any{"role": "admin"}},
		{"GET", "/v1/tokens", nil},
		{"POST", "/v1/tokens", map[string]any{"user_id": w.admin.ID, "name": "X"}},
		{"DELETE", "/v1/tokens/" + nobodysID, nil},
		{"GET", "/v1/settings", nil},
		{"PATCH", "/v1/settings", map[string]any{"base_url": "https://x.example"}},
	} {
		w.want(403, w.asAgent, c.method, c.path, c.body)
	}
	if after := w.Counts(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
}
