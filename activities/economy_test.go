package activities_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// counted sees the statements of a store. It implements pgx.QueryTracer.
type counted struct {
	mu   sync.Mutex
	list []string
}

func (s *counted) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text := strings.Join(strings.Fields(d.SQL), " "); !strings.HasPrefix(text, "begin") && text != "commit" {
		s.list = append(s.list, text)
	}
	return ctx
}

func (s *counted) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *counted) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.list
	s.list = nil
	return out
}

// Of a message Advance asks for the lock, the events and what stands around them, and
// writes one statement; a workflow that mails asks who got what, and whether that is us.
func TestAdvanceAsksFewStatements(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seen := &counted{}
	traced, err := store.Open(t.Context(), store.Config{DSN: h.pool.Config().ConnString(), Tracer: seen})
	must(t, err)
	t.Cleanup(traced.Close)
	h.acts = activities.New(activities.Config{
		Open: func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return traced.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
		},
		Deliveries: h.store, Rollouts: h.store, NewID: store.NewID, Logger: h.logger(),
	})
	for range 19 {
		h.workflow(automation.Definition{Name: store.NewID(), Conditions: rows(row("subject", "contains", "nothing")), Actions: []automation.Action{tag("never")}})
	}
	h.workflow(automation.Definition{Name: "match", Conditions: rows(row("subject", "contains", "refund")), Actions: []automation.Action{
		tag("refund"), {Do: "set_status", Status: "pending"}, {Do: "reply", Body: "Hello"}, {Do: "webhook", URL: "https://example.com/"},
	}})
	asked := func(subject string) []string {
		t.Helper()
		id := h.mail(subject, "")
		seen.take()
		h.advance(id)
		return seen.take()
	}
	asked("the first reads the workflows")
	if none := asked("Hello"); len(none) != 4 {
		t.Errorf("nothing matches: %d statements, want 4:\n%s", len(none), strings.Join(none, "\n"))
	}
	if four := asked("refund"); len(four) > 8 || len(four) < 5 {
		t.Errorf("four actions: %d statements, at most 8:\n%s", len(four), strings.Join(four, "\n"))
	}
}
