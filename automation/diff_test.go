package automation

import (
	"slices"
	"testing"
)

func TestDiffNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	before := definition(cond("waiting_since", "longer_than", "1h"), cond("status", "is", "active"))
	after := definition(cond("waiting_since", "longer_than", "10m"))
	after.Name, after.MaxRuns, after.ApplyToEarlier = "Other", 5, true
	after.Actions = append(slices.Clone(before.Actions), Action{Do: DoAddTags, Tags: []string{"a", "b"}})
	want := []Difference{
		{"name", `"` + before.Name + `"`, `"Other"`},
		{"max_runs", "", "5"},
		{"apply_to_earlier", "", "true"},
		{"conditions[0].any[0].value", `"1h"`, `"10m"`},
		{"conditions[1]", `{"any":[{"field":"status","op":"is","value":"active"}]}`, ""},
	}
	got := Diff(before, after)
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("got %+v, want %+v first", got, want)
	}
	asks := after
	yes := true
	asks.Confirm = &yes
	if got := Diff(after, asks); len(got) != 1 || got[0] != (Difference{"confirm", "", "true"}) {
		t.Errorf("a confirmation is told as %+v", got)
	}
	last := got[len(got)-1]
	if last.Before != "" || last.After != `{"do":"add_tags","tags":["a","b"]}` {
		t.Errorf("the new action is told as %+v", last)
	}
	if same := Diff(before, before); len(same) != 0 {
		t.Errorf("a definition differs from itself: %+v", same)
	}
}
