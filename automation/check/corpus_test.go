package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
)

// corpus is a file of workflows in their order. The mailbox of one is m1 unless
// it says another. finds are what the last one must raise: check and path.
type corpus struct {
	Finds     []string
	Workflows []map[string]any
}

// world knows the users u1 and u2, and that what is called gone is gone.
var world = check.World{
	Member:  func(user string, _ conversation.MailboxID) bool { return user != "stranger" },
	Missing: func(r automation.Reference) bool { return r.ID == "gone" },
}

func readCorpus(t *testing.T, file string) (corpus, []check.Workflow) {
	t.Helper()
	source, err := os.ReadFile(file) //nolint:gosec // our own files
	if err != nil {
		t.Fatal(err)
	}
	var c corpus
	if err := yaml.Unmarshal(source, &c); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var all []check.Workflow
	for i, tree := range c.Workflows {
		w := check.Workflow{ID: automation.DefinitionID(fmt.Sprint("w", i)), MailboxID: "m1", Mode: automation.ModeOn}
		if m, ok := tree["mailbox"].(string); ok {
			w.MailboxID = conversation.MailboxID(m)
		}
		if m, ok := tree["mode"].(string); ok {
			w.Mode = automation.Mode(m)
		}
		d, decoded := automation.Decode(any(tree), "mailbox", "mode")
		_, compiled := automation.Compile(d)
		for _, p := range automation.Problems(decoded, compiled) {
			t.Errorf("%s: workflow %d: %s: %s", file, i, p.Path, p.Message)
		}
		w.Definition = d
		all = append(all, w)
	}
	return c, all
}

func files(t *testing.T, kind string, least int) []string {
	t.Helper()
	found, err := filepath.Glob("testdata/" + kind + "/*.yaml")
	if err != nil || len(found) < least {
		t.Fatalf("%v, only %d files: this test would prove nothing", err, len(found))
	}
	return found
}

func ofLast(all []check.Workflow) []string {
	var got []string
	for _, f := range check.Draft(all[len(all)-1], all, world) {
		got = append(got, f.ID+" "+f.Path)
	}
	slices.Sort(got)
	return got
}

// TestEveryPlantedFaultIsFound also holds that each check is planted, and that
// nothing else is said of the planted ones.
func TestEveryPlantedFaultIsFound(t *testing.T) {
	t.Parallel()
	planted := map[string]bool{}
	for _, file := range files(t, "bad", 60) {
		c, all := readCorpus(t, file)
		slices.Sort(c.Finds)
		if got := ofLast(all); !slices.Equal(got, c.Finds) || len(got) == 0 {
			t.Errorf("%s: found %v, planted %v", file, got, c.Finds)
		}
		for _, f := range c.Finds {
			id, _, _ := strings.Cut(f, " ")
			planted[id] = true
		}
	}
	for _, id := range check.IDs() {
		if !planted[id] && !byHand[id] {
			t.Errorf("nothing is planted for the check %s", id)
		}
	}
}

// byHand are checks for which the catalogue has nothing to plant; check_test.go
// has their cases.
var byHand = map[string]bool{"action_after_delete_forever": true}

func TestNothingIsSaidOfGoodWorkflows(t *testing.T) {
	t.Parallel()
	for _, file := range append(files(t, "good", 40), examples(t)...) {
		_, all := readCorpus(t, file)
		for _, w := range all {
			for _, f := range check.Draft(w, all, world) {
				t.Errorf("%s: %s: %s %s: %s", file, w.Definition.Name, f.ID, f.Path, f.Message)
			}
		}
		for _, f := range check.Whole(all, "m1", world) {
			t.Errorf("%s: whole: %s %s: %s", file, f.ID, f.Path, f.Message)
		}
	}
}

// examples writes the example workflows as files of the corpus' shape.
func examples(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../examples/workflows/*.yaml")
	if err != nil || len(found) < 4 {
		t.Fatalf("%v, only %d examples", err, len(found))
	}
	var trees []any
	for _, file := range found {
		source, err := os.ReadFile(file) //nolint:gosec // our own files
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := yaml.Unmarshal(source, &tree); err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
	}
	text, err := yaml.Marshal(map[string]any{"workflows": trees})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "examples.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

// TestTheCorpusCanGoRed mends a planted fault, and plants one in a good workflow:
// what the tests above compare does change.
func TestTheCorpusCanGoRed(t *testing.T) {
	t.Parallel()
	_, all := readCorpus(t, files(t, "bad", 60)[0])
	d := &all[0].Definition
	if len(ofLast(all)) == 0 {
		t.Fatal("the planted fault is not found")
	}
	d.Conditions = d.Conditions[:1]
	if got := ofLast(all); len(got) != 0 {
		t.Errorf("the mended workflow has %v", got)
	}
	d.Actions = append(d.Actions, automation.Action{Do: automation.DoRemoveTags, Tags: d.Actions[0].Tags})
	if got := ofLast(all); !slices.Equal(got, []string{"undone_action actions[0]"}) {
		t.Errorf("the fault planted in a good workflow: %v", got)
	}
}

func TestEveryCheckHasItsSectionAndEverySectionItsCheck(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for line := range strings.Lines(string(source)) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			sections = append(sections, strings.TrimSpace(name))
		}
	}
	if ids := check.IDs(); !slices.Equal(sections, ids) {
		t.Errorf("sections %v, checks %v", sections, ids)
	}
}
