package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

func (h *house) does(list ...automation.Action) {
	h.Helper()
	h.workflow(automation.Definition{Name: "w", Conditions: rows(row("new_conversation", "", nil)), Actions: list})
}

func (h *house) events(id conversation.ID) string {
	h.Helper()
	return strings.Join(h.Column(`SELECT kind FROM events WHERE conversation_id = $1 ORDER BY seq`, id), " ")
}

func TestASnoozedConversationComesBackByItsOwnDueTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.does(automation.Action{Do: automation.DoSnooze, Until: "2h"}, automation.Action{Do: automation.DoSnooze, Until: "2h"},
		automation.Action{Do: automation.DoSnooze, Until: "2001-01-01T00:00:00Z"})
	h.workflow(automation.Definition{Name: "back", Conditions: rows(automation.Condition{Field: "status_changed", To: "active"}),
		Actions: []automation.Action{tag("back")}})
	id := h.mail("Hello", "")
	got := h.advance(id)
	h.wants(id, "w done snooze=done snooze=unchanged snooze=skipped")
	wait := time.Duration(got.DueInMicros) * time.Microsecond
	if !got.HasDue || wait > 2*time.Hour || wait < 2*time.Hour-time.Minute || len(got.Workflows) != 0 {
		t.Fatalf("due in %v (%v), workflows %v", wait, got.HasDue, got.Workflows)
	}
	if c := h.Conversation(id); c.Status != conversation.StatusPending || c.SnoozedUntil.IsZero() {
		t.Errorf("status %s, snoozed until %v", c.Status, c.SnoozedUntil)
	}
	h.Later(2*time.Hour + time.Second)
	if got := h.advance(id); got.HasDue {
		t.Errorf("something is due: %+v", got)
	}
	h.wants(id, "w done snooze=done snooze=unchanged snooze=skipped", "back done add_tags=done")
	if c := h.Conversation(id); c.Status != conversation.StatusActive || !c.SnoozedUntil.IsZero() {
		t.Errorf("status %s, snoozed until %v", c.Status, c.SnoozedUntil)
	}
	if got := h.events(id); got != "customer_message snoozed status_changed unsnoozed status_changed tags_changed" {
		t.Errorf("events %s", got)
	}
}

func TestACustomersMessageEndsTheSnooze(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.does(automation.Action{Do: automation.DoSnooze, Until: "3d"})
	id := h.mail("Hello", "")
	h.advance(id)
	h.reply(id, id)
	if got := h.advance(id); got.HasDue {
		t.Errorf("something is due: %+v", got)
	}
	if c := h.Conversation(id); c.Status != conversation.StatusActive || !c.SnoozedUntil.IsZero() {
		t.Errorf("status %s, snoozed until %v", c.Status, c.SnoozedUntil)
	}
	if got := h.events(id); got != "customer_message snoozed status_changed customer_message unsnoozed status_changed" {
		t.Errorf("events %s", got)
	}
}

func TestASnoozeThatSomebodyMovesEndsWhenTheySaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.mail("Hello", "")
	h.advance(id)
	until := h.Conversation(id).CreatedAt.Add(5 * time.Hour)
	change := func(ch conversation.Change) error {
		_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, ch)
		return err
	}
	testhouse.Must(t, change(conversation.Change{SnoozedUntil: &until}))
	if got := h.advance(id); !got.HasDue {
		t.Error("nothing is due")
	}
	past := until.Add(-24 * time.Hour)
	if change(conversation.Change{SnoozedUntil: &past}) == nil {
		t.Error("a snooze may end in the past")
	}
	testhouse.Must(t, change(conversation.Change{SnoozedUntil: &time.Time{}}))
	if got := h.advance(id); got.HasDue {
		t.Error("a snooze that was ended is due")
	}
	if c := h.Conversation(id); c.Status != conversation.StatusActive {
		t.Errorf("status %s", c.Status)
	}
}
