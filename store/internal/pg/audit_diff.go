package pg

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/smarticks/smarticks/automation"
)

// auditDiff encodes what something was and what it became. Of two objects only the
// keys whose values differ are kept; same says that none does. Secrets are hidden
// after the comparison, so that a changed one is seen to have changed.
func auditDiff(before, after any) (was, is []byte, same bool, err error) {
	b, err := auditTree(before)
	if err != nil {
		return nil, nil, false, err
	}
	a, err := auditTree(after)
	if err != nil {
		return nil, nil, false, err
	}
	same = b != nil && a != nil && reflect.DeepEqual(b, a)
	if old, ok := b.(map[string]any); ok {
		if made, ok := a.(map[string]any); ok {
			for key, value := range old {
				if now, there := made[key]; there && reflect.DeepEqual(now, value) {
					delete(old, key)
					delete(made, key)
				}
			}
		}
	}
	if was, err = auditJSON(hideSecrets(b)); err != nil {
		return nil, nil, false, err
	}
	is, err = auditJSON(hideSecrets(a))
	return was, is, same, err
}

// auditTree is v as JSON has it.
func auditTree(v any) (any, error) {
	encoded, err := auditJSON(v)
	if err != nil || encoded == nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(encoded))
	d.UseNumber()
	var tree any
	err = d.Decode(&tree)
	return tree, err
}

func auditJSON(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// hideSecrets takes out of a tree what others could use: the values of a webhook's
// headers, and the query of its address, which is where keys are put.
func hideSecrets(tree any) any {
	switch t := tree.(type) {
	case []any:
		for i := range t {
			t[i] = hideSecrets(t[i])
		}
	case map[string]any:
		for key, value := range t {
			t[key] = hideSecret(key, value)
		}
	}
	return tree
}

func hideSecret(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if key == "headers" {
			for name := range v {
				v[name] = automation.Hidden
			}
			return v
		}
	case string:
		if address, _, found := strings.Cut(v, "?"); key == "url" && found {
			return address + "?" + automation.Hidden
		}
		return value
	}
	return hideSecrets(value)
}
