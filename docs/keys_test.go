package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/automation"
)

// keysOf asks which keys are read at the place of a wrong one: the problem of a key
// that is near to none names all.
func keysOf(t *testing.T, tree map[string]any, path string) []string {
	t.Helper()
	_, bad := automation.Decode(tree)
	for _, p := range bad {
		if _, known, ok := strings.Cut(p.Message, "known are "); ok && p.Path == path {
			return strings.Split(known, ", ")
		}
	}
	t.Fatalf("nothing names the keys at %s: %v", path, bad)
	return nil
}

// noKey is near to no key.
const noKey = "qqqqqqqqqqqq"

// TestEveryKeyIsDocumented compares workflows.md with what is read: each key of a
// workflow has a row in a table, and each key of an action an example.
func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	page := "\n" + strings.Join(lines(t, "workflows.md"), "\n")
	for _, key := range keysOf(t, map[string]any{noKey: 1}, noKey) {
		if !strings.Contains(page, "\n| `"+key+"` |") {
			t.Errorf("the key %s of a workflow is not documented", key)
		}
	}
	examples := ""
	for _, b := range blocks(t, "workflows.md", "", "yaml") {
		examples += b.text
	}
	for _, do := range automation.ActionNames() {
		tree := map[string]any{"actions": []any{map[string]any{"do": do, noKey: 1}}}
		for _, key := range keysOf(t, tree, "actions[0]."+noKey) {
			// In one line, or in the lines below it.
			shown := regexp.MustCompile(`(?m)do: ` + do + `\b([^\n}]|\{[^\n}]*\})*\b` + key + `:|do: ` + do + `\n(  [^\n]*\n)*?  ` + key + `:`)
			if key != "do" && !shown.MatchString(examples) {
				t.Errorf("the key %s of the action %s has no example", key, do)
			}
		}
	}
}
