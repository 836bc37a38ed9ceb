package files

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
)

// flowWidth is how wide an object may be that stands on one line.
const flowWidth = 100

// Write returns the text of a file with all workflows of a mailbox, which are as
// the API gives them. The same workflows give the same text.
func Write(mailbox string, workflows []map[string]any) ([]byte, error) {
	root := object()
	add(root, keyMailbox, scalar(mailbox))
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, w := range workflows {
		list.Content = append(list.Content, workflowNode(w))
	}
	if len(workflows) == 0 {
		list.Style = yaml.FlowStyle
	}
	add(root, keyWorkflows, list)
	return dump(root)
}

func dump(n *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	d, err := yaml.NewDumper(&out, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	if err := d.Dump(n); err != nil {
		return nil, err
	}
	return out.Bytes(), d.Close()
}

// workflowNode writes a workflow: its keys in the order in which they are
// documented, rows on a line each, and actions where they fit.
func workflowNode(w map[string]any) *yaml.Node {
	n := object()
	for _, key := range inOrder(w, workflowKeys()) {
		add(n, key, partNode(key, w[key]))
	}
	return n
}

// workflowKeys are the keys of a workflow in a file, in their order.
func workflowKeys() []string {
	keys := automation.DefinitionKeys()
	return slices.Insert(keys, min(2, len(keys)), "mode")
}

// partNode writes the value of a workflow's key.
func partNode(key string, value any) *yaml.Node {
	list, isList := value.([]any)
	if !isList {
		return valueNode(value)
	}
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range list {
		n.Content = append(n.Content, itemNode(key, item))
	}
	return n
}

func itemNode(key string, item any) *yaml.Node {
	m, isObject := item.(map[string]any)
	switch {
	case isObject && key == "conditions":
		return groupNode(m)
	case isObject && key == "actions":
		do, _ := m["do"].(string)
		return fitting(orderedNode(m, automation.ActionKeys(do)))
	}
	return fitting(valueNode(item))
}

func groupNode(group map[string]any) *yaml.Node {
	n := object()
	for _, key := range inOrder(group, nil) {
		rows, isList := group[key].([]any)
		if !isList {
			add(n, key, valueNode(group[key]))
			continue
		}
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, row := range rows {
			m, isObject := row.(map[string]any)
			if !isObject {
				list.Content = append(list.Content, valueNode(row))
				continue
			}
			list.Content = append(list.Content, fitting(orderedNode(m, automation.ConditionKeys())))
		}
		add(n, key, list)
	}
	return n
}

// orderedNode writes an object with the known keys first, in their order.
func orderedNode(m map[string]any, known []string) *yaml.Node {
	n := object()
	for _, key := range inOrder(m, known) {
		add(n, key, valueNode(m[key]))
	}
	return n
}

// fitting puts a node on one line where it fits and holds no text of several.
func fitting(n *yaml.Node) *yaml.Node {
	if w, ok := width(n); ok && w <= flowWidth {
		n.Style = yaml.FlowStyle
	}
	return n
}

// width is about how many characters a node takes on one line; ok is false when it
// holds a text of several lines.
func width(n *yaml.Node) (w int, ok bool) {
	if strings.Contains(n.Value, "\n") {
		return 0, false
	}
	w = utf8.RuneCountInString(n.Value) + 2
	for _, c := range n.Content {
		inner, ok := width(c)
		if !ok {
			return 0, false
		}
		w += inner
	}
	return w, true
}

// valueNode writes any value.
func valueNode(v any) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		return orderedNode(v, nil)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, e := range v {
			item := valueNode(e)
			if w, ok := width(item); !ok || w > flowWidth {
				n.Style = 0
			}
			n.Content = append(n.Content, item)
		}
		return n
	case string:
		return scalar(v)
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatFloat(v, 'f', -1, 64)}
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: strconv.FormatFloat(v, 'g', -1, 64)}
	default:
		panic(fmt.Sprintf("files: %T is nothing that JSON or YAML gives", v))
	}
}

// oldWords are texts that readers of YAML 1.1 take for something else.
var oldWords = []string{"y", "n", "yes", "no", "on", "off"}

// scalar writes a text: on several lines where it has several, and in quotes where
// readers could take it for something else; where YAML 1.2 itself does, the dumper
// sees to it.
func scalar(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case strings.Contains(s, "\n") && literal(s):
		n.Style = yaml.LiteralStyle
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7F || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF
	}):
		n.Style = yaml.DoubleQuotedStyle
	case slices.Contains(oldWords, strings.ToLower(s)):
		n.Style = yaml.SingleQuotedStyle
	}
	return n
}

// literal reports whether a text of several lines survives as it stands: no line ends
// in white space, none begins with a tab, and nothing in it needs an escape.
func literal(s string) bool {
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		if strings.TrimRight(line, " \t") != line || strings.ContainsFunc(line, func(r rune) bool {
			return r < ' ' || r == 0x7F || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF
		}) {
			return false
		}
	}
	return s[0] != ' ' && s[0] != '\n'
}

func object() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func add(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, scalar(key), value)
}

// inOrder returns the keys of m: the known ones in their order, then the others.
func inOrder(m map[string]any, known []string) []string {
	var out []string
	for _, key := range known {
		if _, there := m[key]; there {
			out = append(out, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(known, key) {
			out = append(out, key)
		}
	}
	return out
}
