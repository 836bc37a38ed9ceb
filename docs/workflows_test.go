package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/errs"
)

// pair is a field with one of its operators.
type pair struct{ field, op string }

// TestEveryConditionAndActionHasAnExampleThatIsAccepted holds workflows.md
// against the catalogue: each field with each of its operators, and each action,
// is shown, and everything that is shown compiles.
func TestEveryConditionAndActionHasAnExampleThatIsAccepted(t *testing.T) {
	t.Parallel()
	rows, actions := map[pair]bool{}, map[string]bool{}
	found := blocks(t, "workflows.md", "", "yaml")
	for _, b := range found {
		d := example(t, b)
		for _, g := range d.Conditions {
			for _, c := range g.Any {
				rows[pair{familiar(c.Field), c.Op}] = true
			}
		}
		for _, a := range d.Actions {
			actions[a.Do] = true
		}
	}
	known := catalogue()
	if len(found) == 0 || len(known) < len(automation.FieldNames()) || len(automation.ActionNames()) == 0 {
		t.Fatalf("%d examples, %d rows known: this test would prove nothing", len(found), len(known))
	}
	for _, p := range known {
		if !rows[p] {
			t.Errorf("the row %s %s has no example", p.field, p.op)
		}
	}
	for _, name := range automation.ActionNames() {
		if !actions[name] {
			t.Errorf("the action %s has no example", name)
		}
	}
}

// TestEveryConditionAndActionIsDescribed holds that the guide has words for each: a
// paragraph that begins with its name, or a line of a table.
func TestEveryConditionAndActionIsDescribed(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	name := regexp.MustCompile("`([a-zA-Z_.]+)`")
	for _, line := range lines(t, "workflows.md") {
		cell, _ := strings.CutPrefix(line, "| ")
		cell, _, isRow := strings.Cut(cell, " |")
		if !isRow || !strings.HasPrefix(line, "| ") {
			cell = strings.Join(regexp.MustCompile("\\*\\*`[a-zA-Z_.]+`\\*\\*").FindAllString(line, -1), " ")
		}
		for _, m := range name.FindAllStringSubmatch(cell, -1) {
			described[m[1]] = true
		}
	}
	for _, field := range automation.FieldNames() {
		if !described[field] {
			t.Errorf("the condition %s is not described: give it a paragraph or a line of a table in docs/workflows.md, under Conditions", field)
		}
	}
	for _, do := range automation.ActionNames() {
		if !described[do] {
			t.Errorf("the action %s is not described: give it a paragraph or a line of a table in docs/workflows.md, under Actions", do)
		}
	}
}

// familiar returns the name under which the catalogue lists a field: all headers
// are header.NAME.
func familiar(field string) string {
	if family, _, ok := strings.Cut(field, "."); ok {
		return family + ".NAME"
	}
	return field
}

// example reads a block: a whole workflow, or a list of rows or actions. Wrong
// ones, unknown names among them, fail the test.
func example(t *testing.T, b block) automation.Definition {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(b.text), &tree); err != nil {
		t.Fatalf("%s:%d: %v", b.file, b.line, err)
	}
	whole, ok := tree.(map[string]any)
	if !ok {
		whole = wrapped(t, b, tree)
	}
	d, decoded := automation.Decode(any(whole))
	_, compiled := automation.Compile(d)
	for _, p := range automation.Problems(decoded, compiled) {
		t.Errorf("%s:%d: %s: %s", b.file, b.line, p.Path, p.Message)
	}
	return d
}

// wrapped makes a workflow of a list of rows or actions.
func wrapped(t *testing.T, b block, tree any) map[string]any {
	t.Helper()
	list, ok := tree.([]any)
	if !ok || len(list) == 0 {
		t.Fatalf("%s:%d: neither a workflow nor a list of rows or actions", b.file, b.line)
	}
	if first, ok := list[0].(map[string]any); ok && first["do"] != nil {
		// A manual one: an agent runs it, so that "me" is somebody.
		return map[string]any{"name": "Example", "type": "manual", "actions": list}
	}
	return map[string]any{
		"name": "Example", "type": "automatic",
		"conditions": []any{map[string]any{"any": list}},
		"actions":    []any{map[string]any{"do": "stop"}},
	}
}

// catalogue lists every field with each operator that it takes, by asking: a
// pair that the field does not take is a problem of the operator.
func catalogue() []pair {
	var all []pair
	for _, field := range automation.FieldNames() {
		for _, op := range append([]string{""}, automation.OperatorNames()...) {
			row := map[string]any{"field": field}
			if op != "" {
				row["op"] = op
			}
			_, bad := automation.Decode(map[string]any{"conditions": []any{map[string]any{"any": []any{row}}}})
			if !at(bad, "conditions[0].any[0].op") {
				all = append(all, pair{field, op})
			}
		}
	}
	return all
}

func at(list []errs.Problem, path string) bool {
	for _, p := range list {
		if p.Path == path {
			return true
		}
	}
	return false
}
