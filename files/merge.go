package files

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// rewrite changes the text of a workflow from what it says, templates put in, to
// what is wanted. Comments and what stays the same are kept.
func rewrite(text []byte, old, want map[string]any) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		return nil, err
	}
	if mode, there := want["mode"]; !there && old["mode"] != nil || mode == "on" {
		want = cloneWith(want, "mode", "on") // as its author wrote it
	}
	mergeObject(document.Content[0], old, want, workflowKeys(), keyMailbox, keyTemplates)
	return dump(&document)
}

func cloneWith(m map[string]any, key string, value any) map[string]any {
	out := map[string]any{key: value}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// mergeObject makes an object say what is wanted; keys in keep are not looked at.
func mergeObject(n *yaml.Node, old, want map[string]any, order []string, keep ...string) {
	for i := 0; i+1 < len(n.Content); {
		key := n.Content[i].Value
		value, wanted := want[key]
		switch {
		case slices.Contains(keep, key):
		case !wanted:
			n.Content = slices.Delete(n.Content, i, i+2)
			continue
		case !reflect.DeepEqual(old[key], value):
			n.Content[i+1] = merge(n.Content[i+1], key, old[key], value)
		}
		i += 2
	}
	for _, key := range inOrder(want, order) {
		if valueOf(n, key) == nil {
			add(n, key, partNode(key, want[key]))
		}
	}
}

// merge returns the node of a value that differs.
func merge(n *yaml.Node, key string, old, want any) *yaml.Node {
	oldObject, was := old.(map[string]any)
	wantObject, is := want.(map[string]any)
	if was && is && n.Kind == yaml.MappingNode {
		mergeObject(n, oldObject, wantObject, nil)
		return n
	}
	oldList, was := old.([]any)
	wantList, is := want.([]any)
	if was && is && n.Kind == yaml.SequenceNode && len(oldList) == len(n.Content) {
		for i, value := range wantList {
			switch {
			case i >= len(oldList):
				n.Content = append(n.Content, itemNode(key, value))
			case !reflect.DeepEqual(oldList[i], value):
				n.Content[i] = merge(n.Content[i], key, oldList[i], value)
			}
		}
		n.Content = n.Content[:len(wantList)]
		return n
	}
	fresh := itemNode(key, want)
	if _, isList := want.([]any); isList {
		fresh = partNode(key, want)
	}
	fresh.HeadComment, fresh.LineComment, fresh.FootComment = n.HeadComment, n.LineComment, n.FootComment
	return fresh
}
