package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// schema is what this file reads of a JSON schema.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
}

// document is what this file reads of the OpenAPI document.
type document struct {
	Paths map[string]map[string]struct {
		RequestBody *struct {
			Content map[string]struct {
				Schema schema `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

// mistyped returns a value that is not of the schema's type, empty when any is.
func (s schema) mistyped() string {
	switch kind := fmt.Sprint(s.Type); {
	case s.Type == nil:
		return ""
	case strings.Contains(kind, "string"):
		return `17`
	default:
		return `"x"`
	}
}

// hostile is a body, what it is answered with, and what the answer names.
type hostile struct {
	name, body string
	status     int
	names      string
}

// hostileBodies are tried on every route that takes a body.
func hostileBodies(body schema) []hostile {
	list := []hostile{
		{"cut off", `{"name":`, 400, ""},
		{"two values", `{} {}`, 400, ""},
		{"a repeated key", `{"twin":1,"twin":2}`, 400, "twin"},
		{"broken UTF-8", "{\"name\":\"\xff\"}", 400, "name"},
		{"half a surrogate", `{"name":"\ud800"}`, 400, "name"},
		{"deep nesting", strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_000), 400, ""},
		{"NUL", `{"name":"a\u0000b"}`, 422, "name"},
		{"NUL in a key", `{"na\u0000me":"x"}`, 422, ""},
		{"more than a MiB", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, ""},
		{"a key that it does not have", `{"smuggled":true}`, 422, "smuggled"},
		{"keys of the table", `{"id":"` + nobodysID + `","created_at":"2020-01-01T00:00:00Z","smuggled":1}`, 422, "smuggled"},
		{"a key of a prototype", `{"__proto__":{"role":"admin"}}`, 422, "__proto__"},
		{"a list", `[]`, 422, ""},
		{"a text", `"x"`, 422, ""},
		{"a number that is too large", `1e999`, 400, ""},
	}
	for name, property := range body.Properties {
		if wrong := property.mistyped(); wrong != "" && name != "$schema" {
			list = append(list, hostile{"another type of " + name, `{"` + name + `":` + wrong + `}`, 422, name})
			list = append(list, hostile{"an object as " + name, `{"` + name + `":{"$ne":null}}`, 422, name})
		}
	}
	return list
}

// TestHostileBodiesAreRefusedAndStoreNothing reads from the OpenAPI document what
// takes a body, so that a route that is added is tried too.
func TestHostileBodiesAreRefusedAndStoreNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var doc document
	if err := json.Unmarshal(w.want(200, "", "GET", "/openapi.json", nil).body, &doc); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			if operation.RequestBody == nil {
				continue
			}
			method = strings.ToUpper(method)
			key := method + " " + strings.NewReplacer("{", ":", "}", "").Replace(path)
			var body schema
			for _, content := range operation.RequestBody.Content {
				body = content.Schema
			}
			if name, ok := strings.CutPrefix(body.Ref, "#/components/schemas/"); ok {
				body = doc.Components.Schemas[name]
			}
			address := w.fill(key, w.support, false)
			before := w.Counts()
			for _, h := range hostileBodies(body) {
				tried++
				r := w.call(w.asAdmin, method, address, h.body)
				// A check answers problems; it is no failure to have found them.
				found := strings.HasSuffix(key, "/check") && h.status == 422 && r.status == 200 && !strings.Contains(string(r.body), `"problems":[]`)
				if r.status != h.status && !found {
					t.Errorf("%s with %s: %d, want %d: %.300s", key, h.name, r.status, h.status, r.body)
				} else if !strings.Contains(string(r.body), h.names) {
					t.Errorf("%s with %s: the answer does not name %s: %.300s", key, h.name, h.names, r.body)
				}
			}
			if after := w.Counts(); after != before {
				t.Errorf("%s stored something: %s, then %s", key, before, after)
			}
		}
	}
	t.Logf("%d bodies", tried)
}
