package pg

import (
	"testing"
)

func TestAuditKeepsOnlyWhatDiffersAndNoSecret(t *testing.T) {
	t.Parallel()
	action := func(secret string) any {
		return []any{map[string]any{"do": "webhook", "url": "https://x.example/{%conversation.number%}?key=" + secret,
			"headers": map[string]any{"Authorization": secret}}}
	}
	for name, c := range map[string]struct {
		before, after any
		was, is       string
		same          bool
	}{
		"made": {nil, map[string]any{"a": 1}, ``, `{"a":1}`, false},
		"gone": {map[string]any{"a": 1}, nil, `{"a":1}`, ``, false},
		"a key differs": {map[string]any{"a": 1, "b": "x", "c": nil}, map[string]any{"a": 2, "b": "x", "d": 3}, `{"a":1,"c":null}`,
			`{"a":2,"d":3}`, false},
		"nothing does": {map[string]any{"a": []int{1}}, map[string]any{"a": []int{1}}, `{}`, `{}`, true},
		"lists stay":   {[]int{1, 2}, []int{2, 1}, `[1,2]`, `[2,1]`, false},
		"a large number": {map[string]any{"n": int64(1) << 60}, map[string]any{"n": int64(1)<<60 + 1}, `{"n":1152921504606846976}`,
			`{"n":1152921504606846977}`, false},
		"another secret": {map[string]any{"actions": action("old"), "name": "x"}, map[string]any{"actions": action("new"), "name": "x"},
			`{"actions":[{"do":"webhook","headers":{"Authorization":"(hidden)"},"url":"https://x.example/{%conversation.number%}?(hidden)"}]}`,
			`{"actions":[{"do":"webhook","headers":{"Authorization":"(hidden)"},"url":"https://x.example/{%conversation.number%}?(hidden)"}]}`,
			false},
	} {
		was, is, same, err := auditDiff(c.before, c.after)
		if err != nil || string(was) != c.was || string(is) != c.is || same != c.same {
			t.Errorf("%s: %s -> %s, same %v, %v", name, was, is, same, err)
		}
	}
}
