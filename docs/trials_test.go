package docs_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// trialWithin is how long one trial may take.
const trialWithin = 20 * time.Minute

// TestTrialsGiveWhatTheyGave replays each trial under docs/trials against a product
// that serves, by the documented commands only, and compares what it prints with
// what stands beside it. UPDATE_TRIALS=1 writes that again.
func TestTrialsGiveWhatTheyGave(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("trials/*.trial.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d trials (%v): this test would prove nothing", len(scripts), err)
	}
	s := serve(t)
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			got := trial(t, s, script)
			want := strings.TrimSuffix(script, ".sh") + ".out"
			if os.Getenv("UPDATE_TRIALS") != "" {
				if err := os.WriteFile(want, got, 0o644); err != nil { //nolint:gosec // for people to read
					t.Fatal(err)
				}
				return
			}
			kept, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, kept) {
				t.Errorf("it gave\n%s\nand %s has\n%s", got, want, kept)
			}
		})
	}
}

// trial runs a script and returns what it printed, without what differs each time.
func trial(t *testing.T, s serving, script string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), trialWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "docs/"+script)
	cmd.Dir = ".."
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(cleanEnv(), "SMARTICKS_STATE_DIR="+s.state, "API=http://"+s.api, "SMTP="+s.smtp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return settled(out)
}

// varying is what differs each time, and what stands for it.
var varying = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?`), "TIME"},
	{regexp.MustCompile(`\b\d{19}\b`), "STAMP"},
	{regexp.MustCompile(`#\d+`), "#N"},
	{regexp.MustCompile(`"number":\d+`), `"number":N`},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "HOST"},
}

func settled(out []byte) []byte {
	for _, v := range varying {
		out = v.pattern.ReplaceAll(out, []byte(v.with))
	}
	return out
}

// The trials' helpers begin with those of the tour, so that what a trial does is
// what a reader of the README can do.
func TestTrialsUseTheToursHelpers(t *testing.T) {
	t.Parallel()
	helpers, err := os.ReadFile("trials/helpers.sh")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for line := range strings.Lines(string(helpers)) {
		has[strings.TrimSpace(line)] = true
	}
	tour := blocks(t, "../README.md", "Tour", "sh")
	for line := range strings.Lines(tour[0].text) {
		line = strings.TrimSpace(line)
		if line != "" && line != "api /v1/me" && !strings.HasPrefix(line, "TEMPORAL_UI=") && !has[line] {
			t.Errorf("the tour has %q, the trials do not", line)
		}
	}
}
