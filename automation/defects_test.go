package automation

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// The faults that other helpdesks' workflows have, one test each.

// holds fails unless the condition has the truth for the facts.
func holds(t *testing.T, row Condition, f conversation.Facts, want Truth) {
	t.Helper()
	if got := compiled(t, definition(row)).Evaluate(f); got.Holds != want {
		t.Errorf("%+v: %v, want %v", got.Groups[0].Rows[0], got.Holds, want)
	}
}

func TestDefectUnassignedIsComparedWrongly(t *testing.T) {
	t.Parallel()
	for who, is := range map[conversation.UserID]Truth{"": True, "u1": False} {
		f := facts(assignee(who))
		holds(t, cond("assignee", "is", Unassigned), f, is)
		holds(t, cond("assignee", "is_not", Unassigned), f, truth(is == False))
		holds(t, cond("assignee", "is_not", "u2"), f, True)
		change := facts(event(conversation.KindAssigneeChanged, change(string(who), "u9")))
		holds(t, Condition{Field: "assignee_changed", From: Unassigned}, change, is)
	}
}

func TestDefectHasNoneOfTheTagsHoldsWhenAnyIsAbsent(t *testing.T) {
	t.Parallel()
	both := []any{"late", "vip"}
	holds(t, cond("tags", "has_none", both), facts(tags("vip")), False)
	holds(t, cond("tags", "has_none", both), facts(tags("late", "vip")), False)
	holds(t, cond("tags", "has_none", both), facts(tags("other")), True)
}

func TestDefectToAndCcAreNeverEqual(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"sales@smarticks.test", "SALES@smarticks.test", "Sales Team <sales@smarticks.test>"} {
		for _, kept := range []string{"sales@smarticks.test", "Sales <sales@smarticks.test>"} {
			f := facts(mail(sentTo("a@x.test", kept), copied("b@x.test", kept)))
			for _, field := range []string{"to", "cc"} {
				holds(t, cond(field, "is", written), f, True)
				holds(t, cond(field, "is_not", written), f, False)
			}
		}
	}
}

func TestDefectAnEmptyListMatchesEverything(t *testing.T) {
	t.Parallel()
	for _, row := range []Condition{
		cond("tags", "has_any", []any{}), cond("tags", "has_all", []any{}), cond("tags", "has_none", []any{}),
		cond("tag_added", "", ""), cond("to", "contains", ""), cond("subject", "matches", ""), cond("body", "contains", " "),
	} {
		if _, bad := Compile(definition(row)); len(bad) != 1 {
			t.Errorf("%+v: problems %+v, want one", row, bad)
		}
	}
	// And a list that the conversation has not: nothing is in it.
	bare := facts(mail())
	for _, field := range []string{"to", "cc", "attachment_name", "header.X-Flag"} {
		holds(t, cond(field, "contains", "a"), bare, False)
		holds(t, cond(field, "does_not_contain", "a"), bare, True)
	}
}

func TestDefectHoursAreRounded(t *testing.T) {
	t.Parallel()
	row := cond("waiting_since", "longer_than", "24h")
	waits := func(d time.Duration) conversation.Facts {
		return facts(func(f *conversation.Facts) { f.Conversation.WaitingSince = f.Now.Add(-d) })
	}
	holds(t, row, waits(23*time.Hour+59*time.Minute+59*time.Second), False)
	holds(t, row, waits(24*time.Hour), True)
	due, ok := compiled(t, definition(row)).NextDue(waits(time.Hour), Used{})
	if !ok || !due.At.Equal(t0.Add(23*time.Hour)) {
		t.Errorf("due %v", due.At)
	}
}

func TestDefectThePreviewIsMatchedInsteadOfTheBody(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("We have a question about our contract. ", 500) + "Please refund us."
	f := facts(message(long))
	holds(t, cond("body", "contains", "refund us"), f, True)
	holds(t, cond("body", "does_not_contain", "refund us"), f, False)
	holds(t, cond("note_body", "contains", "refund us"), facts(mail(note(long))), True)
}

func TestDefectWhatIsNoNumberIsReadAsZero(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"message_count", "customer_reply_count", "attachment_count"} {
		for _, value := range []any{"", "many", "0", "5", true, nil, []any{}, []any{1.0}} {
			for _, o := range findField(field).ops {
				if _, bad := Compile(definition(cond(field, o.name, value))); len(bad) != 1 || bad[0].Path != "conditions[0].any[0].value" {
					t.Errorf("%s %s %v: problems %+v, want one", field, o.name, value, bad)
				}
			}
		}
	}
}

func TestDefectHitsAreCountedInsteadOfLogic(t *testing.T) {
	t.Parallel()
	d := definition()
	d.Conditions = []Group{{Any: []Condition{isTrue, isTrue, isTrue}}, {Any: []Condition{isFalse}}}
	if got := compiled(t, d).Evaluate(facts()).Holds; got != False {
		t.Errorf("three conditions of one group stood for another group: %v", got)
	}
	d.Conditions = []Group{{Any: []Condition{isTrue, isFalse}}, {Any: []Condition{isTrue, isFalse}}}
	if got := compiled(t, d).Evaluate(facts()).Holds; got != True {
		t.Errorf("one condition of each group was not enough: %v", got)
	}
}
