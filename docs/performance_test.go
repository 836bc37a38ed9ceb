package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// section is a part of a document under one heading.
type section struct {
	title    string
	tables   [][]string // rows of each, its head first
	commands []string
}

// sections splits a document at its headings. A command may stand in the section above
// where a heading of a lower level follows.
func sections(t *testing.T, file string) []section {
	t.Helper()
	all := []section{{}}
	table, console := false, false
	for _, line := range lines(t, file) {
		at := &all[len(all)-1]
		row := strings.HasPrefix(line, "|")
		switch {
		case strings.HasPrefix(line, "```"):
			console = line == "```console"
		case console:
			at.commands = append(at.commands, line)
		case strings.HasPrefix(line, "#"):
			all = append(all, section{title: line})
		case row && table:
			at.tables[len(at.tables)-1] = append(at.tables[len(at.tables)-1], line)
		case row:
			at.tables = append(at.tables, []string{line})
		}
		table = row
	}
	return all
}

var figure = regexp.MustCompile(`\d`)

func TestEachFigureOfThePerformanceGuideHasItsCommand(t *testing.T) {
	t.Parallel()
	figures := 0
	for _, s := range sections(t, "performance.md") {
		for _, rows := range s.tables {
			if !figure.MatchString(strings.Join(rows[1:], "")) {
				t.Errorf("%s: a table without figures: %s", s.title, rows[0])
			}
			figures++
			if len(s.commands) == 0 {
				t.Errorf("%s has figures and no command", s.title)
			}
			for _, row := range rows {
				if strings.Count(row, "|") != strings.Count(rows[0], "|") {
					t.Errorf("%s: a row with other columns than its table has: %s", s.title, row)
				}
			}
		}
		for _, command := range s.commands {
			if problem := unknown(t, command); problem != "" {
				t.Errorf("%s: %s: %s", s.title, command, problem)
			}
		}
	}
	if figures < 5 {
		t.Errorf("the guide has %d tables", figures)
	}
}

var (
	quoted   = regexp.MustCompile(`'([^']*)'`)
	function = regexp.MustCompile(`(Test|Benchmark)\w+`)
)

// unknown says what a command names that there is not: a target of the Makefile, a package, a test.
func unknown(t *testing.T, command string) string {
	t.Helper()
	words := strings.Fields(command)
	switch {
	case words[0] == "make":
		makefile, err := os.ReadFile("../Makefile")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(makefile), "\n"+words[1]+":") {
			return "the Makefile has no such target"
		}
		return ""
	case slices.Equal(words[:2], []string{"go", "test"}):
		i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "./") })
		if i < 0 {
			return "it names no package"
		}
		files, _ := filepath.Glob(filepath.Join("..", words[i], "*_test.go"))
		all := ""
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all += string(b)
		}
		for _, arg := range quoted.FindAllStringSubmatch(command, -1) {
			for _, name := range function.FindAllString(arg[1], -1) {
				if !strings.Contains(all, "func "+name) {
					return "there is no " + name
				}
			}
		}
		return ""
	default:
		return "the guide's commands are make and go test"
	}
}
