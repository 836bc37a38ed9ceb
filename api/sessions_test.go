package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
)

const bobsPassword = "correct horse battery"

// browser is what a browser keeps of a session.
type browser struct{ cookie, csrf string }

// headers are those that it sends, and those of the page.
func (b browser) headers(more ...string) []string {
	return append([]string{"Cookie", b.cookie, "X-CSRF-Token", b.csrf}, more...)
}

// enter gives the user a password, unless he has one, and logs in.
func (w *world) enter(u conversation.User) browser {
	w.Helper()
	if w.Number(`SELECT count(*) FROM users WHERE id = $1 AND password_hash IS NULL`, u.ID) == 1 {
		w.want(204, w.asAdmin, "PUT", "/v1/users/"+string(u.ID)+"/password", map[string]any{"password": bobsPassword})
	}
	r := w.want(201, "", "POST", "/v1/sessions", map[string]any{"email": u.Email, "password": bobsPassword})
	cookie, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
	return browser{cookie, r.text(w, "csrf_token")}
}

func TestLogInAndOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.enter(w.agent)
	me := w.want(200, "", "GET", "/v1/sessions/current", nil, "Cookie", b.cookie)
	if me.text(t, "user", "email") != w.agent.Email || me.text(t, "csrf_token") != b.csrf || me.text(t, "expires_at") == "" {
		t.Errorf("the session is %s", me.body)
	}
	w.want(200, "", "GET", "/v1/me", nil, "Cookie", b.cookie)
	w.want(403, "", "GET", "/v1/settings", nil, "Cookie", b.cookie) // an agent still
	// A repeat of a request with a key finds what the first one made.
	note := map[string]any{"kind": "note", "body": "x"}
	path := "/v1/conversations/" + w.open(w.support.ID, "Refund") + "/messages"
	one := w.want(201, "", "POST", path, note, b.headers("Idempotency-Key", "k")...)
	if two := w.want(201, "", "POST", path, note, b.headers("Idempotency-Key", "k")...); two.text(t, "id") != one.text(t, "id") {
		t.Errorf("the repeat made %s, the first %s", two.body, one.body)
	}
	out := w.want(204, "", "DELETE", "/v1/sessions/current", nil, b.headers()...)
	if set := out.header.Get("Set-Cookie"); !strings.HasPrefix(set, "smarticks=;") || !strings.Contains(set, "Max-Age=0") {
		t.Errorf("the cookie is not taken away: %s", set)
	}
	r := w.want(401, "", "GET", "/v1/me", nil, "Cookie", b.cookie)
	if !strings.Contains(string(r.body), "log in again") {
		t.Errorf("answer: %s", r.body)
	}
	// What came with a token has no session.
	w.want(409, w.asAgent, "GET", "/v1/sessions/current", nil)
	w.want(409, w.asAgent, "DELETE", "/v1/sessions/current", nil)
	for _, verb := range []string{"logged in", "logged out"} {
		if n := w.Number(`SELECT count(*) FROM audit WHERE verb = $1 AND actor_id = $2 AND session_id = $3 AND address = '127.0.0.1' AND
			request_id <> ''`,
			verb, w.agent.ID, me.text(t, "id")); n != 1 {
			t.Errorf("%s: %d entries in the audit, want 1", verb, n)
		}
	}
	secret := strings.TrimPrefix(b.cookie, "smarticks=")
	if logs := w.logs.String(); strings.Contains(logs, secret) || strings.Contains(logs, b.csrf) || strings.Contains(logs, bobsPassword) {
		t.Error("a secret stands in the log")
	}
}

func TestASessionEndsAtOnceInAllProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, ada := w.enter(w.agent), w.enter(w.admin)
	of := func(u conversation.User, what string) string { return "/v1/users/" + string(u.ID) + what }
	in := func(status int, b browser) { t.Helper(); w.want(status, "", "GET", "/v1/me", nil, "Cookie", b.cookie) }

	// Of others by an admin only; one's own.
	w.want(403, "", "DELETE", of(w.admin, "/sessions"), nil, bob.headers()...)
	w.want(403, "", "PUT", of(w.admin, "/password"), map[string]any{"password": "another horse"}, bob.headers()...)
	w.want(204, "", "DELETE", of(w.agent, "/sessions"), nil, bob.headers()...)
	in(401, bob)
	bob = w.enter(w.agent)
	w.want(204, "", "DELETE", of(w.agent, "/sessions"), nil, ada.headers()...)
	in(401, bob)

	// A new password ends the others.
	bob, other := w.enter(w.agent), w.enter(w.agent)
	r := w.want(422, "", "PUT", of(w.agent, "/password"), map[string]any{"password": "another horse", "current_password": "wrong"},
		bob.headers()...)
	if !strings.Contains(string(r.body), "body.current_password") {
		t.Errorf("answer: %s", r.body)
	}
	w.want(422, "", "PUT", of(w.agent, "/password"), map[string]any{"password": "short", "current_password": bobsPassword}, bob.headers()...)
	w.want(204, "", "PUT", of(w.agent, "/password"), map[string]any{"password": "another horse", "current_password": bobsPassword},
		bob.headers()...)
	in(200, bob)
	in(401, other)

	// A user who is removed.
	w.want(204, "", "DELETE", of(w.agent, ""), nil, ada.headers()...)
	in(401, bob)
}

// Whatever other sites make a browser send is refused.
func TestWritesBySessionComeFromOurOwnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, foreign := w.enter(w.agent), w.enter(w.admin)
	path, body := "/v1/conversations/"+w.open(w.support.ID, "Refund"), map[string]any{"subject": "Changed"}
	before := w.Counts()
	for name, header := range map[string][]string{
		"no token":           {"Cookie", b.cookie},
		"a wrong token":      {"Cookie", b.cookie, "X-CSRF-Token", b.csrf + "x"},
		"another's token":    {"Cookie", b.cookie, "X-CSRF-Token", foreign.csrf},
		"another site":       b.headers("Sec-Fetch-Site", "cross-site"),
		"a sister site":      b.headers("Sec-Fetch-Site", "same-site"),
		"another origin":     b.headers("Origin", "https://evil.example"),
		"an unknown origin":  b.headers("Origin", "null"),
		"another's in query": {"Cookie", b.cookie, "Csrf-Token", b.csrf},
	} {
		if r := w.want(403, "", "PATCH", path, body, header...); strings.Contains(string(r.body), b.csrf) {
			t.Errorf("%s: the answer has the token: %s", name, r.body)
		}
	}
	if after := w.Counts(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
	w.want(200, "", "PATCH", path, body, b.headers()...)
	w.want(200, "", "PATCH", path, body, b.headers("Sec-Fetch-Site", "same-origin", "Origin", w.server.URL)...)
	w.want(200, "", "PATCH", path, body, b.headers("Origin", w.server.URL)...)
	w.want(200, "", "GET", path, nil, "Cookie", b.cookie, "Sec-Fetch-Site", "cross-site")
	// A token needs none of it: no other site can send one.
	w.want(200, w.asAgent, "PATCH", path, body, "Cookie", b.cookie, "Sec-Fetch-Site", "cross-site")
	// Nor is somebody logged in from elsewhere.
	try := map[string]any{"email": w.agent.Email, "password": bobsPassword}
	w.want(403, "", "POST", "/v1/sessions", try, "Sec-Fetch-Site", "cross-site")
	w.want(403, "", "POST", "/v1/sessions", try, "Origin", "https://evil.example")
	w.want(415, "", "POST", "/v1/sessions", `{"email":"x","password":"x"}`, "Content-Type", "text/plain")
}

func TestCookiesAreNoCookiesOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.enter(w.agent)
	for name, cookie := range map[string]string{
		"nonsense": "smarticks=nonsense", "empty": "smarticks=", "unknown": "smarticks=" + access.SessionSecret([32]byte{1}),
		"a token": "smarticks=" + w.asAgent, "the name of TLS, without": strings.Replace(good.cookie, "smarticks=", "__Host-smarticks=", 1),
	} {
		if r := w.call("", "GET", "/v1/me", nil, "Cookie", cookie); r.status != 401 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

func TestWrongLoginsAnswerAlikeAndThenWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enter(w.agent)
	try := func(email, password string) reply {
		return w.call("", "POST", "/v1/sessions", map[string]any{"email": email, "password": password})
	}
	first := try(w.agent.Email, "not the password")
	for name, r := range map[string]reply{
		"no such user": try("nobody@smarticks.test", bobsPassword), "no password": try(w.admin.Email, bobsPassword), "no address": try("", ""),
	} {
		if r.status != 401 || string(r.body) != string(first.body) || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s, a wrong password: %d %s", name, r.status, r.body, first.status, first.body)
		}
	}
	try(w.agent.Email, "")
	w.Exec(`UPDATE login_failures SET at = at + interval '10 minutes'`) // no machine is too slow to see it
	r := try(w.agent.Email, bobsPassword)
	if r.status != 429 || r.header.Get("Retry-After") == "" || r.text(t, "type") != "urn:smarticks:problem:too-many-requests" {
		t.Errorf("after five failures: %d %v %s", r.status, r.header, r.body)
	}
	audit := string(w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=user", nil).body)
	if !strings.Contains(audit, "login failed") || !strings.Contains(audit, "logged in") || strings.Contains(audit, "not the password") ||
		strings.Contains(audit, bobsPassword) {
		t.Errorf("the audit is %s", audit)
	}
}

// ask sends a request to a handler without a network.
func ask(h http.Handler, method, path, body, from string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.RemoteAddr = from
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func TestOnlyATrustedProxyIsBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enter(w.agent)
	h := api.New(api.Config{Store: w.Store, TrustedProxies: []string{"10.0.0.0/8", "2001:db8::1"}})
	login := `{"email":"` + w.agent.Email + `","password":"` + bobsPassword + `"}`
	forwarded := []string{"X-Forwarded-For", "198.51.100.9, 203.0.113.5", "X-Forwarded-Proto", "https", "X-Real-IP", "198.51.100.9"}
	for name, c := range map[string]struct {
		from, cookie, address string
		header                []string
	}{
		"a proxy":         {"10.1.2.3:4000", "__Host-smarticks=", "203.0.113.5", forwarded},
		"a proxy by IPv6": {"[2001:db8::1]:4000", "__Host-smarticks=", "203.0.113.5", forwarded},
		"two proxies": {"10.1.2.3:4000", "__Host-smarticks=", "203.0.113.5",
			[]string{"X-Forwarded-For", "203.0.113.5, 10.9.9.9", "X-Forwarded-Proto", "http, https"}},
		"a proxy, no TLS": {"10.1.2.3:4000", "smarticks=", "203.0.113.5",
			[]string{"X-Forwarded-For", "203.0.113.5", "X-Forwarded-Proto", "https, http"}},
		"anybody":          {"192.0.2.7:4000", "smarticks=", "192.0.2.7", forwarded},
		"another by IPv6":  {"[2001:db8::2]:4000", "smarticks=", "2001:db8::2", forwarded},
		"a proxy, nothing": {"10.1.2.3:4000", "smarticks=", "10.1.2.3", nil},
	} {
		rec := ask(h, "POST", "/v1/sessions", login, c.from, c.header...)
		set := rec.Header().Get("Set-Cookie")
		if rec.Code != 201 || !strings.HasPrefix(set, c.cookie) || strings.Contains(set, "Secure") != strings.HasPrefix(c.cookie, "__Host-") {
			t.Errorf("%s: %d, cookie %s", name, rec.Code, set)
		}
		for _, part := range []string{"; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Max-Age=2592000"} {
			if !strings.Contains(set, part) || strings.Contains(set, "Domain") {
				t.Errorf("%s: the cookie is %s", name, set)
			}
		}
		var address string
		if w.Value(&address, `SELECT address FROM audit WHERE verb = 'logged in' ORDER BY id DESC LIMIT 1`); address != c.address {
			t.Errorf("%s: it comes from %s, want %s", name, address, c.address)
		}
		cookie, _, _ := strings.Cut(set, ";")
		if rec := ask(h, "GET", "/v1/me", "", c.from, append(c.header, "Cookie", cookie)...); rec.Code != 200 {
			t.Errorf("%s: the cookie is answered %d", name, rec.Code)
		}
	}
	if err := api.Run(t.Context(), api.Config{Addr: "127.0.0.1:0", TrustedProxies: []string{"load-balancer"}}); err == nil ||
		!strings.Contains(err.Error(), "load-balancer") {
		t.Errorf("a proxy that is no address: %v", err)
	}
}
