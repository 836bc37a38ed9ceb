package files_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/files"
)

func workflowTree(name, tag string) map[string]any {
	return map[string]any{"name": name, "type": "manual", "actions": []any{map[string]any{"do": "add_tags", "tags": []any{tag}}}}
}

const written = `# Support's workflows.
mailbox: support@example.com

workflows:
  # Agreed with accounting.
  - name: A   # first
    type: manual
    max_runs: 1

    actions:
      # why this tag
      - {do: add_tags, tags: [a]}

  # The second.
  - name: B
    type: manual
    actions: [{do: add_tags, tags: [b]}]

  # Of the third.
  - name: C
    type: manual
    actions:
      - do: note
        body: {template: thanks}   # to all
      - {do: add_tags, tags: [c]}
# The end.
templates:
  thanks: Thank you.
`

func thanking(tag string) map[string]any {
	return map[string]any{"name": "C", "type": "manual", "actions": []any{
		map[string]any{"do": "note", "body": "Thank you."}, map[string]any{"do": "add_tags", "tags": []any{tag}}}}
}

func into(t *testing.T, text string, workflows ...map[string]any) (string, bool) {
	t.Helper()
	changed, ordered, err := files.Into([]files.Source{{Name: "x.yaml", Text: []byte(text)}}, "support@example.com", workflows)
	if err != nil {
		t.Fatal(err)
	}
	switch len(changed) {
	case 0:
		return text, ordered
	case 1:
		return string(changed[0].Text), ordered
	}
	t.Fatalf("%d files", len(changed))
	return "", false
}

func TestWhatTheFilesSayIsNotTouched(t *testing.T) {
	t.Parallel()
	if got, ordered := into(t, written, workflowTree("A", "a"), workflowTree("B", "b"), thanking("c")); got != written || !ordered {
		t.Error(cmp.Diff(written, got))
	}
}

func TestAChangeIsWrittenWhereItStandsAndCommentsStay(t *testing.T) {
	t.Parallel()
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(written) }
	for _, c := range []struct {
		name string
		have []map[string]any
		want string
	}{
		{"one of three", []map[string]any{workflowTree("A", "a"), workflowTree("B", "b"), thanking("z")},
			replace("tags: [c]", "tags: [z]", "thanks}   #", "thanks} #")},
		{"another order", []map[string]any{workflowTree("B", "b"), workflowTree("A", "a"), thanking("c")},
			replace("  # Agreed with accounting.\n  - name: A   # first\n    type: manual\n    max_runs: 1\n\n    actions:\n      # why this "+
				"tag\n      - {do: add_tags, tags: [a]}\n\n  # The second.\n  - name: B\n    type: manual\n    actions: [{do: add_tags, tags: [b]}]\n",
				"  # The second.\n  - name: B\n    type: manual\n    actions: [{do: add_tags, tags: [b]}]\n\n  # Agreed with accounting.\n  - "+
					"name: A   # first\n    type: manual\n    max_runs: 1\n\n    actions:\n      # why this tag\n      - {do: add_tags, tags: [a]}\n")},
		{"one is gone", []map[string]any{workflowTree("A", "a"), thanking("c")},
			replace("  # The second.\n  - name: B\n    type: manual\n    actions: [{do: add_tags, tags: [b]}]\n\n", "")},
		{"one is new", []map[string]any{workflowTree("A", "a"), workflowTree("B", "b"), thanking("c"), workflowTree("D", "d")},
			replace("# The end.", "  - name: D\n    type: manual\n    actions:\n      - {do: add_tags, tags: [d]}\n# The end.")},
		{"the first", []map[string]any{workflowTree("A", "z"), workflowTree("B", "b"), thanking("c")},
			replace("tags: [a]", "tags: [z]", "A   #", "A #", "    max_runs: 1\n\n", "")},
	} {
		got, ordered := into(t, written, c.have...)
		if diff := cmp.Diff(c.want, got); diff != "" || !ordered {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestAFileThatIsOneWorkflowIsChangedAsAWhole(t *testing.T) {
	t.Parallel()
	const alone = "# One.\nmailbox: support@example.com\nname: A\ntype: manual\nactions:\n  # why\n  - {do: add_tags, tags: [a]}\n"
	if got, _ := into(t, alone, workflowTree("A", "z")); got != strings.Replace(alone, "[a]", "[z]", 1) {
		t.Error(got)
	}
	if got, _ := into(t, alone); got != "" {
		t.Errorf("it stays: %s", got)
	}
}

// An action that changes keeps the template that its body is.
func TestAnActionThatChangesKeepsItsTemplate(t *testing.T) {
	t.Parallel()
	const text = "mailbox: support@example.com\nworkflows:\n  - name: A\n    type: manual\n    actions:\n      - do: notify\n        to: " +
		"all_users\n        # what it is about\n        subject: Old\n        body: {template: x}\ntemplates: {x: Thanks.}\n"
	want := map[string]any{"name": "A", "type": "manual",
		"actions": []any{map[string]any{"do": "notify", "to": "all_users", "subject": "New", "body": "Thanks."}}}
	if got, _ := into(t, text, want); got != strings.Replace(text, "Old", "New", 1) {
		t.Error(cmp.Diff(text, got))
	}
}
