package activities_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// A workflow sets fields; a later one sees the value, one on the change runs for
// the event, and what changes nothing is told.
func TestAWorkflowSetsFields(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, f := range []conversation.Field{{Name: "Plan", Type: conversation.FieldText}, {Name: "Seats", Type: conversation.FieldNumber}} {
		f.MailboxID = h.support.ID
		if _, err := h.Store.CreateField(t.Context(), access.System(), f); err != nil {
			t.Fatal(err)
		}
	}
	set := func(field, value string) automation.Action {
		return automation.Action{Do: "set_field", Field: field, Value: value}
	}
	h.workflow(automation.Definition{Name: "set", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		set("Plan", "about {%subject%}"), set("seats", "3"), set("Seats", "3.0"),
	}})
	h.workflow(automation.Definition{Name: "see",
		Conditions: rows(row("new_conversation", "", nil), row("field.Plan", "contains", "HELLO"), row("field.Seats", "at_least", 3.0)),
		Actions:    []automation.Action{set("Seats", "")}})
	h.workflow(automation.Definition{Name: "changed", Conditions: rows(automation.Condition{Field: "field_changed", Value: "Plan"}),
		Actions: []automation.Action{tag("planned")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "set done set_field=done set_field=done set_field=unchanged", "see done set_field=done", "changed done add_tags=done")
	c := h.Conversation(id)
	if c.FieldValue("Plan") != "about Hello" || c.FieldValue("Seats") != "" {
		t.Errorf("fields %v", c.Fields)
	}
}
