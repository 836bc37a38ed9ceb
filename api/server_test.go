package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

func TestProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, probes)
}

func probes(t *testing.T) {
	ready, asked := errors.New("password=secret"), 0
	handler := api.New(api.Config{
		Logger: slog.New(slog.DiscardHandler),
		Ready:  []api.Check{{Name: "postgres", Do: func(context.Context) error { asked++; return ready }}},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "up 1\n")
		}),
	})
	ask := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec.Code, rec.Body.String()
	}
	if code, body := ask("/healthz"); code != 200 || body != `{"status":"ok"}` {
		t.Errorf("healthz: %d %s", code, body)
	}
	if code, body := ask("/readyz"); code != 503 || body != `{"failing":["postgres"],"status":"not ready"}` {
		t.Errorf("readyz: %d %s", code, body)
	}
	// Whoever asks again within a second is told the same.
	ready = nil
	for range 100 {
		if code, _ := ask("/readyz"); code != 503 || asked != 1 {
			t.Fatalf("readyz: %d after %d checks", code, asked)
		}
	}
	time.Sleep(time.Second)
	if code, body := ask("/readyz"); code != 200 || body != `{"status":"ready"}` {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code, body := ask("/metrics"); code != 200 || body != "up 1\n" {
		t.Errorf("metrics: %d %s", code, body)
	}
}

func TestDocsPageLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	handler := api.New(api.Config{Version: "1.2.3"})
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequest("GET", "/docs", nil))
	page := rec.Body.String()
	if rec.Code != 200 || strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "{{") {
		t.Errorf("the page is %d %s", rec.Code, page)
	}
	_, script, _ := strings.Cut(page, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if policy := rec.Header().Get("Content-Security-Policy"); !strings.Contains(policy,
		"'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("the page's script is not the one that its policy allows: %s", policy)
	}

	rec = httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequest("GET", "/openapi.json", nil))
	var doc struct {
		OpenAPI    string
		Info       struct{ Version string }
		Paths      map[string]map[string]struct{ Summary string }
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Info.Version != "1.2.3" || doc.Components.Schemas["Conversation"] == nil {
		t.Errorf("the document is %+v", doc.Info)
	}
	_, declared := api.Routes(api.Config{})
	described := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			described++
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
		}
	}
	guarded := 0
	for _, open := range declared {
		if !open {
			guarded++
		}
	}
	if described != guarded+1 {
		t.Errorf("%d routes are described, want the %d that need a token, and the login", described, guarded)
	}
}

// brokenStore fails in ways that callers must not learn about.
type brokenStore struct {
	api.Store
	err error
}

func (brokenStore) TokenUser(context.Context, string) (access.Caller, error) {
	return access.Caller{User: conversation.User{ID: "u", Role: conversation.RoleAdmin}, TokenID: "t"}, nil
}

func (b brokenStore) Mailboxes(context.Context) ([]conversation.Mailbox, error) {
	if b.err == nil {
		panic("canary panic")
	}
	return nil, b.err
}

func TestFaultsOfOursAreBlankOutsideAndLoggedOnce(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"error": errors.New("canary: password=secret"), "panic": nil} {
		logs := &testhouse.Log{}
		handler := api.New(api.Config{Store: brokenStore{err: err}, Logger: slog.New(slog.NewTextHandler(logs, nil))})
		req := httptest.NewRequest("GET", "/v1/mailboxes", nil)
		req.Header.Set("Authorization", "Bearer "+access.Secret([32]byte{7}))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		want := `{"type":"urn:smarticks:problem:internal","title":"Internal Server Error","status":500,"detail":"internal error"}` + "\n"
		if rec.Code != 500 || rec.Body.String() != want || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		if n := strings.Count(logs.String(), "canary"); n != 1 {
			t.Errorf("%s: logged %d times: %s", name, n, logs.String())
		}
	}
}

// Somebody holds the conversation for longer than a writer waits.
func TestHeldConversationIs503WithRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, w.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE`, id); err != nil {
		t.Fatal(err)
	}
	r := w.want(503, w.asAgent, "PATCH", "/v1/conversations/"+id, `{"status":"closed"}`)
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	w.want(200, w.asAgent, "PATCH", "/v1/conversations/"+id, `{"status":"closed"}`)
}

// slowStore lets a request wait until the test says so.
type slowStore struct {
	brokenStore
	entered, leave chan struct{}
}

func (s slowStore) Mailboxes(context.Context) ([]conversation.Mailbox, error) {
	close(s.entered)
	<-s.leave
	return nil, nil
}

func TestRunFinishesRequestsUnderWayAndThenEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	store := slowStore{entered: make(chan struct{}), leave: make(chan struct{})}
	address := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- api.Run(ctx, api.Config{
			Store: store, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler), Started: func(a net.Addr) { address <- a },
		})
	}()
	url := "http://" + (<-address).String()
	answered := make(chan int, 1)
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/mailboxes", nil)
		req.Header.Set("Authorization", "Bearer "+access.Secret([32]byte{7}))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		defer res.Body.Close()
		answered <- res.StatusCode
	}()
	<-store.entered
	cancel()
	for deadline := time.Now().Add(8 * time.Minute); ; {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), time.Second)
		if err != nil {
			break // new connections are refused
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("connections are still accepted")
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended with a request under way: %v", err)
	default:
	}
	close(store.leave)
	if status := <-answered; status != 200 {
		t.Errorf("the request under way got %d, want 200", status)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunSaysThatItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := api.Run(t.Context(), api.Config{Addr: l.Addr().String()}); err == nil || !strings.Contains(err.Error(), "cannot be used") {
		t.Errorf("Run = %v", err)
	}
}
