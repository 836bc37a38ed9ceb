package files

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// place is where an object stands in a file.
type place struct {
	file string
	path string // within the file; empty for the whole
	node *yaml.Node
}

// at makes a problem of a node that stands at a path under the place.
func (p place) at(n *yaml.Node, path, message string) Problem {
	return Problem{p.file, n.Line, n.Column, p.join(path), message}
}

// problem makes a problem of what stands at a path under the place. Where nothing
// stands there, it is told of what it would stand in.
func (p place) problem(path, message string) Problem {
	n := p.node
	for rest := path; rest != ""; {
		var step string
		step, rest = cutStep(rest)
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return p.at(n, path, message)
}

func (p place) join(path string) string {
	if p.path == "" || path == "" || strings.HasPrefix(path, "[") {
		return p.path + path
	}
	return p.path + "." + path
}

// cutStep cuts the first step off a path: a key, [0], or ["a key"].
func cutStep(path string) (step, rest string) {
	path = strings.TrimPrefix(path, ".")
	switch {
	case strings.HasPrefix(path, `["`):
		if quoted, err := strconv.QuotedPrefix(path[1:]); err == nil {
			return path[:len(quoted)+2], path[len(quoted)+2:]
		}
		return path, ""
	case strings.HasPrefix(path, "["):
		end := strings.Index(path, "]") + 1
		if end == 0 {
			end = len(path)
		}
		return path[:end], path[end:]
	}
	if end := strings.IndexAny(path, ".["); end > 0 {
		return path[:end], path[end:]
	}
	return path, ""
}

// child returns what stands at a step: an element, or the value of a key; nil when
// nothing does.
func child(n *yaml.Node, step string) *yaml.Node {
	inner, isIndex := strings.CutPrefix(step, "[")
	inner = strings.TrimSuffix(inner, "]")
	if i, err := strconv.Atoi(inner); isIndex && err == nil {
		if n.Kind == yaml.SequenceNode && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
		return nil
	}
	name := step
	if quoted, err := strconv.Unquote(inner); isIndex && err == nil {
		name = quoted
	}
	return valueOf(n, name)
}

// valueOf returns the value of an object's key, nil when it does not have it.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
