package simulation_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
)

// Each ready workflow has tests, and lives up to them.
func TestTheExamplesPassTheirTests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../examples/*/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, only %d examples: this test would prove little", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file) //nolint:gosec // our own examples
			if err != nil {
				t.Fatal(err)
			}
			w := testWorld()
			var where struct{ Mailbox string }
			if err := yaml.Unmarshal(source, &where); err != nil {
				t.Fatal(err)
			}
			for _, m := range w.Mailboxes {
				if m.Email == where.Mailbox {
					w.Around.Mailbox = m
				}
			}
			d := read(t, source, w)
			if len(d.Tests) == 0 {
				t.Error("it has no test")
			}
			for _, r := range results(t, w, d) {
				for _, p := range r.Why {
					t.Errorf("%s: %s: %s", r.Name, p.Path, p.Message)
				}
			}
			// A test that passes whatever the workflow does would prove nothing.
			idle := d
			idle.Actions = []automation.Action{{Do: automation.DoStop}}
			idle.Conditions = []automation.Group{{Any: []automation.Condition{{Field: "tag_added"}}}}
			for i := range idle.Tests {
				idle.Tests[i].Expect.Because = ""
			}
			failed := slices.ContainsFunc(results(t, w, idle), func(r expect.Result) bool { return !r.Passed })
			if !failed {
				t.Error("its tests pass when the workflow does nothing")
			}
		})
	}
}
