package automation

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Difference is one thing in which two definitions differ.
type Difference struct {
	Path string // conditions[0].any[1].value
	// Before and After are what is written there, as JSON; empty: nothing.
	Before, After string
}

// Diff lists in what a definition differs from the one before, in the order of
// their paths. Conditions and actions are compared by their places: one that is put in
// front changes all that follow.
func Diff(before, after Definition) []Difference {
	return DiffTrees("", Encode(before), Encode(after))
}

func DiffTrees(path string, before, after any) []Difference {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			var out []Difference
			all := maps.Clone(b)
			maps.Copy(all, a)
			for _, key := range slices.SortedFunc(maps.Keys(all), inWrittenOrder) {
				out = append(out, DiffTrees(join(path, key), b[key], a[key])...)
			}
			return out
		}
	case []any:
		if a, ok := after.([]any); ok && holdsObjects(b) && holdsObjects(a) {
			var out []Difference
			for i := range max(len(a), len(b)) {
				out = append(out, DiffTrees(fmt.Sprintf("%s[%d]", path, i), element(b, i), element(a, i))...)
			}
			return out
		}
	}
	return []Difference{{path, AsJSON(before), AsJSON(after)}}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// inWrittenOrder puts the keys of a definition in the order in which they are
// documented, and all others after them.
func inWrittenOrder(a, b string) int {
	place := func(key string) int {
		for _, keys := range [][]string{definitionKeys, conditionKeys, testKeys, givenKeys, expectationKeys, expectedRunKeys} {
			if i := slices.Index(keys, key); i >= 0 {
				return i
			}
		}
		return len(definitionKeys)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
}

func holdsObjects(list []any) bool {
	return !slices.ContainsFunc(list, func(e any) bool { _, is := e.(map[string]any); return !is })
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}
