package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// A workflow that fails each time: somebody is told, once a day, and again when it was
// changed and still fails.
func TestAWorkflowThatFailsEachTimeTellsSomebody(t *testing.T) {
	t.Parallel()
	var failed []runs.Run
	h := newHouse(t, func(cfg *activities.Config) { cfg.Failed = func(r runs.Run) { failed = append(failed, r) } })
	h.admin("root")
	stranger := h.User("stranger") // no member
	assign := func(to string) automation.Definition {
		return automation.Definition{
			Name: "assigns", Type: automation.TypeAutomatic, MaxRuns: 5, Conditions: rows(row("customer_replied", "", nil)),
			Actions: []automation.Action{{Do: "assign", To: []string{to}}},
		}
	}
	w := h.workflow(assign(string(stranger.ID)))
	var ids []conversation.ID
	for range 3 {
		id := h.mail("Hello", "")
		h.reply(id, id)
		if answer := h.advance(id); answer.Attention != "needed" {
			t.Errorf("attention %q in the answer to Temporal", answer.Attention)
		}
		if c := h.Conversation(id); !strings.HasPrefix(c.Attention, "the workflow “assigns” failed here: an action failed: ") {
			t.Errorf("attention %q", c.Attention)
		}
		ids = append(ids, id)
	}
	if len(failed) != 3 || failed[0].DefinitionID != w.ID {
		t.Errorf("the process knows of %d failed runs, want 3", len(failed))
	}
	if told := h.told(); len(told) != 1 || !strings.Contains(told[0], `The workflow "assigns" fails`) {
		t.Errorf("admins were told %q, want once", told)
	}
	// Somebody has looked at it: the call goes, and comes again when it fails again.
	testhouse.Must(t, h.Store.ResumeHere(t.Context(), access.System(), ids[0], w.ID, false))
	if c := h.Conversation(ids[0]); c.Attention != "" {
		t.Errorf("attention %q when somebody resumed it", c.Attention)
	}
	if answer := h.advance(ids[0]); answer.Attention != "" {
		t.Errorf("attention %q in the answer to Temporal when somebody resumed it", answer.Attention)
	}
	h.Later(25 * time.Hour)
	h.reply(ids[0], ids[0])
	h.advance(ids[0])
	if told := h.told(); len(told) != 2 {
		t.Errorf("admins were told %d times after a day, want twice", len(told))
	}
	change := func(d automation.Definition) {
		t.Helper()
		_, err := h.Store.PutDraft(t.Context(), access.System(), w.ID, d)
		testhouse.Must(t, err)
		_, err = h.Store.PublishDefinition(t.Context(), access.System(), w.ID)
		testhouse.Must(t, err)
	}
	other := h.User("other")
	renamed := assign(string(other.ID))
	renamed.Name = "hands over"
	change(renamed)
	if c := h.Conversation(ids[1]); c.Attention != "" {
		t.Errorf("attention %q after it was changed", c.Attention)
	}
	h.reply(ids[0], ids[0])
	h.advance(ids[0])
	if told := h.told(); len(told) != 3 {
		t.Errorf("admins were told %d times when it was changed and fails, want three times", len(told))
	}
	// It runs well there: the call for attention goes, also one that nobody took away.
	maria := h.User("maria", h.support.ID)
	change(assign(string(maria.ID)))
	_, err := h.Pool.Exec(t.Context(), `UPDATE conversations SET attention = 'the workflow “assigns” failed here: before' WHERE id = $1`,
		ids[2])
	testhouse.Must(t, err)
	for _, id := range []conversation.ID{ids[0], ids[2]} {
		h.reply(id, id)
		h.advance(id)
		if c := h.Conversation(id); c.Attention != "" || c.AssigneeID != maria.ID {
			t.Errorf("attention %q, assignee %q where it runs well", c.Attention, c.AssigneeID)
		}
	}
}
