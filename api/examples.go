package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Every body in the document has an example. A request that means something has
// one of the table; all others are made of their schema: of the examples, words and
// bounds that the types declare, and of what a property of that name usually holds.

const exampleID = "01a2183f-5d0e-7c41-9f6a-2b7de3a40c11"

const exampleWorkflow = `{"name":"Refund requests","type":"automatic",
	"conditions":[{"any":[{"field":"subject","op":"contains","value":"refund"}]},{"any":[{"field":"status","op":"is","value":"active"}]}],
	"actions":[{"do":"add_tags","tags":["refund"]},{"do":"reply","body":"Hello {%customer.firstName,fallback=there%}, we look into it."}]}`

// requestExamples are the bodies of requests, by how Gin names their routes.
var requestExamples = map[string]string{
	"POST /v1/mailboxes": `{"name":"Support","email":"support@example.com","time_zone":"Europe/Berlin",
		"business_hours":{"monday":["09:00-17:30"],"holidays":["2026-12-25"]}}`,
	"PATCH /v1/mailboxes/:id": `{"from_name":"Support of Example","track_views":true}`,
	"POST /v1/conversations": `{"mailbox":"support@example.com","customer":{"email":"ann@example.com","name":"Ann ` +
		`Smith"},"subject":"Where is my parcel?","body":"I ordered a week ago.","tags":["parcel"]}`,
	"PATCH /v1/conversations/:id":            `{"status":"pending","assignee_id":"` + exampleID + `","tags":["refund"]}`,
	"POST /v1/conversations/:id/messages":    `{"kind":"reply","body":"It is on its way.","to":["ann@example.com"],"cc":["bob@example.com"]}`,
	"POST /v1/conversations/:id/rating":      `{"rating":"great","comment":"Quick!"}`,
	"POST /v1/mailboxes/:id/workflows":       exampleWorkflow,
	"POST /v1/mailboxes/:id/workflows/check": exampleWorkflow,
	"PUT /v1/workflows/:id":                  exampleWorkflow,
	"POST /v1/workflows/:id/check":           exampleWorkflow,
	"PATCH /v1/workflows/:id":                `{"mode":"on"}`,
	"POST /v1/fields":                        `{"mailbox_id":"` + exampleID + `","name":"Plan","type":"dropdown","options":["Free","Pro"]}`,
	"POST /v1/workflows/:id/resume":          `{"make_up":true}`,
	"PATCH /v1/fields/:id":                   `{"options":["Free","Pro","Team"]}`,
	"POST /v1/folders":                       `{"mailbox_id":"` + exampleID + `","name":"Urgent","status":["active"],"tags":["urgent"]}`,
	"PATCH /v1/folders/:id":                  `{"tags":["urgent","vip"]}`,
	"PATCH /v1/users/:id":                    `{"available":false}`,
	"POST /v1/webhooks":                      `{"name":"ERP","url":"https://erp.example/hook","events":["conversation.created"]}`,
	"PATCH /v1/webhooks/:id":                 `{"enabled":false}`,
	"PATCH /v1/settings":                     `{"base_url":"https://help.example.com","reconcile_after":"60s"}`,
}

// usually is what a text of the name holds.
var usually = map[string]string{
	"actual": "Where is my refund?", "address": "support@example.com", "at": "2026-11-26T14:00:00Z", "base_url": "https://help.example.com",
	"body":    "I ordered a week ago.",
	"company": "Example Ltd", "comment": "Quick!", "cursor": "Y3JlYXRlZA", "day": "2026-11-26", "do": "add_tags",
	"email": "ann@example.com", "field": "subject",
	"from": "support@example.com", "label": "Plan", "message": "actions[1] undoes this", "name": "Ann Smith", "first_name": "Ann",
	"last_name": "Smith", "op": "contains", "path": "actions[0]",
	"phone": "+49 30 1234567", "reconcile_after": "60s", "secret": "whsec_…", "sentence": "the subject contains refund",
	"subject": "Where is my parcel?",
	"tag":     "refund", "time_zone": "Europe/Berlin", "token": "sk_…", "too_late_after": "1h", "url": "https://erp.example/hook",
	"workflow_name": "Refund requests",
}

// addExamples gives every body of the document one.
func addExamples(doc *huma.OpenAPI) {
	e := exemplifier{doc.Components.Schemas}
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Content {
					media.Example = e.ofRequest(op.Method+" "+ginPath(path), media.Schema)
				}
			}
			for _, response := range op.Responses {
				for _, media := range response.Content {
					media.Example = e.of(media.Schema, "", 0)
				}
			}
		}
	}
}

type exemplifier struct{ schemas huma.Registry }

func (e exemplifier) ofRequest(key string, s *huma.Schema) any {
	text, ok := requestExamples[key]
	if !ok {
		return e.of(s, "", 0)
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic("api: the example of " + key + " is no JSON: " + err.Error())
	}
	return v
}

// maxExampleDepth ends what holds itself.
const maxExampleDepth = 7

func (e exemplifier) of(s *huma.Schema, name string, depth int) any {
	switch {
	case s == nil:
		return nil
	case s.Ref != "":
		return e.of(e.schemas.SchemaFromRef(s.Ref), name, depth)
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Default != nil:
		return s.Default
	case len(s.AnyOf) > 0:
		return e.of(s.AnyOf[0], name, depth)
	case len(s.OneOf) > 0:
		return e.of(s.OneOf[0], name, depth)
	}
	switch s.Type {
	case huma.TypeString:
		return textExample(s, name)
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil && *s.Minimum > 1 {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeArray:
		if depth >= maxExampleDepth {
			return []any{}
		}
		return []any{e.of(s.Items, strings.TrimSuffix(name, "s"), depth+1)}
	}
	return e.object(s, name, depth)
}

func (e exemplifier) object(s *huma.Schema, name string, depth int) any {
	out := map[string]any{}
	for _, property := range slices.Sorted(maps.Keys(s.Properties)) {
		of := s.Properties[property]
		if depth >= maxExampleDepth && !slices.Contains(s.Required, property) || of.ReadOnly {
			continue
		}
		out[property] = e.of(of, property, depth+1)
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok && len(out) == 0 {
		out["Plan"] = e.of(more, "value", depth+1)
	}
	if len(out) == 0 && s.Type == "" {
		return "refund" // any value
	}
	return out
}

func textExample(s *huma.Schema, name string) string {
	switch s.Format {
	case "date-time":
		return "2026-11-26T14:00:00Z"
	case "date":
		return "2026-11-26"
	case "uri":
		return "https://help.example.com"
	}
	if text, ok := usually[name]; ok && (s.MaxLength == nil || len(text) <= *s.MaxLength) {
		return text
	}
	if name == "id" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_in") {
		return exampleID
	}
	text := "text"
	for s.MinLength != nil && len(text) < *s.MinLength {
		text += " text"
	}
	return text
}
