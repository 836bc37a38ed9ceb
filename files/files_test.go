package files_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/files"
)

// source makes a file of lines.
func source(name string, lines ...string) files.Source {
	return files.Source{Name: name, Text: []byte(strings.Join(lines, "\n") + "\n")}
}

func read(t *testing.T, sources ...files.Source) *files.Set {
	t.Helper()
	set, err := files.Read(sources)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestFilesAreReadInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	set := read(t,
		source("20-late.yaml", "mailbox: support@example.com", "name: Late", "type: manual", "actions: [{do: stop}]"),
		source("10-early.yaml",
			"# Two of support's.",
			"mailbox: Support@example.com",
			"workflows:",
			"  - name: Thanks",
			"    type: manual",
			"    mode: watch",
			"    actions: [{do: note, body: {template: thanks}}]",
			"  - {name: Hook, type: manual, actions: [{do: webhook, url: 'https://erp.example/x', body: {template: thanks, n: 1}}]}",
		),
		source("30-billing.yaml", "mailbox: billing@example.com", "workflows:", "- name: Since", "  type: automatic",
			"  conditions: [{any: [{field: created, op: after, value: 2026-03-01}]}]", "  actions: [{do: stop}]"),
		source("templates.yaml", "templates:", "  thanks: |", "    Thank you,", "    {%customer.firstName%}."),
	)
	if len(set.Mailboxes) != 2 || set.Mailboxes[0].Address != "Support@example.com" {
		t.Fatalf("%+v", set.Mailboxes)
	}
	want := []map[string]any{
		{"name": "Thanks", "type": "manual", "mode": "watch",
			"actions": []any{map[string]any{"do": "note", "body": "Thank you,\n{%customer.firstName%}.\n"}}},
		{"name": "Hook", "type": "manual", "actions": []any{map[string]any{"do": "webhook", "url": "https://erp.example/x",
			"body": map[string]any{"template": "thanks", "n": 1.0}}}},
		{"name": "Late", "type": "manual", "actions": []any{map[string]any{"do": "stop"}}},
	}
	if diff := cmp.Diff(want, set.Mailboxes[0].Trees()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	at, ok := set.Mailboxes[0].Locate(errs.Problem{Path: "workflows[1].actions[0].url", Message: "is not known"})
	if got := "10-early.yaml:8:61: workflows[1].actions[0].url: is not known"; !ok || at.String() != got {
		t.Errorf("%s, want %s", at, got)
	}
	at, _ = set.Mailboxes[0].Locate(errs.Problem{Path: "workflows[2]", Message: "is not liked"})
	if got := "20-late.yaml:1:1: is not liked"; at.String() != got {
		t.Errorf("%s, want %s", at, got)
	}
}

// Each file has one thing that is wrong, and is told of with its place.
func TestWhatIsWrongIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	const head = "mailbox: a@example.com\nworkflows:\n"
	good := "  - {name: A, type: manual, actions: [{do: stop}]}\n"
	for _, c := range []struct{ text, says string }{
		{"a: [1\nb: 2", "x.yaml:"},
		{"mailbox: \xff", "x.yaml: this is not YAML: "},
		{"", "x.yaml: this is not YAML: no documents in stream"},
		{head + good + "---\na: 1\n", "x.yaml: this is not YAML: expected single document"},
		{"- 1", "x.yaml:1:1: a file is an object with the key mailbox"},
		{"mailbox: a@example.com", "x.yaml:1:1: there is neither a workflow nor a template in it"},
		{"name: A\ntype: manual\nactions: [{do: stop}]", "x.yaml:1:1: mailbox: say whose workflows these are"},
		{"mailbox: support\nname: A\ntype: manual\nactions: [{do: stop}]", "x.yaml:1:10: mailbox: say whose workflows these are"},
		{head + good + "prune: true\n", "x.yaml:4:1: prune: beside workflows a file has mailbox and templates only"},
		{head + good + "mailbox: b@example.com\n", "x.yaml:4:1: mailbox: this key stands in line 1 already"},
		{head + "  - {name: A, type: manual, name: B, actions: [{do: stop}]}",
			"x.yaml:3:29: workflows[0].name: this key stands in line 3 already"},
		{head + "  - {name: A, tipe: manual, type: manual, actions: [{do: stop}]}",
			`x.yaml:3:21: workflows[0].tipe: unknown key "tipe": did you mean "type"?`},
		{head + "  - {name: A, type: manual, mode: yes, actions: [{do: stop}]}",
			"x.yaml:3:35: workflows[0].mode: the mode is one of on, watch and off"},
		{head + "  - {name: A, type: manual, actions: [{do: add_tags, tags: [x, true]}]}", "x.yaml:3:64: workflows[0].actions[0].tags[1]: "},
		{head + "  - {name: A, type: manual, actions: [{do: note, body: *x}]}", "x.yaml:"},
		{head + "  - &x {name: A, type: manual, actions: [{do: stop}]}\n  - *x\n", "x.yaml:4:5: workflows[1]: a workflow must be an object"},
		{head + "  - {name: A, type: manual, actions: [{do: note, body: !mine x}]}",
			"x.yaml:3:56: workflows[0].actions[0].body: the tag !mine is not taken"},
		{head + "  - {name: A, type: manual, <<: {max_runs: 2}, actions: [{do: stop}]}", "x.yaml:3:29: workflows[0].<<: a key must be a text"},
		{head + "  - {name: A, type: manual, max_runs: .inf, actions: [{do: stop}]}", "x.yaml:3:39: workflows[0].max_runs: this is no number"},
		{head + "  - {name: A, type: manual, actions: [{do: note, body: {template: x}}]}",
			`x.yaml:3:56: workflows[0].actions[0].body: there is no template "x": no file has any`},
		{head + "  - {name: A, type: manual, actions: [{do: note, body: {text: x}}]}",
			"x.yaml:3:56: workflows[0].actions[0].body: a body is a text, or the name of one: {template: name}"},
		{head + "  - 17\n", "x.yaml:3:5: workflows[0]: a workflow must be an object"},
		{"mailbox: a@example.com\nworkflows: {}\n", "x.yaml:2:12: workflows: this must be a list of workflows"},
		{head + good + "  - {name: ' a', type: manual, actions: [{do: stop}]}\n",
			"x.yaml:4:12: workflows[1].name: a@example.com has this name already (x.yaml:3), and case does not count"},
		{"templates: [x]", "x.yaml:1:12: templates: this must be an object of names and texts"},
		{"templates: {a: 1}", "x.yaml:1:16: templates.a: a template is a text"},
	} {
		_, err := files.Read([]files.Source{{Name: "x.yaml", Text: []byte(c.text)}})
		if err == nil || !strings.HasPrefix(err.Error(), c.says) && !strings.Contains(err.Error(), "\n"+c.says) || !errs.Is(err, errs.Invalid) {
			t.Errorf("%s\n\tsays %v\n\twant %s", c.text, err, c.says)
		}
		var all files.Problems
		if errors.As(err, &all) && len(all) > 2 {
			t.Errorf("%s: one thing is wrong, and %d are told:\n%v", c.text, len(all), err)
		}
	}
	_, err := files.Read([]files.Source{source("a.yaml", "templates: {x: a}"), source("b.yaml", "templates: {x: b}")})
	if want := "b.yaml:1:13: templates.x: there is a template of this name already: a.yaml:1"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Whatever text a workflow has, it is written so that it is read back.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"on", "Yes", "null", "~", "1", "1e3", "0x1f", "2026-03-01", "a: b",
			"- a", "# x", "a #b", " a", "a ", "'", `"`, "{%a%}", "", "!x", "&x", "*x", "|", ">", "%", "@", "`", "a\n", "a\n\n", "\na", " a\nb",
			"a\n b\n", "a \nb", "\t", "a\tb\nc", "a\r\nb", "\u0085", "\u2028", "\ufeff", "---", "...", "=", "<<", "?"})).
			Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, 0) })
		name := "N" + rapid.StringMatching(`[a-z ]{0,20}[a-z]`).Draw(t, "name")
		w := map[string]any{"name": name, "type": "manual", "notes": text.Draw(t, "notes"), "max_runs": 2.0,
			"actions": []any{map[string]any{"do": "webhook", "url": "https://erp.example/", "body": map[string]any{
				text.Draw(t, "key"): []any{text.Draw(t, "a"), 1.0, 0.5, true, nil, map[string]any{"x": text.Draw(t, "b")}}}}}}
		out, err := files.Write("a@example.com", []map[string]any{w})
		if err != nil {
			t.Fatal(err)
		}
		set, err := files.Read([]files.Source{{Name: "x.yaml", Text: out}})
		var all files.Problems
		if err != nil && (!errors.As(err, &all) || strings.Contains(err.Error(), "YAML")) {
			t.Fatalf("%v\n%s", err, out)
		}
		got := set.Mailboxes[0].Trees()
		again, err := files.Write("a@example.com", got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w, got[0]); diff != "" {
			t.Fatalf("(-written +read)\n%s\n%s", diff, out)
		}
		if string(again) != string(out) {
			t.Fatalf("written again it is another text:\n%s\n%s", out, again)
		}
	})
}
