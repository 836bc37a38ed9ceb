package activities_test

import (
	"fmt"
	"testing"

	"github.com/smarticks/smarticks/automation"
)

// With so many workflows an index leaves out those whose words are not there.
func TestALaterWorkflowSeesWhatAnEarlierOneDidAmongMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := automation.Definition{Name: "urgent", Conditions: rows(row("body", "matches", `/asap|at\s+once/`)),
		Actions: []automation.Action{tag("urgent")}}
	h.workflow(first)
	for i := range 30 {
		h.workflow(automation.Definition{
			Name: fmt.Sprint("other ", i), Conditions: rows(row("tags", "has_any", fmt.Sprint("tag ", i))),
			Actions: []automation.Action{tag("never")},
		})
	}
	for i := range 30 {
		h.workflow(automation.Definition{
			Name: fmt.Sprint("word ", i), Conditions: rows(row("body", "contains", fmt.Sprintf("word%dx", i))),
			Actions: []automation.Action{tag("never")},
		})
	}
	h.workflow(automation.Definition{Name: "escalate", Conditions: rows(row("tags", "has_any", "urgent")),
		Actions: []automation.Action{tag("escalated")}})
	h.workflow(automation.Definition{Name: "one word", Conditions: rows(row("body", "contains", "Straße")),
		Actions: []automation.Action{tag("street")}})
	id := h.mail("Hello", "Please answer AT  ONCE: STRASSE 12")
	h.advance(id)
	h.wants(id, "urgent done add_tags=done", "escalate done add_tags=done", "one word done add_tags=done")
}
