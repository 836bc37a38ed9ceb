package conversation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

func TestValuesOfCustomFields(t *testing.T) {
	t.Parallel()
	field := func(kind conversation.FieldType) conversation.Field {
		return conversation.Field{Name: "F", Type: kind, Options: []string{"Free", "Paid"}}
	}
	for _, c := range []struct {
		kind         conversation.FieldType
		value, clean string
		problem      string
	}{
		{conversation.FieldDropdown, " paid ", "Paid", ""},
		{conversation.FieldDropdown, "gold", "", "Free, Paid"},
		{conversation.FieldText, " one line ", "one line", ""},
		{conversation.FieldText, "two\nlines", "", "line breaks"},
		{conversation.FieldText, strings.Repeat("x", conversation.MaxFieldText+1), "", "characters"},
		{conversation.FieldLongText, "two\nlines\n", "two\nlines\n", ""},
		{conversation.FieldLongText, "\xff", "", "must be a text"},
		{conversation.FieldNumber, "010.50", "10.5", ""},
		{conversation.FieldNumber, "-3", "-3", ""},
		{conversation.FieldNumber, "NaN", "", "a number"},
		{conversation.FieldNumber, "ten", "", "a number"},
		{conversation.FieldDate, "2026-11-23", "2026-11-23", ""},
		{conversation.FieldDate, "2026-02-30", "", "a day"},
		{conversation.FieldCheckbox, "TRUE", "yes", ""},
		{conversation.FieldCheckbox, "no", "no", ""},
		{conversation.FieldCheckbox, "maybe", "", "yes or no"},
		{conversation.FieldNumber, "  ", "", ""},
		{"", "x", "", "does not know"},
	} {
		clean, problem := field(c.kind).CleanValue(c.value)
		if clean != c.clean || !strings.Contains(problem, c.problem) || (problem == "") != (c.problem == "") {
			t.Errorf("%s %q: %q, %q", c.kind, c.value, clean, problem)
		}
	}
}

func TestNamesOfCustomFields(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"Plan": true, "Renews on": true, "größe_2": true, "": false, "a,b": false, "a%}": false,
		"a.b": false, strings.Repeat("x", 51): false} {
		if got := conversation.CheckFieldName(name); (got == "") != good {
			t.Errorf("%q: %q", name, got)
		}
	}
}

// A value is set under one name, whatever the case; setting it again is no event,
// and what the mailbox does not have is out of sight.
func TestSetFieldMakesOneEventForEachChange(t *testing.T) {
	t.Parallel()
	before := map[string]string{"plan": "free", "Elsewhere": "x"}
	c := conversation.Conversation{ID: "c1", Fields: before}
	plan := conversation.Field{Name: "Plan", Type: conversation.FieldText}
	ed := conversation.Edit(&c, conversation.Actor{Kind: conversation.ActorUser}, conversation.Cause{}, time.Unix(1, 0))
	if !ed.SetField(plan, "paid") || ed.SetField(plan, "paid") || len(ed.Events()) != 1 {
		t.Fatalf("events %+v", ed.Events())
	}
	if e := ed.Events()[0]; e.Kind != conversation.KindFieldChanged || e.Field != "Plan" || e.From != "free" || e.To != "paid" {
		t.Errorf("event %+v", e)
	}
	if before["plan"] != "free" {
		t.Error("the values of before were changed in place")
	}
	if seen := c.FieldsIn([]conversation.Field{plan}); len(seen) != 1 || seen["Plan"] != "paid" || c.FieldValue("elsewhere") != "x" {
		t.Errorf("seen %v of %v", seen, c.Fields)
	}
	if !ed.SetField(plan, "") || c.FieldValue("Plan") != "" || ed.SetField(plan, "") {
		t.Errorf("the value cannot be taken away: %v", c.Fields)
	}
}
