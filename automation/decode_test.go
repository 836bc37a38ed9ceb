package automation

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// written decodes JSON, or fails.
func written(t testing.TB, source string) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal([]byte(source), &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// designExample is the example of the HTTP contract.
const designExample = `{"name": "Refund requests", "type": "automatic", "mode": "on", "max_runs": 1, "apply_to_earlier": false,
 "conditions": [
   {"any": [{"field": "subject", "op": "contains", "value": "refund"}, {"field": "body", "op": "matches", "value": "/money\\s+back/i"}]},
   {"any": [{"field": "status", "op": "is", "value": "active"}]}],
 "actions": [
   {"do": "add_tags", "tags": ["refund"]},
   {"do": "assign", "to": "unassigned"},
   {"do": "reply", "body": "Hello {%customer.firstName,fallback=there%}, we have your request #{%conversation.number%}."},
   {"do": "webhook", "url": "https://erp.example/refunds", "body": {"number": "{%conversation.number%}"}}]}`

func TestDecodeReadsTheExampleOfTheContract(t *testing.T) {
	t.Parallel()
	d, bad := Decode(written(t, designExample), "mode", "position")
	want := Definition{
		Name: "Refund requests", Type: TypeAutomatic, MaxRuns: 1,
		Conditions: []Group{
			{Any: []Condition{{Field: "subject", Op: "contains", Value: "refund"}, {Field: "body", Op: "matches", Value: `/money\s+back/i`}}},
			{Any: []Condition{{Field: "status", Op: "is", Value: "active"}}},
		},
		Actions: []Action{
			{Do: DoAddTags, Tags: []string{"refund"}},
			{Do: DoAssign, To: []string{Unassigned}},
			{Do: DoReply, Body: "Hello {%customer.firstName,fallback=there%}, we have your request #{%conversation.number%}."},
			{Do: DoWebhook, URL: "https://erp.example/refunds", JSON: map[string]any{"number": "{%conversation.number%}"}},
		},
	}
	if len(bad) > 0 || !reflect.DeepEqual(d, want) {
		t.Fatalf("%v\n%+v", bad, d)
	}
	compiled(t, d)
}

func TestDecodeTellsWhatIsWronglyWritten(t *testing.T) {
	t.Parallel()
	with := func(key string, value any) map[string]any {
		tree := Encode(definition(isTrue))
		tree[key] = value
		return tree
	}
	conditions := func(row map[string]any) any {
		return with("conditions", []any{map[string]any{"any": []any{map[string]any{"field": "new_conversation"}, row}}})
	}
	actions := func(action any) any { return with("actions", []any{map[string]any{"do": "stop"}, action}) }
	type object = map[string]any
	for _, c := range []struct {
		name  string
		tree  any
		path  string
		words string
	}{
		{"a list is no workflow", []any{}, "", "not a list"},
		{"nothing is no workflow", nil, "", "not nothing"},
		{"an unknown key, near to a known one", with("max_run", 1.0), "max_run", `did you mean "max_runs"`},
		{"an unknown key, near to none", with("colour", 1.0), "colour", "known are name, type"},
		{"an unknown key that is no word", with("max runs!\n", 1.0), `["max runs!"]`, `did you mean "max_runs"`},
		{"mode is not ours", with("mode", "on"), "mode", "unknown key"},
		{"a name is a text", with("name", 7.0), "name", "not a number"},
		{"a name has no U+0000", with("name", "a\x00b"), "name", "U+0000"},
		{"a name is UTF-8", with("name", "a\xff"), "name", "UTF-8"},
		{"max_runs is a number", with("max_runs", "1"), "max_runs", "not a text"},
		{"max_runs is whole", with("max_runs", 1.5), "max_runs", "whole number"},
		{"max_runs is no fantasy", with("max_runs", 1e300), "max_runs", "whole number"},
		{"max_runs is finite", with("max_runs", math.NaN()), "max_runs", "number"},
		{"a duration is a text", with("too_late_after", 60.0), "too_late_after", "not a text"},
		{"a duration has a unit", with("too_late_after", "60"), "too_late_after", "is not a duration"},
		{"a duration is at least a second", with("too_late_after", "0s"), "too_late_after", "at least 1s"},
		{"a duration is of the clock", with("too_late_after", "2bh"), "too_late_after", "by the clock"},
		{"a confirmation is a bool", with("confirm", "true"), "confirm", "true or false"},
		{"a yes is a bool", with("apply_to_earlier", "yes"), "apply_to_earlier", "true or false"},
		{"a key without a value", with("notes", nil), "notes", "leave the key out"},
		{"conditions are a list", with("conditions", object{}), "conditions", "must be a list"},
		{"a group is an object", with("conditions", []any{isTrue.Field}), "conditions[0]", `the key "any"`},
		{"a group has only any", with("conditions", []any{object{"any": []any{object{"field": "new_conversation"}}, "all": []any{}}}),
			"conditions[0].all", "unknown key"},
		{"a group has any", with("conditions", []any{object{}}), "conditions[0]", `needs the key "any"`},
		{"conditions are a list", with("conditions", []any{object{"any": object{}}}), "conditions[0].any", "must be a list"},
		{"a condition is an object", with("conditions", []any{object{"any": []any{"x"}}}), "conditions[0].any[0]",
			"a condition must be an object"},
		{"a condition has a field", conditions(object{"op": "is", "value": "x"}), "conditions[0].any[1].field", "needs a field"},
		{"an unknown field", conditions(object{"field": "subjekt", "op": "is", "value": "x"}), "conditions[0].any[1].field",
			`did you mean "subject"`},
		{"an unknown operator", conditions(object{"field": "subject", "op": "is not", "value": "x"}), "conditions[0].any[1].op",
			`did you mean "is_not"`},
		{"an operator of another field", conditions(object{"field": "status", "op": "contains", "value": "x"}), "conditions[0].any[1].op",
			"known are is, is_not (of status)"},
		{"a condition without an operator", conditions(object{"field": "tags", "value": "x"}), "conditions[0].any[1].op",
			"one of has_any, has_all, has_none"},
		{"an event with an operator", conditions(object{"field": "note_added", "op": "is"}), "conditions[0].any[1].op", "takes no operator"},
		{"an unknown key of a condition", conditions(object{"field": "subject", "op": "is", "vlaue": "x", "value": "y"}),
			"conditions[0].any[1].vlaue", `did you mean "value"`},
		{"a value that is an object", conditions(object{"field": "subject", "op": "is", "value": object{}}), "conditions[0].any[1].value",
			"not an object"},
		{"a value with a list in a list", conditions(object{"field": "tags", "op": "has_any", "value": []any{"a", []any{}}}),
			"conditions[0].any[1].value[1]", "not a list"},
		{"a value with nothing in a list", conditions(object{"field": "tags", "op": "has_any", "value": []any{nil}}),
			"conditions[0].any[1].value[0]", "not nothing"},
		{"a value of a foreign kind", conditions(object{"field": "subject", "op": "is", "value": time.Time{}}), "conditions[0].any[1].value",
			"in quotes"},
		{"an action is an object", actions("stop"), "actions[1]", "must be an object"},
		{"an action says what to do", actions(object{"tags": []any{"a"}}), "actions[1].do", "one of notify, reply"},
		{"an unknown action", actions(object{"do": "add_tag", "tags": []any{"a"}}), "actions[1].do", `did you mean "add_tags"`},
		{"an action that is no text", actions(object{"do": 1.0}), "actions[1].do", "must be a text"},
		{"a key of another action", actions(object{"do": "reply", "body": "x", "subject": "y"}), "actions[1].subject", "known are do, body, as"},
		{"tags are texts", actions(object{"do": "add_tags", "tags": []any{"a", 2024}}), "actions[1].tags[1]", "not a number"},
		{"tags are no object", actions(object{"do": "add_tags", "tags": object{}}), "actions[1].tags", "list of texts"},
		{"one assignee is no list", actions(object{"do": "assign", "to": []any{"u1"}}), "actions[1].to", "not a list"},
		{"headers are an object", actions(object{"do": "webhook", "url": "https://a.example", "headers": []any{}}), "actions[1].headers",
			"must be an object"},
		{"headers are texts", actions(object{"do": "webhook", "url": "https://a.example", "headers": object{"X-A": 1.0}}),
			`actions[1].headers["X-A"]`, "must be a text"},
		{"a tree without foreign values", actions(object{"do": "webhook", "url": "https://a.example",
			"body": object{"at": []any{1.0, time.Time{}}}}), "actions[1].body.at[1]", "in quotes"},
		{"a tree without numbers that lose digits",
			actions(object{"do": "webhook", "url": "https://a.example", "body": object{"n": int64(1) << 60}}), "actions[1].body.n", "too large"},
		{"a tree that is not too deep", actions(object{"do": "webhook", "url": "https://a.example", "body": deepTree(MaxTreeDepth + 1)}),
			"actions[1].body" + strings.Repeat("[0]", MaxTreeDepth+1), "too deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, bad := Decode(c.tree)
			onlyProblem(t, bad, c.path, c.words)
		})
	}
}

func deepTree(depth int) any {
	var tree any = "x"
	for range depth {
		tree = []any{tree}
	}
	return tree
}

func TestDecodeTellsEverythingAtOnceAndInOrder(t *testing.T) {
	t.Parallel()
	tree := written(t, `{"zzz": 1, "aaa": 1, "actions": [{"do": "replay"}, {"do": "note"}], "type": "automatic",
		"conditions": [{"any": [{"field": "body", "op": "matches", "value": "(?=x)"}, {"field": "bdy", "op": "is"}]}, {"any": []}], "name": 1}`)
	want := []string{"name", "conditions[0].any[1].field", "actions[0].do", "aaa", "zzz"}
	d, decoded := Decode(tree)
	_, found := Compile(d)
	for range 20 {
		again, _ := Decode(tree)
		_, same := Decode(tree)
		if !reflect.DeepEqual(again, d) || !reflect.DeepEqual(same, decoded) {
			t.Fatal("not the same twice")
		}
	}
	for i, p := range decoded {
		if i >= len(want) || p.Path != want[i] {
			t.Fatalf("%+v, want %v", decoded, want)
		}
	}
	all := Problems(decoded, found)
	var paths []string
	for _, p := range all {
		paths = append(paths, p.Path)
	}
	want = append(want, "conditions[0].any[0].value", "conditions[1].any", "actions[1].body")
	if !reflect.DeepEqual(paths, want) {
		t.Errorf("together %v, want %v", paths, want)
	}
}

func TestDecodeReadsWhatYAMLGives(t *testing.T) {
	t.Parallel()
	tree := map[string]any{
		"name": "A", "type": "manual", "max_runs": 3,
		"actions": []any{
			map[string]any{"do": "notify", "to": "assignee", "body": "x"},
			map[string]any{"do": "webhook", "url": "https://a.example", "body": map[string]any{"n": 1, "m": uint64(2), "o": int64(3), "none": nil}},
		},
	}
	d, bad := Decode(tree)
	if len(bad) > 0 || d.MaxRuns != 3 || !reflect.DeepEqual(d.Actions[0].To, []string{ToAssignee}) ||
		!reflect.DeepEqual(d.Actions[1].JSON, map[string]any{"n": 1.0, "m": 2.0, "o": 3.0, "none": nil}) {
		t.Fatalf("%v %+v", bad, d)
	}
}

func TestEncodeLeavesOutDefaultsAndIsJSON(t *testing.T) {
	t.Parallel()
	d := definition(isTrue, cond("new_conversation", "", nil))
	d.Actions = append(d.Actions, Action{Do: DoNotify, To: []string{ToAssignee}, Body: "x"},
		Action{Do: DoNotify, To: []string{ToAssignee, "u1"}, Body: "x"})
	got, err := json.Marshal(Encode(d))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"actions":[{"do":"add_tags","tags":["seen"]},{"body":"x","do":"notify","to":"assignee"},` +
		`{"body":"x","do":"notify","to":["assignee","u1"]}],` +
		`"conditions":[{"any":[{"field":"status","op":"is","value":"active"}]},{"any":[{"field":"new_conversation"}]}],"name":"A ` +
		`workflow","type":"automatic"}`
	if string(got) != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
}
