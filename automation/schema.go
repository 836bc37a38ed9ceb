package automation

import (
	"regexp"
	"strings"
)

// Schema is a JSON Schema (2020-12) of workflow files, made from the tables by which
// workflows are read, for editors. It is wider than Decode and Compile, which look
// at what values say too.
func Schema() map[string]any {
	workflow := map[string]any{}
	for _, key := range definitionKeys {
		workflow[key] = definitionSchema(key)
	}
	workflow["mode"] = oneWord("on", "watch", "off")
	alone := map[string]any{"mailbox": refTo("address"), "templates": refTo("templates")}
	for key, schema := range workflow {
		alone[key] = schema
	}
	needed := []string{"name", "type", "actions"}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "urn:smarticks:schema:workflows",
		"title":   "Workflows of a mailbox",
		"anyOf": []any{
			shape(map[string]any{"mailbox": refTo("address"), "templates": refTo("templates"), "workflows": listOf(refTo("workflow"))}, "mailbox", "workflows"),
			shape(alone, append([]string{"mailbox"}, needed...)...),
			shape(map[string]any{"mailbox": refTo("address"), "templates": refTo("templates")}, "templates"),
		},
		"$defs": map[string]any{
			"address":   map[string]any{"type": "string", "pattern": "@"},
			"templates": map[string]any{"type": "object", "additionalProperties": ofType("string")},
			"workflow":  shape(workflow, needed...),
			"group":     shape(map[string]any{"any": map[string]any{"type": "array", "items": refTo("row"), "minItems": 1}}, "any"),
			"row":       rowSchema(),
			"action":    actionSchema(),
		},
	}
}

func definitionSchema(key string) any {
	switch key {
	case "name":
		return map[string]any{"type": "string", "minLength": 1, "maxLength": MaxNameLength}
	case "type":
		return oneWord(string(TypeAutomatic), string(TypeManual))
	case "max_runs":
		return map[string]any{"type": "integer", "minimum": 1, "maximum": MaxRunsLimit}
	case "replies_per_hour":
		return map[string]any{"type": "integer", "minimum": 1, "maximum": MaxReplies}
	case "apply_to_earlier":
		return ofType("boolean")
	case "too_late_after", "notes":
		return ofType("string")
	case "conditions":
		return listOf(refTo("group"))
	case "actions":
		return map[string]any{"type": "array", "items": refTo("action"), "minItems": 1}
	default:
		return true
	}
}

// rowSchema says which operators a field takes.
func rowSchema() any {
	var names, fits []any
	for i := range fields {
		names = append(names, oneWord(fields[i].name))
		fits = append(fits, fieldFits(oneWord(fields[i].name), &fields[i]))
	}
	for _, f := range families {
		pattern := map[string]any{"type": "string", "pattern": "^" + regexp.QuoteMeta(f.prefix) + "."}
		one := f.field(strings.TrimPrefix(f.example, f.prefix))
		names = append(names, pattern)
		fits = append(fits, fieldFits(pattern, &one))
	}
	row := shape(map[string]any{
		"field": map[string]any{"anyOf": names}, "op": ofType("string"), "from": ofType("string"), "to": ofType("string"),
		"value": map[string]any{"type": []string{"string", "number", "boolean", "array"}, "items": map[string]any{"type": []string{"string", "number", "boolean"}}},
	}, "field")
	row["allOf"] = fits
	return row
}

// fieldFits says what a row on a field must be beside it.
func fieldFits(name any, f *field) any {
	then := map[string]any{"properties": map[string]any{"op": false}}
	if !f.event() {
		then = map[string]any{"properties": map[string]any{"op": oneWord(operatorNames(f)...)}, "required": []string{"op"}}
	}
	return map[string]any{"if": map[string]any{"properties": map[string]any{"field": name}, "required": []string{"field"}}, "then": then}
}

// actionSchema says which keys an action takes and needs.
func actionSchema() any {
	var each []any
	for i := range actionKinds {
		k := &actionKinds[i]
		keys := map[string]any{"do": oneWord(k.do)}
		needs := []string{"do"}
		for _, p := range k.parts() {
			keys[p.key] = partSchema(p)
		}
		for _, p := range k.needs {
			needs = append(needs, p.key)
		}
		each = append(each, shape(keys, needs...))
	}
	return map[string]any{"oneOf": each}
}

func partSchema(p *part) any {
	switch p.slot {
	case "status":
		return oneWord(statusNames()...)
	case "body":
		return map[string]any{"anyOf": []any{ofType("string"), shape(map[string]any{"template": ofType("string")}, "template")}}
	case "method":
		return oneWord(webhookMethods...)
	case "Headers":
		return map[string]any{"type": "object", "additionalProperties": ofType("string")}
	case "OnlyIfAvailable":
		return ofType("boolean")
	case "Tags", "To", "Cc", "Bcc", "Among":
		return map[string]any{"anyOf": []any{ofType("string"), listOf(ofType("string"))}}
	case "JSON", "Value":
		return true
	default:
		return ofType("string")
	}
}

func ofType(name string) map[string]any { return map[string]any{"type": name} }

func oneWord(words ...string) map[string]any { return map[string]any{"enum": words} }

func listOf(of any) map[string]any { return map[string]any{"type": "array", "items": of} }

func refTo(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

// shape is an object with these keys and no others.
func shape(keys map[string]any, needed ...string) map[string]any {
	return map[string]any{"type": "object", "properties": keys, "required": needed, "additionalProperties": false}
}
