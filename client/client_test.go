package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// answer is one scripted answer of the fake server.
type answer struct {
	status int
	after  string // Retry-After
	body   string
	cut    bool // the connection breaks instead
}

// fake is a server that gives scripted answers and keeps what it was asked.
type fake struct {
	*client.Client
	asked []string // method, path and query, key, body
	waits []time.Duration
}

func serve(t *testing.T, answers ...answer) *fake {
	t.Helper()
	f := &fake{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.asked = append(f.asked, strings.TrimSpace(fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("Idempotency-Key"), " ", string(body))))
		if r.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("the token is %q", r.Header.Get("Authorization"))
		}
		if len(answers) == 0 {
			t.Error("asked once more than expected")
			return
		}
		a := answers[0]
		answers = answers[1:]
		if a.cut {
			panic(http.ErrAbortHandler)
		}
		if a.after != "" {
			w.Header().Set("Retry-After", a.after)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	c, err := client.New(client.Options{URL: s.URL + "/", Token: "token",
		Wait: func(_ context.Context, d time.Duration) error { f.waits = append(f.waits, d); return nil },
		Key:  func() string { return "KEY" },
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Client = c
	return f
}

const (
	busy    = `{"type":"urn:smarticks:problem:unavailable","title":"Service Unavailable","status":503,"detail":"try again"}`
	me      = `{"id":"1","name":"Ann","email":"ann@example.com","role":"admin"}`
	invalid = `{"type":"urn:smarticks:problem:invalid","title":"Unprocessable Entity","status":422,"detail":"validation ` +
		`failed","errors":[{"location":"body.name","message":"is blank"}]}`
)

func TestAReadIsRepeatedWhileTheServerAsksForIt(t *testing.T) {
	t.Parallel()
	f := serve(t, answer{cut: true}, answer{status: 503, after: "2", body: busy}, answer{status: 429}, answer{status: 200, body: me})
	u, err := f.Me(t.Context())
	if err != nil || u.Name != "Ann" {
		t.Fatalf("%v, %v", u, err)
	}
	if want := []time.Duration{250 * time.Millisecond, 2 * time.Second, 500 * time.Millisecond}; !slices.Equal(f.waits, want) {
		t.Errorf("it waited %v, want %v", f.waits, want)
	}
}

func TestAServerThatStaysBusyIsAnErrorAfterFiveTimes(t *testing.T) {
	t.Parallel()
	f := serve(t, slices.Repeat([]answer{{status: 503, after: "3600", body: busy}}, 5)...)
	_, err := f.Me(t.Context())
	var p *client.Problem
	if !errors.As(err, &p) || p.Status != 503 || !errs.Is(err, errs.Unavailable) || len(f.asked) != 5 {
		t.Errorf("%v after %d times", err, len(f.asked))
	}
	if slices.Max(f.waits) != 30*time.Second {
		t.Errorf("it waited %v: half a minute is the most", f.waits)
	}
}

func TestAWriteIsRepeatedOnlyWithAKeyAndThenWithTheSame(t *testing.T) {
	t.Parallel()
	f := serve(t, answer{status: 503, body: busy}, answer{status: 201, body: `{"id":"w"}`}, answer{status: 503, body: busy},
		answer{status: 503, body: busy})
	if w, err := f.CreateWorkflow(t.Context(), "m", map[string]any{"name": "x"}); err != nil || w.ID != "w" {
		t.Errorf("%v, %v", w, err)
	}
	if err := f.Do(t.Context(), "PATCH", "/v1/workflows/w", map[string]any{"mode": "on"}, nil); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
	if _, err := f.CreateToken(t.Context(), client.NewToken{UserID: "1", Name: "x"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
	want := []string{
		`POST /v1/mailboxes/m/workflows KEY {"name":"x"}`, `POST /v1/mailboxes/m/workflows KEY {"name":"x"}`,
		`PATCH /v1/workflows/w  {"mode":"on"}`, `POST /v1/tokens  {"user_id":"1","name":"x"}`,
	}
	if !slices.Equal(f.asked, want) {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(f.asked, "\n"), strings.Join(want, "\n"))
	}
}

func TestARefusalSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	f := serve(t, answer{status: 422, body: invalid}, answer{status: 502, body: "<html>bad gateway</html>"})
	_, err := f.CreateWorkflow(t.Context(), "m", nil)
	var p *client.Problem
	if !errors.As(err, &p) || len(p.Errors) != 1 || !errs.Is(err, errs.Invalid) {
		t.Fatalf("%#v", err)
	}
	if want := "POST /v1/mailboxes/m/workflows was answered with 422: validation failed; body.name: is blank"; err.Error() != want {
		t.Errorf("%s\nwant %s", err, want)
	}
	_, err = f.Me(t.Context())
	if want := "GET /v1/me was answered with 502: bad gateway"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAListIsReadToItsEndAndNoFurtherThanAskedFor(t *testing.T) {
	t.Parallel()
	pages := []answer{
		{status: 200, body: `{"items":[{"id":"a"},{"id":"b"}],"next_cursor":"b/="}`},
		{status: 200, body: `{"items":[{"id":"c"}],"next_cursor":null}`},
	}
	f := serve(t, pages...)
	all, err := client.All(f.Mailboxes(t.Context()))
	if err != nil || len(all) != 3 || all[2].ID != "c" {
		t.Errorf("%v, %v", all, err)
	}
	if want := "GET /v1/mailboxes?cursor=b%2F%3D"; f.asked[1] != want {
		t.Errorf("%s, want %s", f.asked[1], want)
	}
	f = serve(t, pages[0])
	first, ok, err := client.First(f.Mailboxes(t.Context()))
	if err != nil || !ok || first.ID != "a" {
		t.Errorf("%v, %v, %v", first, ok, err)
	}
	f = serve(t, pages[0], answer{status: 404, body: `{"detail":"gone"}`})
	if all, err := client.All(f.Mailboxes(t.Context())); !errs.Is(err, errs.NotFound) {
		t.Errorf("%v, %v", all, err)
	}
}

func TestNobodyListeningIsToldAtOnce(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close()
	waited := false
	c, err := client.New(client.Options{URL: s.URL, Token: "token",
		Wait: func(context.Context, time.Duration) error { waited = true; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Me(t.Context())
	if !errs.Is(err, errs.Unavailable) || waited || !strings.Contains(errs.Message(err), s.URL) {
		t.Errorf("%v, waited: %v", err, waited)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Me(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWrongAddressesAndMissingTokensAreRefused(t *testing.T) {
	t.Parallel()
	for _, o := range []client.Options{
		{URL: "127.0.0.1:8080", Token: "x"}, {URL: "ftp://127.0.0.1", Token: "x"}, {URL: "", Token: "x"},
		{URL: "http://a:b@127.0.0.1", Token: "x"}, {URL: "http://127.0.0.1/?x=1", Token: "x"}, {URL: "http://127.0.0.1"},
	} {
		if _, err := client.New(o); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
