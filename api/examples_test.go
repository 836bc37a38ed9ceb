package api_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/smarticks/smarticks/api"
)

// object steps into decoded JSON; nil where there is nothing.
func object(v any, path ...string) map[string]any {
	for _, step := range path {
		in, _ := v.(map[string]any)
		v = in[step]
	}
	out, _ := v.(map[string]any)
	return out
}

// TestEveryOperationHasExamplesThatFitItsSchemas reads the document as its readers
// do: each body that is asked for or answered has an example, and JSON Schema
// takes it.
func TestEveryOperationHasExamplesThatFitItsSchemas(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	api.New(api.Config{}).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rec.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	pointer := strings.NewReplacer("~", "~0", "/", "~1")
	checked := 0
	check := func(operation, where string, content map[string]any) {
		for media, of := range content {
			example, there := of.(map[string]any)["example"]
			if !there {
				t.Errorf("%s has no example of its %s: give the type one, or write it into api/examples.go", operation, where)
				continue
			}
			schema, err := compiler.Compile("openapi.json#/paths/" + where + "/content/" + pointer.Replace(media) + "/schema")
			if err != nil {
				t.Errorf("%s: the schema of its %s: %v", operation, where, err)
				continue
			}
			if err := schema.Validate(example); err != nil {
				t.Errorf("%s: the example of its %s does not fit: %v", operation, where, err)
			}
			checked++
		}
	}
	for path, item := range object(doc, "paths") {
		for method, op := range object(item) {
			operation, at := strings.ToUpper(method)+" "+path, pointer.Replace(path)+"/"+method
			check(operation, at+"/requestBody", object(op, "requestBody", "content"))
			for status, response := range object(op, "responses") {
				check(operation, at+"/responses/"+status, object(response, "content"))
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d examples were checked", checked)
	}
}
