package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minPostgres is the oldest major version that the schema is tested with.
const minPostgres = 14

// pgBinaries is one installation of Postgres.
type pgBinaries struct {
	dir   string // holds initdb and postgres, links resolved
	major int
}

// errNoPostgres says that no usable installation was found.
var errNoPostgres = errors.New("no Postgres found")

// pgPlaces is where to look for Postgres.
type pgPlaces struct {
	// explicit is SMARTICKS_POSTGRES_BIN; when set, nothing else is looked at.
	explicit string
	// path is the PATH to search for postgres, initdb and pg_config.
	path string
	// globs are the directories in which distributions put it.
	globs []string
}

func usualPlaces() pgPlaces {
	return pgPlaces{
		explicit: os.Getenv("SMARTICKS_POSTGRES_BIN"),
		path:     os.Getenv("PATH"),
		globs: []string{
			"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
			"/usr/pgsql-*/bin",                   // Red Hat and kin, by the PGDG packages
			"/usr/libexec/postgresql*",           // Alpine
			"/opt/homebrew/opt/postgresql@*/bin", // Homebrew
			"/usr/local/opt/postgresql@*/bin",    // Homebrew on Intel
			"/usr/local/pgsql/bin",               // built from source
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
	}
}

// find lists the installations, the newest major version first.
//
// Errors: errNoPostgres when there is none; another one when SMARTICKS_POSTGRES_BIN
// names a place that cannot be used.
func (p pgPlaces) find(ctx context.Context) ([]pgBinaries, error) {
	if p.explicit != "" {
		b, err := inspect(ctx, p.explicit)
		if err != nil {
			return nil, fmt.Errorf("SMARTICKS_POSTGRES_BIN=%s cannot be used: %w", p.explicit, err)
		}
		return []pgBinaries{b}, nil
	}
	var found []pgBinaries
	for _, dir := range p.candidates(ctx) {
		b, err := inspect(ctx, dir)
		if err != nil || b.major < minPostgres {
			continue
		}
		if !slices.Contains(found, b) {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return nil, errNoPostgres
	}
	slices.SortStableFunc(found, func(a, b pgBinaries) int { return b.major - a.major })
	return found, nil
}

func (p pgPlaces) candidates(ctx context.Context) []string {
	var dirs []string
	for _, name := range []string{"postgres", "initdb"} {
		if file, ok := inPath(p.path, name); ok {
			// Distributions link the programs of one version into PATH; the
			// others lie beside the target, not beside the link.
			if real, err := filepath.EvalSymlinks(file); err == nil {
				dirs = append(dirs, filepath.Dir(real))
			}
		}
	}
	if file, ok := inPath(p.path, "pg_config"); ok {
		if out, err := exec.CommandContext(ctx, file, "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
	}
	for _, g := range p.globs {
		matches, _ := filepath.Glob(g)
		dirs = append(dirs, matches...)
	}
	return dirs
}

func inPath(path, name string) (string, bool) {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return file, true
		}
	}
	return "", false
}

// inspect reads the version of the installation in dir, which must hold initdb too.
func inspect(ctx context.Context, dir string) (pgBinaries, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return pgBinaries{}, err
	}
	if real, err = filepath.Abs(real); err != nil {
		return pgBinaries{}, err
	}
	if _, err := os.Stat(filepath.Join(real, "initdb")); err != nil {
		return pgBinaries{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(real, "postgres"), "--version").Output()
	if err != nil {
		return pgBinaries{}, fmt.Errorf("ask postgres for its version: %w", err)
	}
	major, err := parseMajor(string(out))
	if err != nil {
		return pgBinaries{}, err
	}
	return pgBinaries{dir: real, major: major}, nil
}

// parseMajor reads "postgres (PostgreSQL) 15.18 (Debian …)" and "… 18beta1".
func parseMajor(version string) (int, error) {
	m := regexp.MustCompile(`\(PostgreSQL\) (\d+)`).FindStringSubmatch(version)
	if m == nil {
		return 0, fmt.Errorf("not a version of Postgres: %q", strings.TrimSpace(version))
	}
	return strconv.Atoi(m[1])
}
