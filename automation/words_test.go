package automation_test

import (
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

func TestOutcomesInWords(t *testing.T) {
	t.Parallel()
	row := func(holds automation.Truth, actual, why string) string {
		return automation.ConditionOutcome{Holds: holds, Sentence: "the subject is set", Actual: actual, Why: why}.Words()
	}
	action := func(state automation.ActionState, reason string) string {
		return runs.ActionOutcome{Sentence: "reply to the customer", State: state, Reason: reason}.Words()
	}
	group := automation.Group{Any: []automation.Condition{{Field: "status", Op: "is", Value: "active"}, {Field: "new_conversation"}}}
	for _, c := range []struct{ got, want string }{
		{row(automation.True, "Hello", ""), "yes: the subject is set (Hello)"},
		{row(automation.False, "", ""), "no: the subject is set"},
		{row(automation.Unknown, "", "there is none"), "unknown: the subject is set (there is none)"},
		{row(automation.True, "Hello", "only a part was matched"), "yes: the subject is set (Hello; only a part was matched)"},
		{action(automation.ActionDone, ""), "reply to the customer: done"},
		{action(automation.ActionUnchanged, "there was nothing to change"), "reply to the customer: nothing to change"},
		{action(automation.ActionSkipped, "machine mail"), "reply to the customer: skipped, machine mail"},
		{action(automation.ActionQueued, ""), "reply to the customer: on its way"},
		{action(automation.ActionFailed, "no address"), "reply to the customer: failed, no address"},
		{action(automation.ActionWatched, ""), "reply to the customer: not done, its mode is watch"},
		{group.Sentence(nil), "the status is active, or a new conversation began"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
