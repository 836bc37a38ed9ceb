package automation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// customWorld has a field of each type.
var customWorld = World{Fields: []conversation.Field{
	{Name: "Plan", Type: conversation.FieldDropdown, Options: []string{"free", "paid"}},
	{Name: "Order", Type: conversation.FieldText}, {Name: "Address", Type: conversation.FieldLongText},
	{Name: "Seats", Type: conversation.FieldNumber}, {Name: "Renews on", Type: conversation.FieldDate},
	{Name: "VIP", Type: conversation.FieldCheckbox},
}}

// withFields gives the conversation values.
func withFields(values map[string]string) conversation.Facts {
	return facts(func(f *conversation.Facts) {
		f.Mailbox.Fields, f.Conversation.Fields, f.Mailbox.TimeZone = customWorld.Fields, values, "Europe/Berlin"
	})
}

func TestRowsOnCustomFields(t *testing.T) {
	t.Parallel()
	full := map[string]string{"Plan": "paid", "Order": "AB-17", "Address": "Long\nStreet", "Seats": "10", "Renews on": "2026-11-24",
		"VIP": "yes"}
	said := map[string]bool{}
	for _, c := range []struct {
		row    Condition
		values map[string]string
		want   Truth
		words  string
	}{
		{cond("field.Plan", "is", "PAID"), full, True, `the field "Plan" is "PAID"`},
		{cond("field.plan", "is_not", "free"), full, True, `the field "plan" is not "free"`},
		{cond("field.Plan", "is_not", "free"), nil, True, ""},
		{cond("field.Plan", "set", nil), full, True, `the field "Plan" is set`},
		{cond("field.Plan", "not_set", nil), nil, True, `the field "Plan" is not set`},
		{cond("field.Order", "contains", "ab"), full, True, `the field "Order" contains "ab"`},
		{cond("field.Order", "does_not_contain", "ab"), full, False, `the field "Order" does not contain "ab"`},
		{cond("field.Order", "starts_with", "ab-"), full, True, `the field "Order" starts with "ab-"`},
		{cond("field.Order", "ends_with", "18"), full, False, `the field "Order" ends with "18"`},
		{cond("field.Address", "matches", "/long.street/is"), full, True, `the field "Address" matches /long.street/is`},
		{cond("field.Seats", "is", 10.0), full, True, `the field "Seats" is 10`},
		{cond("field.Seats", "is_not", 9.0), full, True, `the field "Seats" is not 9`},
		{cond("field.Seats", "greater_than", 9.0), full, True, `the field "Seats" is greater than 9`},
		{cond("field.Seats", "less_than", 9.0), full, False, `the field "Seats" is less than 9`},
		{cond("field.Seats", "at_least", 10.0), full, True, `the field "Seats" is at least 10`},
		{cond("field.Seats", "at_most", 10.0), full, True, `the field "Seats" is at most 10`},
		{cond("field.Seats", "less_than", 5.0), nil, Unknown, ""}, // and never 0
		{cond("field.Seats", "less_than", 5.0), map[string]string{"Seats": "many"}, Unknown, ""},
		{cond("field.VIP", "is", "yes"), full, True, `the field "VIP" is "yes"`},
		{cond("field.VIP", "is", "no"), nil, True, ""},
		{cond("field.Renews on", "past", nil), full, False, `the field "Renews on" is past`},
		{cond("field.Renews on", "future", nil), full, True, `the field "Renews on" is still to come`},
		{cond("field.Renews on", "today", nil), map[string]string{"Renews on": "2026-11-23"}, True, `the field "Renews on" is today`},
		{cond("field.Renews on", "in_the_last", "1d"), map[string]string{"Renews on": "2026-11-23"}, True,
			`the field "Renews on" is in the last 1 day`},
		{cond("field.Renews on", "not_in_the_last", "1d"), full, Unknown, `the field "Renews on" is not in the last 1 day`},
		{cond("field.Renews on", "in_the_next", "1d"), full, True, `the field "Renews on" is in the next 1 day`},
		{cond("field.Renews on", "not_in_the_next", "2h"), full, True, `the field "Renews on" is not in the next 2 hours`},
		{cond("field.Renews on", "before", "2026-11-25"), full, True, `the field "Renews on" is before 2026-11-25`},
		{cond("field.Renews on", "after", "2026-11-24"), full, False, `the field "Renews on" is after 2026-11-24`},
		{cond("field.Renews on", "past", nil), nil, Unknown, ""},
		{cond("field.Colour", "is", "red"), full, Unknown, ""},
	} {
		p := compiled(t, definition(c.row))
		said[c.row.Op] = true
		if got := p.Evaluate(withFields(c.values)); got.Holds != c.want {
			t.Errorf("%+v: %v, want %v: %+v", c.row, got.Holds, c.want, got.Groups[0].Rows)
		}
		if got := c.row.Sentence(nil); c.words != "" && got != c.words {
			t.Errorf("%q, want %q", got, c.words)
		}
		if !p.Listens(conversation.Event{Kind: conversation.KindFieldChanged}) {
			t.Errorf("%+v does not listen to changes of fields", c.row)
		}
	}
	for _, o := range customOperators {
		if !said[o.name] {
			t.Errorf("%s has no case", o.name)
		}
	}
}

// Three days after the day of a field the workflow is due, at midnight of the
// mailbox's time zone, once for each value.
func TestADateFieldMakesAWorkflowDue(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(cond("field.Renews on", "not_in_the_last", "3d")))
	f := withFields(map[string]string{"Renews on": "2026-11-24"})
	due, ok := p.NextDue(f, Used{})
	if want := time.Date(2026, 11, 26, 23, 0, 0, 0, time.UTC); !ok || !due.At.Add(-due.Spread).Equal(want) {
		t.Fatalf("due at %v, want %v", due.At, want)
	}
	used := Used{Episodes: map[string]bool{due.Episode: true}}
	if again, ok := p.NextDue(f, used); ok {
		t.Errorf("the same value is due again at %v", again.At)
	}
	f.Conversation.Fields = map[string]string{"Renews on": "2026-12-01"}
	if _, ok := p.NextDue(f, used); !ok {
		t.Error("a new value is not due")
	}
}

func TestWhatDoesNotFitTheFieldsOfAMailboxIsRefused(t *testing.T) {
	t.Parallel()
	const row = "conditions[0].any[0]"
	doing := func(a Action) Definition {
		d := definition(cond("status", "is", "active"))
		d.Actions = []Action{a}
		return d
	}
	for _, c := range []struct {
		name        string
		d           Definition
		path, words string
	}{
		{"fits", definition(cond("field.Plan", "is", "paid"), cond("field.seats", "at_least", 3.0), cond("field.VIP", "is", "no"),
			cond("field.Renews on", "past", nil), cond("field.Address", "contains", "x")), "", ""},
		{"unknown, with a near one", definition(cond("field.Plann", "is", "paid")), row + ".field", `did you mean "Plan"?`},
		{"unknown in field_changed", definition(cond("field_changed", "", "Colour")), row + ".value", "known are Plan, Order"},
		{"another type's operator", definition(cond("field.Plan", "contains", "paid")), row + ".op", "(of a field of type dropdown)"},
		{"no option", definition(cond("field.Plan", "is", "gold")), row + ".value", "none of the options: free, paid"},
		{"a text for a number", definition(cond("field.Seats", "is", "3")), row + ".value", "without quotes"},
		{"a number for a text", definition(cond("field.Order", "is", 3.0)), row + ".value", "give a text"},
		{"no answer of a checkbox", definition(cond("field.VIP", "is", "maybe")), row + ".value", "yes or no"},
		{"an action", doing(Action{Do: DoSetField, Field: "Seats", Value: "3"}), "", ""},
		{"an action that empties", doing(Action{Do: DoSetField, Field: "Seats"}), "", ""},
		{"an action with a variable", doing(Action{Do: DoSetField, Field: "Order", Value: "{%subject%} {%field.Plan%}"}), "", ""},
		{"an action on no field", doing(Action{Do: DoSetField, Field: "Sets", Value: "3"}), "actions[0].field", `did you mean "Seats"?`},
		{"an action with a wrong value", doing(Action{Do: DoSetField, Field: "Renews on", Value: "tomorrow"}), "actions[0].value",
			"a day, written as"},
		{"a variable for a number", doing(Action{Do: DoSetField, Field: "Seats", Value: "{%subject%}"}), "actions[0].value",
			"takes no variables"},
		{"a template", doing(Action{Do: DoNote, Body: "{%field.Colour,fallback=x%}"}), "actions[0].body", "unknown custom field"},
		{"a webhook's body", doing(Action{Do: DoWebhook, URL: "https://erp.example", JSON: map[string]any{"a": []any{"{%field.Colour%}"}}}),
			"actions[0].body.a[0]", "unknown custom field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, bad := Compile(c.d); len(bad) > 0 {
				t.Fatalf("does not compile: %v", bad)
			}
			bad := c.d.Against(customWorld)
			if c.path == "" && len(bad) == 0 {
				return
			}
			if len(bad) != 1 || bad[0].Path != c.path || !strings.Contains(bad[0].Message, c.words) {
				t.Errorf("%v, want %q at %q", bad, c.words, c.path)
			}
		})
	}
	if bad := definition(cond("field.Plan", "is", "x")).Against(World{}); len(bad) != 1 ||
		!strings.Contains(bad[0].Message, "no custom fields") {
		t.Errorf("a mailbox without fields says %v", bad)
	}
}

func TestCustomFieldsInTemplates(t *testing.T) {
	t.Parallel()
	tpl, bad := ParseTemplate("{%field.renews on%} {%field.Colour,fallback=red%} {%field.Order,fallback=none%}")
	f := withFields(map[string]string{"Renews on": "2026-11-24", "Colour": "blue"})
	if got := tpl.Render(Text, Vars{Conversation: f.Conversation, Mailbox: f.Mailbox}); len(bad) > 0 || got != "2026-11-24 red none" {
		t.Errorf("%q %v", got, bad)
	}
}

func TestTheValueOfAnActionOnAField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written any
		want    string
	}{{"x", "x"}, {true, "yes"}, {false, "no"}, {1.5, "1.5"}, {3, "3"}, {"", ""}} {
		d, bad := Decode(map[string]any{"name": "W", "type": "manual",
			"actions": []any{map[string]any{"do": "set_field", "field": "Plan", "value": c.written}}})
		if len(bad) > 0 || d.Actions[0].Value != c.want {
			t.Errorf("%v is read as %q, want %q: %v", c.written, d.Actions[0].Value, c.want, bad)
		}
	}
	kinds := []string{}
	for _, r := range definition(cond("field.Plan", "set", nil), cond("field_changed", "", "Seats")).References() {
		kinds = append(kinds, r.Kind+" "+r.ID+" "+r.Path)
	}
	if want := []string{"field Plan conditions[0].any[0].field", "field Seats conditions[1].any[0].value",
		"tag seen actions[0].tags[0]"}; !slices.Equal(kinds, want) {
		t.Errorf("references %q, want %q", kinds, want)
	}
}
