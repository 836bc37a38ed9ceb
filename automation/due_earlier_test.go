package automation

import "testing"

func TestWhenAConversationMayBeDueEarlier(t *testing.T) {
	t.Parallel()
	waits := func(span string) Condition { return cond("waiting_since", "longer_than", span) }
	for _, c := range []struct {
		name   string
		before *Definition
		after  Definition
		want   bool
	}{
		{"none was in force", nil, definition(waits("1h")), true},
		{"no date condition", nil, definition(cond("subject", "contains", "x")), false},
		{"shorter", new(definition(waits("1h"))), definition(waits("10m")), true},
		{"longer", new(definition(waits("1h"))), definition(waits("3h")), false},
		{"business time instead", new(definition(waits("1h"))), definition(waits("3bh")), true},
		{"more business days", new(definition(waits("1bd"))), definition(waits("2bd")), false},
		{"shorter in the other direction", new(definition(cond("created", "in_the_last", "3h"))),
			definition(cond("created", "in_the_last", "1h")), true},
		{"a group less", new(definition(waits("1h"), cond("status", "is", "active"))), definition(waits("1h")), true},
		{"another condition", new(definition(waits("1h"), cond("status", "is", "active"))),
			definition(waits("1h"), cond("status", "is", "pending")), true},
		{"the same", new(definition(waits("1h"))), definition(waits("1h")), false},
	} {
		if got := MayBeDueEarlier(c.before, c.after); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	more, other := definition(waits("1h")), definition(waits("1h"))
	more.MaxRuns, other.Actions = 9, []Action{{Do: DoAddTags, Tags: []string{"other"}}}
	if !MayBeDueEarlier(new(definition(waits("1h"))), more) {
		t.Error("more runs: never looked at")
	}
	if MayBeDueEarlier(new(definition(waits("1h"))), other) {
		t.Error("other actions: looked at for nothing")
	}
}
