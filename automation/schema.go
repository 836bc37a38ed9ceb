package automation

import (
	"encoding/json"
	"regexp"
	"slices"
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
			shape(map[string]any{
				"mailbox": refTo("address"), "templates": refTo("templates"), "workflows": listOf(refTo("workflow")),
			}, "mailbox", "workflows"),
			shape(alone, append([]string{"mailbox"}, needed...)...),
			shape(map[string]any{"mailbox": refTo("address"), "templates": refTo("templates")}, "templates"),
		},
		"$defs": map[string]any{
			"address":   map[string]any{"type": "string", "pattern": "@"},
			"templates": map[string]any{"type": "object", "additionalProperties": ofType("string")},
			"workflow":  shape(workflow, needed...),
			"group":     shape(map[string]any{"any": map[string]any{"type": "array", "items": refTo("condition"), "minItems": 1}}, "any"),
			"condition": ConditionSchema(),
			"action":    actionSchema(inFiles),
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

// ConditionSchema is a JSON Schema (2020-12) of a condition: an object with the keys
// that conditions have and, under allOf, what each field takes. It holds no references.
func ConditionSchema() map[string]any {
	names := []any{oneWord(plainNames()...)}
	var fits []any
	groups := map[string][]string{} // fields that take the same, by what they take
	var order []string
	for i := range fields {
		takes := fields[i].takes()
		text, err := json.Marshal(takes)
		if err != nil {
			panic(err) // texts, numbers and lists always encode
		}
		if groups[string(text)] == nil {
			order = append(order, string(text))
		}
		groups[string(text)] = append(groups[string(text)], fields[i].name)
	}
	for _, text := range order {
		fits = append(fits, whenever("field", oneWord(groups[text]...), findField(groups[text][0]).takes()))
	}
	for _, f := range families {
		name := map[string]any{"type": "string", "pattern": "^" + regexp.QuoteMeta(f.prefix) + "."}
		names = append(names, name)
		fits = append(fits, whenever("field", name, f.sample().takes()))
	}
	condition := shape(map[string]any{
		"field": described(ofType("string"), "What it looks at; header.NAME and field.NAME are a header field and a custom field."),
		"op":    described(oneWord(OperatorNames()...), "How it is compared. Which operators there are depends on the field; events take none."),
		"value": described(anything(), "A text, a number, or a list of texts for tags and days. Durations: 90s, 30m, 8h, 3d, 4bh, 2bd. "+
			"Patterns: RE2, with optional /…/i. Users and mailboxes by id or by address."),
		"from": described(ofType("string"), "Conditions on changes: from what it changed. moved_here: the mailbox that it came from."),
		"to":   described(ofType("string"), "Conditions on changes: to what it changed."),
	}, "field")
	condition["allOf"] = append([]any{map[string]any{"properties": map[string]any{"field": anyOfThese(names...)}}}, fits...)
	return condition
}

func plainNames() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// takes says what a condition on the field must be beside it.
func (f *field) takes() map[string]any {
	keys := map[string]any{"from": valueKinds[f.from].schema(), "to": valueKinds[f.to].schema()}
	if f.event() {
		keys["op"], keys["value"] = false, valueKinds[f.ops[0].value].schema()
		return map[string]any{"properties": keys}
	}
	keys["op"] = oneWord(operatorNames(f)...)
	var kinds []valueKind
	with := map[valueKind][]string{}
	for _, o := range f.ops {
		if with[o.value] == nil {
			kinds = append(kinds, o.value)
		}
		with[o.value] = append(with[o.value], o.name)
	}
	var fits []any
	for _, k := range kinds {
		value := map[string]any{"properties": map[string]any{"value": valueKinds[k].schema()}}
		if k != noValue && !valueKinds[k].optional {
			value["required"] = []string{"value"}
		}
		fits = append(fits, whenever("op", oneWord(with[k]...), value))
	}
	return map[string]any{"properties": keys, "required": []string{"op"}, "allOf": fits}
}

// ActionSchema is a JSON Schema (2020-12) of an action: an object with the keys that
// actions have and, under allOf, which of them each takes and needs. It holds no
// references.
func ActionSchema() map[string]any {
	return actionSchema(func(p *part) map[string]any { return p.schema() })
}

// inFiles is a part as files have it, where a body may name a template.
func inFiles(p *part) map[string]any {
	if p == bodyPart {
		return anyOfThese(p.schema(), shape(map[string]any{"template": ofType("string")}, "template"))
	}
	return p.schema()
}

func actionSchema(schema func(*part) map[string]any) map[string]any {
	keys := map[string]any{"do": oneWord(actionNames()...)}
	var fits []any
	for i := range actionKinds {
		k := &actionKinds[i]
		takes, needs := map[string]any{"do": true}, []string{"do"}
		for _, p := range k.parts() {
			of := schema(p)
			takes[p.key], keys[p.key] = of, true
			if slices.Contains(k.needs, p) {
				needs = append(needs, p.key)
			} else {
				mayBeEmpty(of)
			}
		}
		then := shape(takes, needs...)
		if k.fits != nil {
			then["allOf"] = []any{k.fits()}
		}
		fits = append(fits, whenever("do", oneWord(k.do), then))
	}
	for key := range keys {
		if key != "do" {
			keys[key] = anyPart(key)
		}
	}
	action := shape(keys, "do")
	action["allOf"] = fits
	return action
}

// anyPart describes a key of actions, whichever of its parts stands there: it has a
// type where all have the same one.
func anyPart(key string) map[string]any {
	var schema map[string]any
	var docs, takers []string
	same := true
	for i := range actionKinds {
		p := actionKinds[i].part(key)
		if p == nil {
			continue
		}
		if at := slices.Index(docs, p.doc); at >= 0 {
			takers[at] += ", " + actionKinds[i].do
		} else {
			docs, takers = append(docs, p.doc), append(takers, actionKinds[i].do)
		}
		one := p.schema()
		mayBeEmpty(one)
		same = same && (schema == nil || one["type"] == schema["type"])
		schema = one
	}
	if !same || schema["type"] == nil && schema["enum"] == nil {
		schema = anything()
	}
	words := ""
	for i, doc := range docs {
		words += takers[i] + ": " + doc + ". "
	}
	return described(schema, words[:len(words)-1])
}

func described(schema map[string]any, words string) map[string]any {
	schema["description"] = words
	return schema
}

func anything() map[string]any { return map[string]any{} }

func ofType(name string) map[string]any { return map[string]any{"type": name} }

// someText is a text that is not empty, someTexts one or a list of them.
func someText() map[string]any { return map[string]any{"type": "string", "minLength": 1} }

func someTexts() map[string]any {
	return anyOfThese(someText(), map[string]any{"type": "array", "items": ofType("string"), "minItems": 1})
}

func matching(pattern string) map[string]any {
	return map[string]any{"type": "string", "pattern": pattern}
}

func oneWord(words ...string) map[string]any { return map[string]any{"type": "string", "enum": words} }

func anyOfThese(schemas ...any) map[string]any { return map[string]any{"anyOf": schemas} }

func listOf(of any) map[string]any { return map[string]any{"type": "array", "items": of} }

func refTo(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

// whenever says what holds where the key is so.
func whenever(key string, is any, then map[string]any) map[string]any {
	return map[string]any{"if": map[string]any{"properties": map[string]any{key: is}, "required": []string{key}}, "then": then}
}

// shape is an object with these keys and no others.
func shape(keys map[string]any, needed ...string) map[string]any {
	return map[string]any{"type": "object", "properties": keys, "required": needed, "additionalProperties": false}
}

// mayBeEmpty lets a text or a list be empty: what may be left out may be written so, too.
func mayBeEmpty(schema map[string]any) {
	delete(schema, "minLength")
	list, _ := schema["anyOf"].([]any)
	for _, one := range list {
		delete(one.(map[string]any), "minItems")
	}
}

// never is what stands nowhere.
func never() map[string]any { return map[string]any{"not": map[string]any{}} }
