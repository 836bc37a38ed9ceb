package automation

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/smarticks/smarticks/errs"
)

// maxExactInt is the largest whole number that JSON's readers agree on.
const maxExactInt = 1 << 53

// SortedKeys returns the keys of m in order: nothing may depend on map order.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// typeWord names the type of a tree's value as its author knows it.
func typeWord(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case int, int64, uint64, float64:
		return "a number"
	default:
		return fmt.Sprintf("a value of another kind (%T)", v)
	}
}

// stringProblem says why a text cannot be kept, empty when it can.
func stringProblem(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.IndexByte(s, 0) >= 0:
		return "has the character U+0000 in it"
	}
	return ""
}

// readTreeString reads a text.
func readTreeString(v any) (s, problem string) {
	s, ok := v.(string)
	if !ok {
		return "", "must be a text, not " + typeWord(v)
	}
	return s, stringProblem(s)
}

// readTreeNumber reads a number of any of the types that decoders give.
func readTreeNumber(v any) (n float64, problem string) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, "is not a number that can be kept"
		}
		return v, ""
	case int:
		return wholeNumber(int64(v))
	case int64:
		return wholeNumber(v)
	case uint64:
		if v > maxExactInt {
			return 0, "the number is too large: write it as a text, in quotes"
		}
		return float64(v), ""
	}
	return 0, "must be a number, not " + typeWord(v)
}

func wholeNumber(n int64) (float64, string) {
	if n > maxExactInt || n < -maxExactInt {
		return 0, "the number is too large: write it as a text, in quotes"
	}
	return float64(n), ""
}

// normalTree returns a copy of a JSON-like tree with all numbers as float64, so
// that JSON, YAML and the database give the same.
func normalTree(v any, path string, depth int) (any, []errs.Problem) {
	if depth > MaxTreeDepth {
		return nil, []errs.Problem{{Path: path, Message: fmt.Sprintf("is nested too deeply: at most %d levels", MaxTreeDepth)}}
	}
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case string:
		return v, PathUnder(path, problems(stringProblem(v)))
	case int, int64, uint64, float64:
		n, problem := readTreeNumber(v)
		return n, PathUnder(path, problems(problem))
	case []any:
		out, bad := make([]any, len(v)), []errs.Problem(nil)
		for i := 0; i < len(v) && len(bad) < maxTold; i++ {
			element, wrong := normalTree(v[i], JoinPath(path, PathIndex(i)), depth+1)
			out[i], bad = element, append(bad, wrong...)
		}
		return out, bad
	case map[string]any:
		out, bad := make(map[string]any, len(v)), []errs.Problem(nil)
		for _, k := range SortedKeys(v) {
			if len(bad) >= maxTold {
				break
			}
			at := JoinPath(path, PathKey(k))
			bad = append(bad, PathUnder(at, problems(stringProblem(k)))...)
			member, wrong := normalTree(v[k], at, depth+1)
			out[k], bad = member, append(bad, wrong...)
		}
		return out, bad
	default:
		return nil, []errs.Problem{{Path: path, Message: "cannot be kept: it is " + typeWord(v) + "; write it as a text, in quotes"}}
	}
}

// clone returns a copy of d that shares nothing with it but the tests, which nobody
// changes.
func clone(d Definition) Definition {
	d.Conditions = slices.Clone(d.Conditions)
	for g := range d.Conditions {
		d.Conditions[g].Any = slices.Clone(d.Conditions[g].Any)
		for r := range d.Conditions[g].Any {
			c := &d.Conditions[g].Any[r]
			c.Value = cloneTree(c.Value)
		}
	}
	d.Actions = slices.Clone(d.Actions)
	for i := range d.Actions {
		a := &d.Actions[i]
		a.Tags, a.To = slices.Clone(a.Tags), slices.Clone(a.To)
		a.Cc, a.Bcc, a.Among = slices.Clone(a.Cc), slices.Clone(a.Bcc), slices.Clone(a.Among)
		a.Headers, a.JSON = maps.Clone(a.Headers), cloneTree(a.JSON)
	}
	return d
}

// cloneTree returns a copy of a tree that shares nothing with it.
func cloneTree(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneTree(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneTree(e)
		}
		return out
	default:
		return v
	}
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func AsJSON(value any) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // what Encode writes is JSON
	}
	return string(text)
}
