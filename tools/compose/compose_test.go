// Package compose checks docker-compose.yml and the Dockerfile, which no test can
// start: what can be said of them by reading is held here.
package compose

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

const file = "../../docker-compose.yml"

func load(t *testing.T, content []byte) (*types.Project, error) {
	t.Helper()
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  "../..",
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: content}},
		Environment: types.Mapping{},
	}, func(o *loader.Options) { o.SetProjectName("smarticks", true) })
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestComposeFileIsSound(t *testing.T) {
	t.Parallel()
	p, err := load(t, read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range check(p) {
		t.Error(problem)
	}
}

// check answers what is wrong with p, a sentence each.
func check(p *types.Project) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	seen := map[string]types.ServiceConfig{}
	for name, s := range p.Services {
		if s.Build == nil {
			if why := unpinned(s.Image); why != "" {
				say("service %s: image %q %s", name, s.Image, why)
			}
		} else {
			if len(s.Command) == 0 || !slices.Contains(subcommands(), s.Command[0]) {
				say("service %s: command %v is none of our subcommands", name, s.Command)
			} else {
				seen[s.Command[0]] = s
			}
		}
		for on, d := range s.DependsOn {
			if d.Condition == types.ServiceConditionHealthy && !hasHealthCheck(p.Services[on]) {
				say("service %s waits for the health of %s, which has no check", name, on)
			}
		}
	}
	for _, role := range []string{"api", "mail", "starter", "worker"} {
		s, ok := seen[role]
		switch {
		case !ok:
			say("no service runs the role %s", role)
		case !hasHealthCheck(s):
			say("role %s has no health check", role)
		}
	}
	if _, ok := seen["migrate"]; !ok {
		say("no service migrates")
	}
	return problems
}

func subcommands() []string {
	return []string{"up", "api", "mail", "starter", "worker", "migrate", "token", "version"}
}

func hasHealthCheck(s types.ServiceConfig) bool {
	h := s.HealthCheck
	return h != nil && !h.Disable && len(h.Test) > 1 && h.Test[0] != "NONE"
}

// unpinned says why image may be another one tomorrow; it is empty when not.
func unpinned(image string) string {
	name := image[strings.LastIndexByte(image, '/')+1:]
	if strings.Contains(name, "@sha256:") {
		return ""
	}
	_, tag, ok := strings.Cut(name, ":")
	switch {
	case !ok || tag == "latest":
		return "is not pinned"
	case !regexp.MustCompile(`\d+\.\d+`).MatchString(tag):
		return "names no exact version"
	default:
		return ""
	}
}

// TestPlantedFaultsAreSeen breaks the file in each way that check looks for.
func TestPlantedFaultsAreSeen(t *testing.T) {
	t.Parallel()
	good := string(read(t, file))
	for name, c := range map[string]struct{ old, new, want string }{
		"latest":        {"postgres:17.6-bookworm", "postgres:latest", "is not pinned"},
		"no tag":        {"axllent/mailpit:v1.27.0", "axllent/mailpit", "is not pinned"},
		"vague tag":     {"postgres:17.6-bookworm", "postgres:17", "names no exact version"},
		"no such role":  {`command: ["worker"]`, `command: ["wroker"]`, "none of our subcommands"},
		"role missing":  {`command: ["worker"]`, `command: ["starter"]`, "no service runs the role worker"},
		"no migration":  {`command: ["migrate"]`, `command: ["version"]`, "no service migrates"},
		"probe off":     {`test: ["CMD", "curl", "-fsS", "http://127.0.0.1:8082/readyz"]`, "disable: true", "role starter has no health check"},
		"unseen health": {`test: ["CMD", "nc", "-z", "localhost", "7233"]`, `test: ["NONE"]`, "waits for the health of temporal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, c.old) {
				t.Fatalf("the file does not hold %q: this case proves nothing", c.old)
			}
			p, err := load(t, []byte(strings.ReplaceAll(good, c.old, c.new)))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(check(p), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("problems:\n%s\nwant one with %q", got, c.want)
			}
		})
	}
}

func TestAFaultOfSyntaxIsSeen(t *testing.T) {
	t.Parallel()
	if _, err := load(t, bytes.ReplaceAll(read(t, file), []byte("healthcheck:"), []byte("healthcheek:"))); err == nil {
		t.Error("an unknown key was taken")
	}
}

func TestDockerfileStartsFromPinnedImages(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(read(t, "../../Dockerfile")), -1)
	if len(found) < 2 {
		t.Fatalf("only %d stages found", len(found))
	}
	for _, m := range found {
		if why := unpinned(m[1]); why != "" {
			t.Errorf("FROM %s %s", m[1], why)
		}
	}
}
