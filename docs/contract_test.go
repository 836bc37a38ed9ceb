package docs_test

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/automation"
)

// contract is what is published of workflows: the OpenAPI document for JSON, the JSON
// Schema for files.
type contract struct {
	t             *testing.T
	openAPI, file *jsonschema.Schema
}

func newContract(t *testing.T) contract {
	t.Helper()
	text, err := api.Document("test", false)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	body, err := c.Compile("openapi.json#/paths/~1v1~1mailboxes~1{id}~1workflows/post/requestBody/content/application~1json/schema")
	if err != nil {
		t.Fatal(err)
	}
	return contract{t, body, schemaOf(t)}
}

// verdicts returns what the reader of workflows, the document and the schema say of one;
// nil is that it is good.
func (c contract) verdicts(workflow map[string]any) (read, openAPI, file error) {
	c.t.Helper()
	d, decoded := automation.Decode(workflow)
	_, compiled := automation.Compile(d)
	for _, p := range automation.Problems(decoded, compiled) {
		read = verdict(p.Path + ": " + p.Message)
		break
	}
	inFile := maps.Clone(workflow)
	inFile["mailbox"] = "support@example.com"
	return read, valid(c.t, c.openAPI, workflow), valid(c.t, c.file, inFile)
}

type verdict string

func (v verdict) Error() string { return string(v) }

// agree fails the test where the reader and what is published say something else. What a
// schema cannot say (unsaid) it may take although it is refused.
func (c contract) agree(what any, workflow map[string]any, unsaid bool) (good bool) {
	c.t.Helper()
	read, openAPI, file := c.verdicts(workflow)
	for name, says := range map[string]error{"/openapi.json": openAPI, "the JSON Schema": file} {
		if read == nil && says != nil {
			c.t.Errorf("%v is good, and %s refuses it: %v", what, name, says)
		}
		if read != nil && says == nil && !unsaid {
			c.t.Errorf("%v is refused (%v), and %s takes it", what, read, name)
		}
	}
	return read == nil
}

// guided returns the workflows of the guide as they are written there.
func guided(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, b := range blocks(t, "workflows.md", "", "yaml") {
		var tree any
		if err := yaml.Unmarshal([]byte(b.text), &tree); err != nil {
			t.Fatalf("%s:%d: %v", b.file, b.line, err)
		}
		whole, ok := tree.(map[string]any)
		if !ok {
			whole = wrapped(t, b, tree)
		}
		all = append(all, whole)
	}
	return all
}

// TestContract_TakesWhatTheGuideShows holds every workflow of the guide, and so every
// field, operator and action, against what is published.
func TestContract_TakesWhatTheGuideShows(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	found := guided(t)
	if len(found) < 20 {
		t.Fatalf("only %d workflows: this test would prove nothing", len(found))
	}
	for _, w := range found {
		if !c.agree(w, w, false) {
			t.Errorf("%v is in the guide and is not good", w)
		}
	}
}

func withCondition(condition map[string]any) map[string]any {
	return map[string]any{
		"name": "A", "type": "automatic", "actions": []any{map[string]any{"do": "stop"}},
		"conditions": []any{map[string]any{"any": []any{condition}}},
	}
}

// TestContract_OfConditionsIsWhatIsRead puts each field together with each operator,
// values of all sorts, and the other keys.
func TestContract_OfConditionsIsWhatIsRead(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	values := []any{
		nil, "", "refund", "yes", "closed", "published", "great", "email", "portal", "customer", "pass", "inside", "monday", "3d", "2bd",
		"2026-03-01", "2026-03-01T09:00:00Z", "09:00-17:30", "maria@example.com", "unassigned", 5.0, 1.5, -1.0, true,
		[]any{}, []any{"monday"}, []any{"refund", "vip"}, []any{1.0}, map[string]any{},
	}
	known, good := catalogue(), map[pair]bool{}
	agree := func(unsaid bool, keys ...any) bool {
		condition := map[string]any{}
		for i := 0; i < len(keys); i += 2 {
			if keys[i+1] != nil && (keys[i] != "op" || keys[i+1] != "") {
				condition[keys[i].(string)] = keys[i+1]
			}
		}
		return c.agree(condition, withCondition(condition), unsaid)
	}
	for _, field := range append(automation.FieldNames(), "subjekt", "header.", "field.", "mailbox", "") {
		for _, op := range append([]string{"", "is_longer"}, automation.OperatorNames()...) {
			if !slices.Contains(known, pair{field, op}) {
				agree(false, "field", field, "op", op, "value", "refund")
				continue
			}
			for _, value := range values {
				first := !good[pair{field, op}]
				if !agree(field == "user_action" && value == "unassigned", "field", field, "op", op, "value", value) || !first {
					continue
				}
				good[pair{field, op}] = true
				for _, key := range []string{"from", "to", "form"} {
					agree(false, "field", field, "op", op, "value", value, key, "closed")
				}
			}
		}
	}
	for _, p := range catalogue() {
		if !good[p] {
			t.Errorf("%s %s was never good: give this test a value for it", p.field, p.op)
		}
	}
}

// TestContract_OfActionsIsWhatIsRead takes each action of the guide apart: without each of
// its keys, with each other key, and with values of other types.
func TestContract_OfActionsIsWhatIsRead(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	samples := map[string]any{}
	var actions []map[string]any
	for _, w := range guided(t) {
		list, _ := w["actions"].([]any)
		for _, a := range list {
			action := a.(map[string]any)
			maps.Copy(samples, action)
			actions = append(actions, action)
		}
	}
	samples["frm"] = "x"
	agree := func(action map[string]any, unsaid bool) {
		c.agree(action, map[string]any{"name": "A", "type": "manual", "actions": []any{action}}, unsaid)
	}
	seen := map[string]bool{}
	for _, action := range actions {
		do := action["do"].(string)
		seen[do] = true
		agree(action, false)
		for key, value := range action {
			without := maps.Clone(action)
			delete(without, key)
			agree(without, false)
			words := slices.Contains([]string{"do", "status", "method", "as"}, key)
			for _, other := range []any{5.0, true, "x", "", []any{"closed"}, []any{}, map[string]any{}, []any{5.0}} {
				if reflect.DeepEqual(other, value) || words && other == "" {
					continue // an empty word may be written for none, and nobody is told so
				}
				with := maps.Clone(action)
				with[key] = other
				// What a text is about, an address say, no schema says.
				agree(with, !words && (other == "x" || reflect.DeepEqual(other, []any{"closed"})))
			}
		}
		for key, sample := range samples {
			if !slices.Contains(automation.ActionKeys(do), key) {
				with := maps.Clone(action)
				with[key] = sample
				agree(with, false)
			}
		}
	}
	for _, do := range automation.ActionNames() {
		if !seen[do] {
			t.Errorf("%s is not in the guide", do)
		}
	}
}
