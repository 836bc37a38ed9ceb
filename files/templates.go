package files

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
)

// template is a text that workflows use by its name.
type template struct {
	text  string
	place string // file:line
}

// templates are those of all files, by name.
type templates map[string]template

func templatesOf(list []*file) (templates, Problems) {
	all := templates{}
	var bad Problems
	for _, f := range list {
		if f.templates == nil {
			continue
		}
		at := place{file: f.name, path: keyTemplates, node: f.templates}
		if f.templates.Kind != yaml.MappingNode {
			bad = append(bad, at.problem("", "this must be an object of names and texts"))
			continue
		}
		bad = append(bad, at.repeated(f.templates, "")...)
		for i := 0; i+1 < len(f.templates.Content); i += 2 {
			key, value := f.templates.Content[i], f.templates.Content[i+1]
			switch other, known := all[key.Value]; {
			case value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str":
				bad = append(bad, at.at(value, key.Value, "a template is a text: write it in quotes, or after |"))
			case known && !strings.HasPrefix(other.place, f.name+":"):
				bad = append(bad, at.at(key, key.Value, "there is a template of this name already: "+other.place))
			case !known:
				all[key.Value] = template{value.Value, fmt.Sprintf("%s:%d", f.name, key.Line)}
			}
		}
	}
	return all, bad
}

// put puts the texts of templates into the workflow's bodies. The body of a webhook
// is any JSON, and takes none.
func (t templates) put(w Workflow) Problems {
	var bad Problems
	actions, _ := w.Tree["actions"].([]any)
	for i, a := range actions {
		action, _ := a.(map[string]any)
		body, isObject := action["body"].(map[string]any)
		if !isObject || action["do"] == automation.DoWebhook {
			continue
		}
		path := fmt.Sprintf("actions[%d].body", i)
		name, isText := body["template"].(string)
		found, known := t[name]
		action["body"] = found.text
		switch {
		case !isText || len(body) != 1:
			action["body"] = "?" // something that is told of here and nowhere else
			bad = append(bad, w.place.problem(path, "a body is a text, or the name of one: {template: name}"))
		case !known:
			action["body"] = "?"
			bad = append(bad, w.place.problem(path, fmt.Sprintf("there is no template %q: %s", name, t.known())))
		}
	}
	return bad
}

func (t templates) known() string {
	if len(t) == 0 {
		return "no file has any"
	}
	return "there are " + strings.Join(slices.Sorted(maps.Keys(t)), ", ")
}
