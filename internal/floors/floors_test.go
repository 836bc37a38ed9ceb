package floors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/internal/floors"
)

func TestThisModuleKeepsTheFloors(t *testing.T) {
	t.Parallel()
	graph := moduleGraph(t)
	if len(graph) < 5 {
		t.Fatalf("only %d packages seen: this test would prove nothing", len(graph))
	}
	for _, b := range floors.Check(graph) {
		t.Error(b)
	}
}

// moduleGraph is every package of the module that has more than tests.
func moduleGraph(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,GoFiles", floors.Module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	graph := map[string][]string{}
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			ImportPath string
			Imports    []string
			GoFiles    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return graph
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			graph[p.ImportPath] = p.Imports
		}
	}
}

// TestEveryPlantedBreachIsSeen plants, for each rule, each import of ours that it
// does not allow and each library that it may not use, and sees it red; and what
// it allows, green.
func TestEveryPlantedBreachIsSeen(t *testing.T) {
	t.Parallel()
	for _, r := range floors.Table() {
		for _, other := range floors.Table() {
			allowed := r.Package == other.Package || slices.Contains(r.Ours, other.Package)
			expect(t, r.Package, floors.Module+"/"+other.Package, allowed)
		}
		for _, lib := range floors.Libraries() {
			expect(t, r.Package, lib.Prefix+"/v9/part", slices.Contains(lib.By, r.Package))
		}
	}
}

// TestTheWallsOfTheDesignStand says the main walls in words of its own, so that a
// slip in the table is seen too.
func TestTheWallsOfTheDesignStand(t *testing.T) {
	t.Parallel()
	ours := func(p string) string { return floors.Module + "/" + p }
	for _, c := range []struct {
		from, imp string
		allowed   bool
	}{
		{"errs", ours("conversation"), false},
		{"conversation", ours("automation"), false},
		{"automation", ours("conversation"), true},
		{"automation", ours("store"), false},
		{"automation", "golang.org/x/text/cases", true},
		{"automation", "golang.org/x/net/html", false},
		{"automation", "net/http", false},
		{"automation", "net/netip", true},
		{"automation", "github.com/jackc/pgx/v5", false},
		{"automation", ours("automation/match"), true},
		{"automation/match", ours("automation"), false},
		{"automation", ours("automation/runs"), false},
		{"automation/runs", ours("automation/explain"), false},
		{"automation/explain", ours("automation/runs"), true},
		{"automation/expect", ours("automation/explain"), true},
		{"automation/undo", ours("automation/plan"), false},
		{"store", ours("mail"), false},
		{"store/internal/pg", ours("store/internal/tables"), false},
		{"store/engine", ours("store/rules"), false},
		{"store/rules", ours("store/directory"), false},
		{"store/directory", ours("store/inbox"), false},
		{"store/inbox", ours("store/engine"), true},
		{"api", ours("store/engine"), false},
		{"store", "go.temporal.io/sdk/client", false},
		{"store", "github.com/jackc/pgx/v5/pgxpool", true},
		{"mail/smtpin", ours("store"), false},
		{"mail/smtpin", ours("mail"), true},
		{"mail", ours("mail/smtpin"), false},
		{"webhook", "go.temporal.io/sdk/temporal", false},
		{"activities", ours("store"), false},
		{"activities", ours("workflows"), false},
		{"activities", ours("mail/smtpout"), false},
		{"workflows", ours("activities"), true},
		{"api", ours("workflows"), false},
		{"api", ours("store"), false},
		{"api", "go.temporal.io/sdk/client", false},
		{"api", "github.com/gin-gonic/gin", true},
		{"starter", "github.com/gin-gonic/gin", false},
		{"starter", ours("activities"), false},
		{"worker", ours("starter"), false},
		{"worker", ours("internal/devstack"), false},
		{"cmd/smarticks", ours("internal/pgtest"), false},
		{"cmd/smarticks", ours("internal/devstack"), true},
		{"store", ours("internal/testhouse"), false},
		{"internal/testhouse", ours("store"), true},
		{"internal/testhouse", ours("api"), false},
		{"automation/part", ours("automation"), true},
		{"automation/part", ours("delivery"), false},
		{"nowhere", "fmt", false},
	} {
		expect(t, c.from, c.imp, c.allowed)
	}
}

func expect(t *testing.T, from, imp string, allowed bool) {
	t.Helper()
	got := floors.Check(map[string][]string{floors.Module + "/" + from: {imp}})
	if allowed && len(got) != 0 {
		t.Errorf("refused: %v", got)
	}
	if !allowed && len(got) != 1 {
		t.Errorf("%s imports %s: not seen", from, imp)
	}
}

// A folder of more files than a screen shows is a heap.
func TestNoFolderHasMoreThanSixtyFiles(t *testing.T) {
	t.Parallel()
	for _, rule := range floors.Table() {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(rule.Package), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		if len(files) > 60 {
			t.Errorf("%s has %d files that are not tests: join those of one idea, or give a part of them a package", rule.Package, len(files))
		}
	}
}
