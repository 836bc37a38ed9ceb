package automation

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATagIsRenamedWhereverADefinitionNamesIt(t *testing.T) {
	t.Parallel()
	with := func(tag string) Definition {
		tree := map[string]any{
			"name": "A", "type": "automatic", "max_runs": 1.0,
			"conditions": []any{
				map[string]any{"any": []any{map[string]any{"field": "tags", "op": "has_any", "value": tag}}},
				map[string]any{"any": []any{map[string]any{"field": "tags", "op": "has_none", "value": []any{"late", tag}}}},
				map[string]any{"any": []any{map[string]any{"field": "tag_added", "value": tag}, map[string]any{"field": "tag_removed", "value": tag}}},
				map[string]any{"any": []any{map[string]any{"field": "tags", "op": "matches", "value": "^vip"},
					map[string]any{"field": "subject", "op": "contains", "value": "vip"}}},
			},
			"actions": []any{map[string]any{"do": "add_tags", "tags": []any{"x", tag}}, map[string]any{"do": "remove_tags", "tags": []any{tag}},
				map[string]any{"do": "note", "body": "vip"}},
			"tests": []any{map[string]any{
				"name": "vip", "given": map[string]any{"tags": []any{tag}},
				"when":   []any{map[string]any{"set": map[string]any{"add_tags": []any{tag}}}},
				"expect": map[string]any{"tags": []any{tag, "late"}, "actions": []any{map[string]any{"do": "add_tags", "tags": []any{tag}}}},
			}},
		}
		d, bad := Decode(any(tree))
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		return d
	}
	before := with("VIP")
	kept := clone(before)
	got, changed := before.RenameTag("vip", "gold")
	if diff := cmp.Diff(Encode(with("gold")), Encode(got)); diff != "" || !changed {
		t.Errorf("renamed (%v):\n%s", changed, diff)
	}
	if diff := cmp.Diff(Encode(kept), Encode(before)); diff != "" {
		t.Errorf("what was renamed is changed itself:\n%s", diff)
	}
	merged, _ := before.RenameTag("vip", "late")
	if v := merged.Conditions[1].Any[0].Value; !cmp.Equal(v, []any{"late"}) || len(merged.Tests[0].Expect.Tags) != 1 {
		t.Errorf("merged it names a tag twice: %v, %v", v, merged.Tests[0].Expect.Tags)
	}
	if _, changed := before.RenameTag("silver", "gold"); changed {
		t.Error("another tag changes it")
	}
}
