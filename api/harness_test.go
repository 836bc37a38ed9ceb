package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/store"
)

// patience is how long a test waits for what must come: a bound for what hangs.
const patience = 8 * time.Minute

// world is an API on a database of its own, with two mailboxes, an admin, and an
// agent who is a member of the first mailbox only.
type world struct {
	*testhouse.House
	server  *httptest.Server
	logs    testhouse.Log
	support conversation.Mailbox
	billing conversation.Mailbox
	admin   conversation.User
	agent   conversation.User
	// Tokens.
	asAdmin string
	asAgent string
}

// forecaster looks ahead as the product does.
type forecaster struct {
	store     *store.Store
	simulator *simulation.Simulator
}

func (f forecaster) Forecast(ctx context.Context, who access.Caller, id conversation.ID, horizon time.Duration,
	limit int) (out runs.Forecast, err error) {
	err = f.store.Rehearse(ctx, who, id, func(ctx context.Context, r store.Rehearsal) (err error) {
		out, err = f.simulator.Forecast(ctx, r, horizon, limit)
		return err
	})
	return out, err
}

func (f forecaster) Preview(ctx context.Context, who access.Caller, id conversation.ID,
	definition automation.DefinitionID) (out runs.Preview, err error) {
	err = f.store.Rehearse(ctx, who, id, func(ctx context.Context, r store.Rehearsal) error {
		run, v, err := r.Asked(ctx, who, definition)
		if err != nil {
			return err
		}
		out, err = f.simulator.Preview(ctx, r, run, v)
		return err
	})
	return out, err
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{House: testhouse.New(t, func(cfg *store.Config) {
		cfg.MaxConns, cfg.Tests = 8, simulation.Tester(slog.New(slog.DiscardHandler))
	})}
	w.support = w.Mailbox("Support@smarticks.test")
	w.billing = w.Mailbox("Billing")
	w.admin = w.Person(conversation.User{Name: "Ada", Role: conversation.RoleAdmin, Available: true})
	w.agent = w.User("Bob", w.support.ID)
	w.asAdmin, w.asAgent = w.token(w.admin.ID), w.token(w.agent.ID)
	ahead := forecaster{w.Store, simulation.New(slog.New(slog.DiscardHandler))}
	w.server = httptest.NewServer(api.New(api.Config{
		Store: w.Store, Forecaster: ahead, Previewer: ahead,
		Logger: slog.New(slog.NewJSONHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}))
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) token(user conversation.UserID) string {
	w.Helper()
	_, secret, err := w.Store.CreateToken(w.Context(), access.System(), access.Token{UserID: user, Name: "test"})
	if err != nil {
		w.Fatal(err)
	}
	return secret
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// field reads a value of the answer by its path: items, 0, subject.
func (r reply) field(t testing.TB, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("no object for %q in %s", step, r.body)
			}
			v = object[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("no item %d in %s", step, r.body)
			}
			v = list[step]
		}
	}
	return v
}

func (r reply) text(t testing.TB, path ...any) string {
	t.Helper()
	s, _ := r.field(t, path...).(string)
	return s
}

// call sends a request; body is JSON text, or a value to be encoded.
func (w *world) call(token, method, path string, body any, header ...string) reply {
	w.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			w.Fatal(err)
		}
		in = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, in)
	if err != nil {
		w.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, read}
}

// want is call that must be answered with the status.
func (w *world) want(status int, token, method, path string, body any, header ...string) reply {
	w.Helper()
	r := w.call(token, method, path, body, header...)
	if r.status != status && r.status == http.StatusInternalServerError {
		w.Log(w.logs.String())
	}
	if r.status != status {
		w.Fatalf("%s %s: %d, want %d: %s", method, path, r.status, status, r.body)
	}
	if status >= 400 && r.header.Get("Content-Type") != "application/problem+json" {
		w.Fatalf("%s %s: %s is no problem: %s", method, path, r.header.Get("Content-Type"), r.body)
	}
	return r
}

// open makes a conversation in the mailbox and returns its id.
func (w *world) open(mailbox conversation.MailboxID, subject string) string {
	w.Helper()
	return w.want(201, w.asAdmin, "POST", "/v1/conversations", map[string]any{
		"mailbox_id": mailbox, "customer": map[string]string{"email": "ann@example.com", "name": "Ann Smith"},
		"subject": subject, "body": "Where is my money?",
	}).text(w, "id")
}
