package docs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
)

const schemaFile = "workflows.schema.json"

// TestTheSchemaIsThatOfTheCode compares the file with what the tables make.
// UPDATE_SCHEMA=1 writes it again.
func TestTheSchemaIsThatOfTheCode(t *testing.T) {
	t.Parallel()
	text, err := json.MarshalIndent(automation.Schema(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if os.Getenv("UPDATE_SCHEMA") != "" {
		if err := os.WriteFile(schemaFile, text, 0o644); err != nil { //nolint:gosec // for people to read
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, text) {
		t.Errorf("%s is out of date: UPDATE_SCHEMA=1 go test -run Schema ./docs", schemaFile)
	}
}

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(automation.Schema())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("workflows.json", tree); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("workflows.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// fits says what the schema says of a file.
func fits(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return valid(t, schema, tree)
}

func valid(t *testing.T, schema *jsonschema.Schema, tree any) error {
	t.Helper()
	encoded, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(plain)
}

// TestTheSchemaTakesAllExamples holds the examples and every workflow of the guide
// against the schema.
func TestTheSchemaTakesAllExamples(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t)
	files, err := filepath.Glob("../examples/workflows/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, only %d examples", err, len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // our own files
		if err != nil {
			t.Fatal(err)
		}
		if err := fits(t, schema, string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	found := blocks(t, "files.md", "", "yaml")
	for _, b := range found {
		if err := fits(t, schema, b.text); err != nil {
			t.Errorf("%s:%d: %v", b.file, b.line, err)
		}
	}
	guide := blocks(t, "workflows.md", "", "yaml")
	if len(found) == 0 || len(guide) < 20 {
		t.Fatalf("%d and %d examples: this test would prove nothing", len(found), len(guide))
	}
	for _, b := range guide {
		tree := automation.Encode(example(t, b))
		tree["mailbox"] = "support@example.com"
		if err := valid(t, schema, tree); err != nil {
			t.Errorf("%s:%d: %v", b.file, b.line, err)
		}
	}
}

// Each text has one thing in it that no file has.
func TestTheSchemaRefusesWhatNoFileHas(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t)
	const good = "mailbox: a@example.com\nworkflows:\n  - {name: A, type: automatic, conditions: [{any: [{field: subject, op: contains, " +
		"value: x}]}], actions: [{do: note, body: x}]}\n"
	if err := fits(t, schema, good); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"mailbox: a@example.com", "mailbox: a"}, {"workflows:", "workflow:"}, {"name: A, ", ""}, {"automatic", "sometimes"},
		{"field: subject", "field: subjekt"},
		{"op: contains", "op: is_longer"}, {"op: contains, ", ""}, {"field: subject", "field: new_conversation"}, {"do: note", "do: nothing"},
		{"body: x", "text: x"}, {"body: x", "body: 1"}, {"any:", "all:"}, {"type:", "mode: sometimes, type:"}, {"value: x", "value: {}"},
	} {
		if err := fits(t, schema, strings.Replace(good, c[0], c[1], 1)); err == nil {
			t.Errorf("%s for %s is taken", c[1], c[0])
		}
	}
}
