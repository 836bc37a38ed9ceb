// Package floors holds the import rules of this module as data, and a check of them.
// An import goes down a floor; within a floor only along the arrows that a rule
// names. docs/architecture.md draws the same.
//
// Tests are free to import what they need: wiring real parts together is their
// work.
package floors

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the import path that Package and Ours of a Rule are relative to.
const Module = "github.com/smarticks/smarticks"

// Rule says what one package, and those below it that have no rule of their
// own, may import of this module. It may always import its own subtree's.
type Rule struct {
	Package string
	Floor   int
	// Ours are the other packages of the module that it may import.
	Ours []string
}

// Library says who may import a library.
type Library struct {
	Prefix string
	By     []string
}

// Table is every package of the module.
func Table() []Rule {
	rules := []string{"automation", "automation/match", "automation/runs", "automation/explain", "automation/undo", "automation/plan",
		"automation/expect",
		"automation/check"}
	core := append([]string{"errs", "conversation", "access", "delivery"}, rules...)
	with := func(more ...string) []string { return append(slices.Clone(core), more...) }
	return []Rule{
		{"errs", 0, nil},
		{"conversation", 0, []string{"errs"}},
		{"automation/match", 0, []string{"conversation"}},
		{"automation", 0, []string{"errs", "conversation", "automation/match"}},
		{"automation/runs", 0, []string{"errs", "conversation", "automation", "automation/match"}},
		{"automation/explain", 0, []string{"errs", "conversation", "automation", "automation/match", "automation/runs"}},
		{"automation/undo", 0, []string{"conversation", "automation", "automation/runs"}},
		{"automation/plan", 0, []string{"errs", "conversation", "automation"}},
		{"automation/expect", 0, []string{"errs", "conversation", "automation", "automation/match", "automation/runs", "automation/explain"}},
		{"automation/check", 0, []string{"errs", "conversation", "automation", "automation/match", "automation/expect"}},
		{"notice", 0, []string{"conversation", "automation", "automation/runs"}},
		{"access", 0, []string{"errs", "conversation"}},
		{"delivery", 0, []string{"errs", "conversation"}},

		// Adapters do not know each other.
		{"store", 1, with("store/internal/pg", "store/engine", "store/rules", "store/directory", "store/inbox", "store/migrations",
			"store/pgdial")},
		{"store/internal/pg", 1, with("store/migrations", "store/pgdial")},
		{"store/internal/tables", 1, with("store/internal/pg")},
		{"store/engine", 1, with("store/internal/pg", "store/internal/tables", "notice")},
		{"store/rules", 1, with("store/internal/pg", "store/internal/tables", "store/engine")},
		{"store/directory", 1, with("store/internal/pg", "store/internal/tables", "store/engine", "store/rules")},
		{"store/inbox", 1, with("store/internal/pg", "store/internal/tables", "store/engine", "store/rules", "store/directory")},
		{"store/migrations", 1, with("store/pgdial")},
		{"store/pgdial", 1, nil},
		{"mail", 1, core},
		{"mail/smtpin", 1, with("mail")},
		{"mail/smtpout", 1, with("mail")},
		{"webhook", 1, core},

		// What calls the API from outside knows nothing of what answers it.
		{"client", 1, core},
		// YAML files are texts here: who opens them is cmd.
		{"files", 1, append([]string{"errs", "conversation"}, rules...)},

		// They declare the small interfaces that they need, and cmd passes the
		// adapters in; mail is no adapter, it only reads and writes the format.
		{"activities", 2, with("mail")},
		{"workflows", 2, with("activities")},
		{"simulation", 2, with("activities", "mail")},
		{"api", 3, with("mail")},
		{"starter", 3, with("workflows")},
		{"worker", 3, with("workflows", "activities")},

		{"cmd/smarticks", 4, with("store", "store/migrations", "mail", "mail/smtpin", "mail/smtpout", "webhook",
			"activities", "workflows", "simulation", "api", "starter", "worker", "client", "files", "examples", "internal/devstack",
			"internal/sinks")},
		{"e2e", 4, with("store", "store/migrations", "mail", "mail/smtpin", "mail/smtpout", "webhook",
			"activities", "workflows", "api", "starter", "worker", "cmd/smarticks", "examples",
			"internal/devstack", "internal/sinks", "internal/pgtest", "internal/temporaltest")},

		// Beside the floors: files for the demo, and what up and the tests start.
		{"examples", 0, nil},
		{"internal/devstack", 1, nil},
		{"internal/sinks", 1, nil},
		{"internal/pgtest", 1, []string{"internal/devstack", "store/migrations"}},
		{"internal/testhouse", 2, with("store", "internal/pgtest")},
		{"internal/silentproxy", 1, nil},
		{"internal/temporaltest", 1, []string{"internal/devstack"}},
		{"internal/devstack/prepare", 4, []string{"internal/devstack"}},
		{"internal/floors", 0, nil},
		{"internal/manyrules", 1, []string{"automation", "conversation"}},
		{"internal/property", 1, nil},
		{"bench", 4, []string{"internal/devstack"}},
		{"docs", 4, nil},
	}
}

// Libraries are those that only some may import.
func Libraries() []Library {
	return []Library{
		{"github.com/jackc/pgx", []string{"store", "store/internal/pg", "store/internal/tables", "store/engine", "store/rules",
			"store/directory", "store/inbox",
			"store/migrations", "cmd/smarticks", "e2e", "bench", "internal/pgtest", "internal/testhouse", "internal/devstack"}},
		{"github.com/pressly/goose", []string{"store/migrations"}},
		{"go.yaml.in/yaml", []string{"files", "cmd/smarticks"}},
		{"github.com/gin-gonic/gin", []string{"api"}},
		{"github.com/danielgtaylor/huma", []string{"api"}},
		{"go.temporal.io", []string{"activities", "workflows", "starter", "worker", "cmd/smarticks", "e2e", "bench", "internal/devstack",
			"internal/temporaltest"}},
	}
}

// pure says whether a rule's packages must be pure: standard library, golang.org/x/text
// and golang.org/x/net/idna, no I/O.
func (r Rule) pure() bool { return r.Floor == 0 && !strings.HasPrefix(r.Package, "internal/") }

// effects are the parts of the standard library that reach outside the process.
func effects() []string {
	return []string{"database/sql", "log", "log/slog", "net", "net/http", "net/smtp", "os", "os/exec", "syscall"}
}

// Breach is one import that the rules forbid.
type Breach struct {
	Package, Import string
	// Why ends the sentence "<Package> imports <Import>: ".
	Why string
}

func (b Breach) String() string { return fmt.Sprintf("%s imports %s: %s", b.Package, b.Import, b.Why) }

// Check answers the breaches in graph, which holds each package's direct imports
// (those of its tests left out), all as full import paths.
func Check(graph map[string][]string) []Breach {
	var found []Breach
	for _, pkg := range sortedKeys(graph) {
		name := ours(pkg)
		rule, known := ruleOf(name)
		if !known {
			found = append(found, Breach{pkg, "", "it is on no floor: give it a rule in internal/floors"})
			continue
		}
		for _, imp := range graph[pkg] {
			if why := rule.forbids(imp); why != "" {
				found = append(found, Breach{pkg, imp, why})
			}
		}
	}
	return found
}

func (r Rule) forbids(imp string) string {
	if within(imp, Module) {
		target, known := ruleOf(ours(imp))
		switch {
		case !known:
			return "it is on no floor"
		case target.Package == r.Package || slices.Contains(r.Ours, target.Package):
			return ""
		default:
			return fmt.Sprintf("%s may import of ours only %v", r.Package, r.Ours)
		}
	}
	for _, lib := range Libraries() {
		if within(imp, lib.Prefix) && !slices.Contains(lib.By, r.Package) {
			return fmt.Sprintf("only %v may", lib.By)
		}
	}
	if !r.pure() {
		return ""
	}
	first, _, _ := strings.Cut(imp, "/")
	switch {
	case slices.Contains(effects(), imp):
		return "floor 0 has no I/O"
	case strings.Contains(first, ".") && !within(imp, "golang.org/x/text") && !within(imp, "golang.org/x/net/idna"):
		return "floor 0 uses the standard library, golang.org/x/text and golang.org/x/net/idna only"
	default:
		return ""
	}
}

func ours(pkg string) string { return strings.TrimPrefix(strings.TrimPrefix(pkg, Module), "/") }

// ruleOf finds the rule of the package itself or of its nearest parent that has one.
func ruleOf(name string) (Rule, bool) {
	var best Rule
	for _, r := range Table() {
		if within(name, r.Package) && len(r.Package) > len(best.Package) {
			best = r
		}
	}
	return best, best.Package != ""
}

func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
