package activities_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// Of a message Advance asks for the lock, the events and what stands around them, and
// writes one statement; a workflow that mails asks who got what, and whether that is us.
func TestAdvanceAsksFewStatements(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seen := &testhouse.Statements{}
	h.acts = activities.New(activities.Config{
		Open: opens(h.Open(testhouse.Traced(seen))), Deliveries: h.Store, Rollouts: h.Store, NewID: store.NewID, Logger: h.logs,
	})
	for range 19 {
		h.workflow(automation.Definition{Name: store.NewID(), Conditions: rows(row("subject", "contains", "nothing")),
			Actions: []automation.Action{tag("never")}})
	}
	h.workflow(automation.Definition{Name: "match", Conditions: rows(row("subject", "contains", "refund")), Actions: []automation.Action{
		tag("refund"), {Do: "set_status", Status: "pending"}, {Do: "reply", Body: "Hello"}, {Do: "webhook", URL: "https://example.com/"},
	}})
	asked := func(subject string) []string {
		t.Helper()
		id := h.mail(subject, "")
		seen.Take()
		h.advance(id)
		texts, _ := seen.TakeWork()
		return texts
	}
	asked("the first reads the workflows")
	if none := asked("Hello"); len(none) != 4 {
		t.Errorf("nothing matches: %d statements, want 4:\n%s", len(none), strings.Join(none, "\n"))
	}
	if four := asked("refund"); len(four) > 8 || len(four) < 5 {
		t.Errorf("four actions: %d statements, at most 8:\n%s", len(four), strings.Join(four, "\n"))
	}
}
