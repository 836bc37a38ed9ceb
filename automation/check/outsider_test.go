package check_test

import (
	"slices"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
)

func when(field, op string, value any) automation.Condition {
	return automation.Condition{Field: field, Op: op, Value: value}
}

func changed(field, from, to string) automation.Condition {
	return automation.Condition{Field: field, From: from, To: to}
}

var (
	replied  = when("customer_replied", "", nil)
	reopened = when("customer_reopened", "", nil)
	agent    = when("agent_replied", "", nil)
	pending  = when("status", "is", "pending")
	spam     = when("status", "is", "spam")
)

// outsiders are workflows as an outsider would write them: of some nothing can ever come,
// and saving says which condition forbids it; the others look alike and can hold.
var outsiders = []struct {
	name  string
	rows  []automation.Condition
	finds string // empty: it can hold
}{
	{"the answer to a pending one, by its status", []automation.Condition{replied, when("body", "contains", "dank"), pending},
		"closed_before_answer conditions[2].any[0]"},
	{"reopened, and an agent replied", []automation.Condition{reopened, agent}, "never_true conditions[1]"},
	{"reopened after a month, and pending", []automation.Condition{when("customer_reopened", "", "30d"), pending}, "never_true conditions[1]"},
	{"reopened, and the status changed by itself", []automation.Condition{reopened, changed("status_changed", "closed", "")},
		"never_true conditions[1]"},
	{"a new conversation and a note", []automation.Condition{when("new_conversation", "", nil), when("note_added", "", nil)},
		"never_true conditions[1]"},
	{"a third party wrote, and the customer replied", []automation.Condition{when("third_party_replied", "", nil), replied},
		"never_true conditions[1]"},
	{"a tag came by a reply", []automation.Condition{when("tag_added", "", "vip"), agent}, "never_true conditions[1]"},
	{"assigned to two", []automation.Condition{changed("assignee_changed", "", "u1"), changed("assignee_changed", "", "u2")},
		"never_true conditions[1]"},
	{"three files and at most one", []automation.Condition{replied, when("attachment_count", "at_least", 3.0),
		when("attachment_count", "at_most", 1.0)},
		"never_true conditions[2]"},
	{"proven and not proven", []automation.Condition{replied, when("authentication", "is", "pass"), when("authentication", "is", "fail")},
		"never_true conditions[2]"},
	{"somebody waits in spam", []automation.Condition{when("waiting_since", "longer_than", "5h"), spam},
		"waiting_status conditions[0].any[0]"},
	{"an agent replied, and the customer waits", []automation.Condition{agent, when("waiting_since", "longer_than", "1h")},
		"never_true conditions[1]"},
	{"a subject that begins twice", []automation.Condition{when("subject", "starts_with", "[Commande]"), replied,
		when("subject", "starts_with", "[Retour]")},
		"never_true conditions[2]"},
	{"just closed, and unchanged for days", []automation.Condition{when("last_status_change", "not_in_the_last", "2d"),
		changed("status_changed", "", "closed")},
		"never_true conditions[1]"},

	{"the answer to a closed one", []automation.Condition{reopened, when("body", "contains", "dank")}, ""},
	{"the same of an important customer", []automation.Condition{when("customer_reopened", "", "14d"),
		when("tags", "has_any", []any{"vip"})}, ""},
	{"an answer in spam", []automation.Condition{replied, spam}, ""},
	{"a holiday note in a closed one", []automation.Condition{replied, when("status", "is", "closed"), when("is_auto_reply", "is", "yes")},
		""},
	{"pending, and the customer wrote long ago", []automation.Condition{pending, when("last_customer_reply", "not_in_the_last", "3d")}, ""},
	{"somebody of us closes", []automation.Condition{changed("status_changed", "", "closed"), when("user_action", "", nil)}, ""},
	{"two files of which one is named", []automation.Condition{replied, when("attachment_count", "at_least", 2.0),
		when("attachment_name", "ends_with", ".pdf")}, ""},
	{"two header lines of one name", []automation.Condition{replied, when("header.X-Shop", "is", "a"), when("header.X-Shop", "is", "b")}, ""},
}

func TestOutsidersWorkflowsThatNeverRun(t *testing.T) {
	t.Parallel()
	for _, c := range outsiders {
		var got []string
		for _, f := range check.One(flow("w", "A", []automation.Action{{Do: automation.DoNote, Body: "x"}}, c.rows...).Definition) {
			got = append(got, f.ID+" "+f.Path)
		}
		want := []string{c.finds}
		if c.finds == "" {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: saving says %q, want %q", c.name, got, want)
		}
	}
}
