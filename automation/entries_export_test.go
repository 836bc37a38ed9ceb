package automation_test

import (
	"slices"
	"testing"

	"github.com/smarticks/smarticks/automation"
)

// Whoever builds conditions and actions out of the entries gets what is accepted.
func TestEntries_MakeWhatIsAccepted(t *testing.T) {
	t.Parallel()
	samples := map[string]any{
		"none": nil, "text": "refund", "pattern": "refund", "assignee": "u1", "user": "u1", "mailbox": "m1", "tag": "vip",
		"tags": []any{"vip"}, "folder": "Refunds",
		"field": "Plan", "duration": "3d", "clock_duration": "3d", "moment": "2026-03-01", "days": []any{"monday"}, "time_of_day": "09:00-17:30",
		"number": 1.5, "count": 3.0, "text_or_number": 2.0,
	}
	sample := func(v automation.ValueEntry) any {
		if v.Kind == "word" {
			return v.Words[0]
		}
		value, known := samples[v.Kind]
		if !known {
			t.Errorf("give this test a value of the kind %q", v.Kind)
		}
		return value
	}
	problems := func(c map[string]any) int {
		d, decoded := automation.Decode(map[string]any{
			"name": "A", "type": "automatic", "actions": []any{map[string]any{"do": "stop"}}, "conditions": []any{map[string]any{"any": []any{c}}},
		})
		_, compiled := automation.Compile(d)
		return len(decoded) + len(compiled)
	}
	var names []string
	for _, f := range automation.FieldEntries() {
		names = append(names, f.Name)
		for _, o := range f.Operators {
			c := map[string]any{"field": f.Name}
			if o.Name != "" {
				c["op"] = o.Name
			}
			if v := sample(o.Value); v != nil {
				c["value"] = v
			}
			if f.Name == "moved_here" {
				delete(c, "value") // it is from, in another word
			}
			for key, v := range map[string]automation.ValueEntry{"from": f.From, "to": f.To} {
				if v.Kind != "none" {
					c[key] = sample(v)
				}
			}
			if problems(c) > 0 {
				t.Errorf("%v is made of the entries and refused", c)
			}
			delete(c, "value")
			if optional := o.Value.Optional || o.Value.Kind == "none"; optional != (problems(c) == 0) {
				t.Errorf("%v without a value: optional is %t", c, optional)
			}
		}
	}
	if !slices.Equal(names, automation.FieldNames()) {
		t.Errorf("%q are not %q", names, automation.FieldNames())
	}
	for i, a := range automation.ActionEntries() {
		keys := []string{"do"}
		for _, p := range a.Parts {
			keys = append(keys, p.Key)
		}
		if do := automation.ActionNames()[i]; a.Do != do || !slices.Equal(keys, automation.ActionKeys(do)) {
			t.Errorf("%s has %q, want %s with %q", a.Do, keys, do, automation.ActionKeys(do))
		}
	}
}
