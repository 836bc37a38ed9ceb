package activities_test

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Each due time comes at one hour, and what happens before anybody looks is of two
// hours: the recorded skip names why it led to no run.
func TestEachReasonWhyADueTimeLeadsToNoRun(t *testing.T) {
	t.Parallel()
	waiting := row("waiting_since", "longer_than", "1h")
	alone := automation.Definition{Conditions: rows(waiting)}
	set := func(ch conversation.Change) func(*house, conversation.ID, automation.DefinitionID) {
		return func(h *house, id conversation.ID, _ automation.DefinitionID) {
			_, err := h.store.ChangeConversation(h.t.Context(), access.System(), id, ch)
			must(h.t, err)
		}
	}
	closed := conversation.StatusClosed
	for _, c := range []struct {
		reason string
		d      automation.Definition
		before func(h *house, id conversation.ID, d automation.DefinitionID)
		done   int // runs beside the skip
	}{
		{automation.SkipConditionsChanged, alone, set(conversation.Change{Status: &closed}), 0},
		{automation.SkipEpisodeMoved, automation.Definition{Conditions: []automation.Group{{Any: []automation.Condition{waiting, row("tags", "has_any", []any{"vip"})}}}},
			func(h *house, id conversation.ID, _ automation.DefinitionID) {
				h.agentReplies(id, "Here you are")
				set(conversation.Change{Tags: &[]string{"vip"}})(h, id, "")
			}, 1},
		{automation.SkipWorkflowOff, alone, func(h *house, _ conversation.ID, d automation.DefinitionID) {
			off := automation.ModeOff
			_, err := h.store.PatchDefinition(h.t.Context(), access.System(), d, automation.RecordPatch{Mode: &off})
			must(h.t, err)
		}, 0},
		{automation.SkipConversationGone, alone, func(h *house, id conversation.ID, _ automation.DefinitionID) {
			must(h.t, h.store.DeleteConversation(h.t.Context(), access.System(), id))
		}, 0},
		{automation.SkipTooLate, automation.Definition{Conditions: rows(waiting), TooLateAfter: 59 * time.Minute}, nil, 0},
		{automation.SkipMaxRuns, automation.Definition{Conditions: []automation.Group{{Any: []automation.Condition{waiting, row("created", "not_in_the_last", "90m")}}}}, nil, 1},
		{automation.SkipPaused, alone, func(h *house, id conversation.ID, d automation.DefinitionID) {
			_, err := h.pool.Exec(h.t.Context(), `INSERT INTO pauses (conversation_id, definition_id, kind, reason, created_at) VALUES ($1, $2, 'failed', 'it failed', now())`, id, d)
			must(h.t, err)
		}, 0},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.d.Name, c.d.Actions = "overdue", []automation.Action{tag("overdue")}
			r := h.workflow(c.d)
			id := h.mail("Hello", "")
			h.advance(id)
			h.later(2 * time.Hour)
			if c.before != nil {
				c.before(h, id, r.ID)
			}
			h.advance(id)
			h.later(time.Hour)
			h.advance(id) // once and for all
			skipped := h.column(`SELECT reason || ' ' || (due_at >= (SELECT created_at + interval '1 hour' FROM conversations))::text FROM runs WHERE state = 'skipped'`)
			if len(skipped) != 1 || skipped[0] != c.reason+" true" {
				t.Errorf("skipped %q, want once %s with its own due time", skipped, c.reason)
			}
			if done := h.column(`SELECT state FROM runs WHERE state = 'done'`); len(done) != c.done {
				t.Errorf("%d runs, want %d", len(done), c.done)
			}
			if sentence := automation.SkipSentence(c.reason); sentence == c.reason {
				t.Errorf("%s has no sentence", c.reason)
			}
		})
	}
}

func TestADueTimeThatIsMissedByLessThanTooLateAfterRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "overdue", Conditions: rows(row("waiting_since", "longer_than", "1h")),
		TooLateAfter: 61 * time.Minute, Actions: []automation.Action{tag("overdue")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.later(2 * time.Hour)
	h.advance(id)
	h.wants(id, "overdue done add_tags=done")
}
