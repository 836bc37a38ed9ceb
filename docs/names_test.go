package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages are all that people read.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.md")
	if err != nil || len(found) < 5 {
		t.Fatalf("%v, only %d pages", err, len(found))
	}
	return append(found, "../README.md", "../CHANGELOG.md")
}

// TestEverySettingIsInTheReadme compares the flags' environment variables with
// the tables of settings, both ways.
func TestEverySettingIsInTheReadme(t *testing.T) {
	t.Parallel()
	readme := strings.Join(lines(t, "../README.md"), "\n")
	inCode := map[string]bool{}
	tag := regexp.MustCompile(`env:"([A-Z_]+)"|Getenv\("([A-Z_]+)"\)`)
	for _, root := range []string{"../cmd", "../internal/devstack"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path) //nolint:gosec // our own sources
			for _, m := range tag.FindAllStringSubmatch(string(source), -1) {
				inCode[m[1]+m[2]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(inCode) < 15 {
		t.Fatalf("only %d settings found: this test would prove nothing", len(inCode))
	}
	ours := regexp.MustCompile(`^(SMARTICKS_|TEMPORAL_|DATABASE_URL$)`)
	for name := range inCode {
		if ours.MatchString(name) && !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the setting %s is not in the README", name)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(SMARTICKS_[A-Z_]+)`").FindAllStringSubmatch(readme, -1) {
		if !inCode[m[1]] {
			t.Errorf("the README has a setting %s that the code does not know", m[1])
		}
	}
}

// TestEveryMakeTargetThatIsNamedExists reads the Makefile.
func TestEveryMakeTargetThatIsNamedExists(t *testing.T) {
	t.Parallel()
	makefile := "\n" + strings.Join(lines(t, "../Makefile"), "\n")
	count := 0
	named := regexp.MustCompile("(?m)(?:`|^|\\$ )make ([a-z-]+)")
	for _, page := range pages(t) {
		for _, m := range named.FindAllStringSubmatch(strings.Join(lines(t, page), "\n"), -1) {
			count++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which there is not", page, m[1])
			}
		}
	}
	if count == 0 {
		t.Error("no target is named: this test would prove nothing")
	}
}

// TestLinksLeadSomewhere follows the links to files and to headings.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range pages(t) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(strings.Join(lines(t, page), "\n"), -1) {
			target, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			count++
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
				continue
			}
			if heading != "" && !hasHeading(t, path, heading) {
				t.Errorf("%s links to %s: there is no such heading", page, m[1])
			}
		}
	}
	if count == 0 {
		t.Error("there is no link: this test would prove nothing")
	}
}

// hasHeading reports whether a heading of the page has the anchor.
func hasHeading(t *testing.T, page, anchor string) bool {
	t.Helper()
	for _, line := range lines(t, page) {
		text, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !ok || !strings.HasPrefix(line, "#") {
			continue
		}
		slug := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(text), "")
		if strings.ReplaceAll(slug, " ", "-") == anchor {
			return true
		}
	}
	return false
}
