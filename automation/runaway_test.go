package automation_test

import (
	"testing"

	"github.com/smarticks/smarticks/automation"
)

func TestWhatRunsOnceAndTellsNobodyIsNoRunaway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		typ  automation.Type
		max  int
		do   []string
		may  bool
	}{
		{"tags once", automation.TypeAutomatic, 1, []string{"add_tags"}, false},
		{"no number is once", automation.TypeAutomatic, 0, []string{"assign", "set_status"}, false},
		{"changes much, once", automation.TypeAutomatic, 1, []string{"note", "move", "set_field", "set_subject", "follow", "snooze", "delete"},
			false},
		{"mails after a stop", automation.TypeAutomatic, 1, []string{"add_tags", "stop", "reply"}, false},
		{"tags often", automation.TypeAutomatic, 2, []string{"add_tags"}, true},
		{"answers once", automation.TypeAutomatic, 1, []string{"reply"}, true},
		{"begins a mail", automation.TypeAutomatic, 1, []string{"add_tags", "email"}, true},
		{"forwards", automation.TypeAutomatic, 1, []string{"forward"}, true},
		{"notifies", automation.TypeAutomatic, 1, []string{"add_tags", "notify"}, true},
		{"calls another system", automation.TypeAutomatic, 1, []string{"webhook"}, true},
		{"deletes for ever", automation.TypeAutomatic, 1, []string{"delete_forever"}, true},
		{"by hand", automation.TypeManual, 1, []string{"add_tags"}, true},
	} {
		d := automation.Definition{Type: c.typ, MaxRuns: c.max}
		for _, do := range c.do {
			d.Actions = append(d.Actions, automation.Action{Do: do})
		}
		if got := d.MayRunAway(); got != c.may {
			t.Errorf("%s: %v, want %v", c.name, got, c.may)
		}
	}
}
