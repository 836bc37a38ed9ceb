package docs_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tourWithin is how long all blocks together may take.
const tourWithin = 20 * time.Minute

// toured are the files whose blocks are run, in one shell, in this order: the
// guides go on where the tour ends.
var toured = []struct {
	file, section string
	least         int // blocks; fewer would prove nothing
}{
	{"../README.md", "Tour", 12},
	{"troubleshooting.md", "", 5},
	{"operations.md", "", 3},
	{"mail.md", "What leaves", 1},
}

// TestTheTourRuns runs every sh block of the README's tour, and of the guides
// that go on from it, against a product that serves its demo. Where a text block
// follows, it is what the sh block prints, but for ids, times and the like.
func TestTheTourRuns(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	var all []block
	for _, source := range toured {
		found := blocks(t, source.file, source.section, "sh")
		if len(found) < source.least {
			t.Fatalf("%s has %d blocks to run, expected at least %d", source.file, len(found), source.least)
		}
		for _, b := range found {
			all = append(all, b)
			fmt.Fprintf(&script, "echo '%s %s:%d'\n%s", mark, b.file, b.line, b.text)
		}
	}
	script.WriteString("echo '" + mark + " end'\n")
	out, err := bash(t, serve(t), script.String())
	// A block that ends the shell with success would hide those after it.
	if seen := strings.Count(out, mark); err != nil || seen != len(all)+1 {
		_, last, _ := cutLast(out, mark)
		t.Fatalf("block %d of %d failed: %v\n%s%s", seen, len(all), err, mark, last)
	}
	compared := 0
	for i, printed := range strings.Split(out, mark)[1 : len(all)+1] {
		_, printed, _ = strings.Cut(printed, "\n")
		if all[i].output == "" {
			continue
		}
		compared++
		if got, want := strings.TrimSpace(string(settled([]byte(printed)))),
			strings.TrimSpace(string(settled([]byte(all[i].output)))); got != want {
			t.Errorf("%s:%d prints\n%s\nand shows\n%s", all[i].file, all[i].line, got, want)
		}
	}
	if compared == 0 {
		t.Fatal("no block shows what it prints: this test would prove less than it says")
	}
}

// mark begins the line that says which block comes now.
const mark = "##### block"

func bash(t *testing.T, s serving, script string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tour.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), tourWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", file)
	cmd.Dir = ".."
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(cleanEnv(), "SMARTICKS_STATE_DIR="+s.state, "API=http://"+s.api, "SMTP="+s.smtp, "TEMPORAL_UI=http://"+s.ui)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}
