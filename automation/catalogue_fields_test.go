package automation

import (
	"slices"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// promisedFields are the operators that were agreed on for each type of custom
// field.
var promisedFields = map[string]string{
	"field.Plan":      "is is_not set not_set",
	"field.Order":     t7 + " set not_set",
	"field.Address":   t7 + " set not_set",
	"field.Seats":     numbers + " set not_set",
	"field.Renews on": "past future today in_the_next not_in_the_next in_the_last not_in_the_last before after set not_set",
	"field.VIP":       "is",
}

func customCases() []catalogueCase {
	value := func(name string) func(string) making {
		return func(v string) making {
			return func(f *conversation.Facts) {
				f.Mailbox.Fields, f.Mailbox.TimeZone = customWorld.Fields, "Europe/Berlin"
				f.Conversation.Fields = map[string]string{name: v}
			}
		}
	}
	seats := func(n int) making { return value("Seats")(string(rune('0' + n))) }
	plan, day, vip := value("Plan"), value("Renews on"), value("VIP")
	cases := []catalogueCase{
		as("field.Plan", "is", "PAID", plan("paid"), plan("free")),
		as("field.Plan", "is_not", "paid", plan("free"), plan("paid")),
		as("field.Renews on", "past", nil, day("2026-11-22"), day("2026-11-23")),
		as("field.Renews on", "future", nil, day("2026-11-24"), day("2026-11-23")),
		as("field.Renews on", "today", nil, day("2026-11-23"), day("2026-11-24")),
		as("field.Renews on", "in_the_next", "2d", day("2026-11-25"), day("2026-11-26")),
		as("field.Renews on", "not_in_the_next", "2d", day("2026-11-26"), day("2026-11-25")),
		as("field.Renews on", "in_the_last", "2d", day("2026-11-22"), day("2026-11-21")),
		as("field.Renews on", "not_in_the_last", "2d", day("2026-11-21"), day("2026-11-22")),
		as("field.Renews on", "before", "2026-11-23", day("2026-11-22"), day("2026-11-23")),
		as("field.Renews on", "after", "2026-11-23", day("2026-11-24"), day("2026-11-23")),
		as("field.VIP", "is", "yes", vip("yes"), vip("")),
		as("field.VIP", "is", "no", vip(""), vip("yes")),
	}
	for field, set := range map[string]func(string) making{"field.Plan": plan, "field.Seats": value("Seats"), "field.Renews on": day} {
		cases = append(cases, as(field, "set", nil, set("1"), set("")), as(field, "not_set", nil, set(""), set("1")))
	}
	return slices.Concat(cases, numberCases("field.Seats", seats),
		t7Cases("field.Order", value("Order")), presenceCases("field.Order", value("Order")),
		t7Cases("field.Address", value("Address")), presenceCases("field.Address", value("Address")))
}

func TestEveryPromisedCustomFieldRowIsTrueAndFalse(t *testing.T) {
	t.Parallel()
	covered := trueAndFalse(t, customCases())
	promisedAreCovered(t, promisedFields, covered)
	for _, o := range customOperators {
		if !slices.ContainsFunc(SortedKeys(covered), func(f string) bool { return slices.Contains(covered[f], o.name) }) {
			t.Errorf("%s is in the code and not in the catalogue", o.name)
		}
	}
}
