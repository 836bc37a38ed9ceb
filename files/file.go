package files

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The keys of a file beside those of a workflow.
const (
	keyMailbox   = "mailbox"
	keyWorkflows = "workflows"
	keyTemplates = "templates"
)

// file is one file that was read.
type file struct {
	name      string
	mailbox   string
	workflows []Workflow
	templates *yaml.Node // nil: it has none
}

// parse reads a file as far as it can be read.
func parse(s Source) (*file, Problems) {
	f := &file{name: s.Name}
	var document yaml.Node
	if err := yaml.Load(s.Text, &document); err != nil {
		return f, Problems{unreadable(s.Name, err)}
	}
	root := place{file: s.Name, node: document.Content[0]}
	if root.node.Kind != yaml.MappingNode {
		return f, Problems{root.problem("", "a file is an object with the key mailbox, and workflows or the keys of one")}
	}
	var bad Problems
	list, rest := (*yaml.Node)(nil), &yaml.Node{Kind: yaml.MappingNode, Line: root.node.Line, Column: root.node.Column}
	address := (*yaml.Node)(nil)
	for i := 0; i+1 < len(root.node.Content); i += 2 {
		key, value := root.node.Content[i], root.node.Content[i+1]
		switch key.Value {
		case keyMailbox:
			address = value
		case keyWorkflows:
			list = value
		case keyTemplates:
			f.templates = value
		default:
			rest.Content = append(rest.Content, key, value)
		}
	}
	bad = append(bad, root.repeated(root.node, "")...)
	switch {
	case list != nil:
		for i := 0; i < len(rest.Content); i += 2 {
			key := rest.Content[i]
			bad = append(bad, Problem{s.Name, key.Line, key.Column, key.Value, "beside workflows a file has mailbox and templates only"})
		}
		bad = append(bad, f.readList(root, list)...)
	case len(rest.Content) > 0:
		bad = append(bad, f.add(place{file: s.Name, node: rest})...)
	case f.templates == nil:
		bad = append(bad, root.problem("", "there is neither a workflow nor a template in it"))
	}
	if len(f.workflows) == 0 && list == nil {
		return f, bad
	}
	if address == nil || address.Kind != yaml.ScalarNode || !strings.Contains(address.Value, "@") {
		bad = append(bad, root.problem(keyMailbox, "say whose workflows these are, by the mailbox's address: mailbox: support@example.com"))
		return f, bad
	}
	f.mailbox = strings.TrimSpace(address.Value)
	return f, bad
}

func (f *file) readList(root place, list *yaml.Node) Problems {
	if list.Kind != yaml.SequenceNode {
		return Problems{root.problem(keyWorkflows, "this must be a list of workflows")}
	}
	var bad Problems
	for i, item := range list.Content {
		at := place{file: root.file, path: fmt.Sprintf("%s[%d]", keyWorkflows, i), node: item}
		if item.Kind != yaml.MappingNode {
			bad = append(bad, at.problem("", "a workflow must be an object"))
			continue
		}
		bad = append(bad, f.add(at)...)
	}
	return bad
}

// add reads one workflow.
func (f *file) add(at place) Problems {
	tree, bad := at.tree(at.node, "")
	if object, ok := tree.(map[string]any); ok {
		f.workflows = append(f.workflows, Workflow{Tree: object, place: at})
	}
	return bad
}

// unreadable is the problem of a text that is no YAML.
func unreadable(name string, err error) Problem {
	p := Problem{File: name, Message: "this is not YAML: " + err.Error()}
	var load *yaml.LoadError
	var all *yaml.LoadErrors
	if errors.As(err, &all) && len(all.Errors) > 0 {
		load = all.Errors[0]
	}
	if load != nil || errors.As(err, &load) {
		p.Message = "this is not YAML: " + strings.TrimPrefix(load.Message, "yaml: ")
		p.Line, p.Column = load.Mark.Line, load.Mark.Column
	}
	return p
}
