package automation_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/errs"
)

func TestTheExampleWorkflowsCompile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../examples/workflows/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, only %d example workflows", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var tree any
			if err := yaml.Unmarshal(source, &tree); err != nil {
				t.Fatal(err)
			}
			d, bad := automation.Decode(tree, "mailbox", "mode")
			noProblems(t, bad)
			if back, bad := automation.Decode(automation.Encode(d)); len(bad) > 0 || !reflect.DeepEqual(back, d) {
				t.Errorf("not the same after encode and decode: %v\n%+v", bad, back)
			}
			d, bad = d.Resolve(func(kind, name string) (string, bool) { return kind + " " + name[:1], true })
			noProblems(t, bad)
			_, bad = automation.Compile(d)
			noProblems(t, bad)
			_, bad = automation.Compile(automation.Scale(d, 24*3600))
			noProblems(t, bad)
		})
	}
}

func noProblems(t *testing.T, bad []errs.Problem) {
	t.Helper()
	for _, p := range bad {
		t.Errorf("%s: %s", p.Path, p.Message)
	}
}
