package files

import (
	"fmt"
	"math"

	"go.yaml.in/yaml/v4"
)

// tree turns a node into what JSON can say too. Dates stay the texts that they are;
// aliases, merged keys and tags of one's own are problems: they are read in more
// than one way.
func (p place) tree(n *yaml.Node, path string) (any, Problems) {
	switch n.Kind {
	case yaml.MappingNode:
		return p.object(n, path)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		var bad Problems
		for i, item := range n.Content {
			value, problems := p.tree(item, fmt.Sprintf("%s[%d]", path, i))
			list[i], bad = value, append(bad, problems...)
		}
		return list, bad
	case yaml.AliasNode:
		return nil, Problems{p.at(n, path, "aliases (*) are not taken: write it out, or use a template")}
	}
	return p.scalar(n, path)
}

func (p place) object(n *yaml.Node, path string) (any, Problems) {
	object := make(map[string]any, len(n.Content)/2)
	bad := p.repeated(n, path)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		at := key.Value
		if path != "" {
			at = path + "." + at
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			bad = append(bad, p.at(key, at, "a key must be a text; keys are not merged (<<)"))
			continue
		}
		value, problems := p.tree(n.Content[i+1], at)
		object[key.Value], bad = value, append(bad, problems...)
	}
	return object, bad
}

// repeated reports keys that stand twice in an object.
func (p place) repeated(n *yaml.Node, path string) Problems {
	var bad Problems
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if first, twice := lines[key.Value]; twice {
			at := key.Value
			if path != "" {
				at = path + "." + at
			}
			bad = append(bad, p.at(key, at, fmt.Sprintf("this key stands in line %d already", first)))
			continue
		}
		lines[key.Value] = key.Line
	}
	return bad
}

func (p place) scalar(n *yaml.Node, path string) (any, Problems) {
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool", "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, Problems{p.at(n, path, "this cannot be read: write texts in quotes")}
		}
		return p.number(n, path, v)
	default:
		return nil, Problems{p.at(n, path, "the tag "+n.Tag+" is not taken")}
	}
}

// number makes every number what JSON makes it.
func (p place) number(n *yaml.Node, path string, v any) (any, Problems) {
	switch v := v.(type) {
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case uint64:
		return float64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, Problems{p.at(n, path, "this is no number")}
		}
	}
	return v, nil
}
