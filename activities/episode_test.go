package activities_test

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// A date row makes its workflow run once for each moment that it counts from,
// whatever else happens: the due list is made again, the worker is restarted, other
// rows are added, its own is moved. With a new moment it runs again.
func TestADateRowRunsOnceForEachMomentThatItCountsFrom(t *testing.T) {
	t.Parallel()
	status := func(s conversation.Status) func(*house, conversation.ID) {
		return func(h *house, id conversation.ID) { h.change(id, conversation.Change{Status: &s}) }
	}
	answer := func(h *house, id conversation.ID) { h.agentReplies(id, "Here you are.") }
	write := func(h *house, id conversation.ID) { h.reply(id, id) }
	both := func(list ...func(*house, conversation.ID)) func(*house, conversation.ID) {
		return func(h *house, id conversation.ID) {
			for _, do := range list {
				do(h, id)
				h.advance(id)
			}
		}
	}
	nothing := func(*house, conversation.ID) {}
	for _, c := range []struct {
		field, op    string
		begin, again func(*house, conversation.ID)
		runs         int // in the end
	}{
		{"waiting_since", "longer_than", nothing, both(answer, write), 2},
		{"last_customer_reply", "not_in_the_last", nothing, write, 2},
		{"last_agent_reply", "not_in_the_last", answer, answer, 2},
		{"created", "not_in_the_last", nothing, both(answer, write), 1},
		{"closed", "not_in_the_last", status(conversation.StatusClosed),
			both(status(conversation.StatusActive), status(conversation.StatusClosed)), 2},
		{"last_status_change", "not_in_the_last", status(conversation.StatusPending), status(conversation.StatusClosed), 2},
	} {
		t.Run(c.field, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			d := automation.Definition{Name: "w", Type: automation.TypeAutomatic, MaxRuns: 10, Conditions: rows(row(c.field, c.op, "1h")),
				Actions: []automation.Action{tag("overdue")}}
			w := h.workflow(d)
			id := h.mail("Hello", "")
			ran := func(step string, want int) {
				t.Helper()
				for range 2 {
					h.advance(id)
				}
				if got := len(h.Column(`SELECT id FROM runs WHERE state = 'done'`)); got != want {
					t.Fatalf("%s: %d runs, want %d", step, got, want)
				}
			}
			publish := func() {
				t.Helper()
				_, err := h.Store.PutDraft(t.Context(), access.System(), w.ID, d)
				testhouse.Must(t, err)
				_, err = h.Store.PublishDefinition(t.Context(), access.System(), w.ID)
				testhouse.Must(t, err)
			}
			h.advance(id)
			c.begin(h, id)
			ran("before its time", 0)
			h.Later(time.Hour + time.Second)
			ran("when its time has come", 1)
			h.restart()
			ran("after a restart", 1)
			d.Conditions = append(d.Conditions, rows(row("status", "is_not", "spam"))...)
			publish()
			ran("with another row", 1)
			d.Conditions[0].Any[0].Value = "90m"
			publish()
			h.Later(time.Hour)
			ran("moved later", 1)
			h.change(id, conversation.Change{Tags: &[]string{}})
			ran("after something else", 1)
			c.again(h, id)
			ran("with a new moment", 1)
			h.Later(91 * time.Minute)
			ran("when the new moment's time has come", c.runs)
		})
	}
}
