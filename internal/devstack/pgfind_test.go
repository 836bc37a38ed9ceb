package devstack

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePostgres makes a directory that looks like an installation.
func fakePostgres(t *testing.T, dir, version string) {
	t.Helper()
	script(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+" (Debian)'")
	script(t, filepath.Join(dir, "initdb"), "exit 1")
}

func script(t *testing.T, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestFindOrdersMajorsAsNumbers(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, v := range []string{"9.6", "15.3", "18beta1", "14.2"} {
		fakePostgres(t, filepath.Join(root, v, "bin"), v)
	}
	found, err := pgPlaces{globs: []string{filepath.Join(root, "*", "bin")}}.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var majors []int
	for _, f := range found {
		majors = append(majors, f.major)
	}
	if len(majors) != 3 || majors[0] != 18 || majors[1] != 15 || majors[2] != 14 {
		t.Fatalf("majors = %v, want [18 15 14]", majors)
	}
}

func TestFindFollowsTheLinkInPath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	home := filepath.Join(root, "versions", "16", "bin")
	fakePostgres(t, home, "16.1")
	inPath := filepath.Join(root, "path")
	if err := os.MkdirAll(inPath, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(home, "postgres"), filepath.Join(inPath, "postgres")); err != nil {
		t.Fatal(err)
	}
	found, err := pgPlaces{path: inPath}.find(t.Context())
	if err != nil || len(found) != 1 || found[0].major != 16 || filepath.Base(filepath.Dir(found[0].dir)) != "16" {
		t.Fatalf("found %v, %v", found, err)
	}
}

func TestExplicitPlaceIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	fakePostgres(t, filepath.Join(root, "good"), "17.0")
	places := pgPlaces{explicit: filepath.Join(root, "missing"), globs: []string{filepath.Join(root, "good")}}
	if _, err := places.find(t.Context()); err == nil || !strings.Contains(err.Error(), "SMARTICKS_POSTGRES_BIN") {
		t.Fatalf("got %v, want an error that names SMARTICKS_POSTGRES_BIN", err)
	}
}

func TestClusterOfAnotherMajorIsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found := []pgBinaries{{dir: "b17", major: 17}, {dir: "b15", major: 15}}
	if got, err := pickBinaries(found, data); err != nil || got.major != 15 {
		t.Fatalf("with 15 on the machine: %v, %v", got, err)
	}
	if _, err := pickBinaries(found[:1], data); err == nil || !strings.Contains(err.Error(), "made by Postgres 15, and this machine has 17") {
		t.Fatalf("with 17 only: %v", err)
	}
}

func TestInstallKeepsThePackageFromStartingACluster(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	conf := filepath.Join(root, "etc", "createcluster.conf")
	bin := filepath.Join(root, "bin")
	// A stand-in for apt-get, which writes down what it finds in the setting when
	// the server package comes, and then brings the programs.
	script(t, filepath.Join(root, "path", "apt-get"), `
PATH=/usr/bin:/bin
for last; do :; done
case "$last" in
postgresql-common) mkdir -p `+root+`/etc; echo '# as packaged' > `+conf+` ;;
postgresql) cp `+conf+` `+root+`/seen
  mkdir -p `+bin+`
  for p in postgres initdb; do printf '#!/bin/sh\necho "postgres (PostgreSQL) 15.1"\n' > `+bin+`/$p; chmod +x `+bin+`/$p; done ;;
esac`)
	places := pgPlaces{globs: []string{bin}}
	in := installer{root: true, path: filepath.Join(root, "path"), clusterConf: conf, lock: filepath.Join(root, "lock")}
	var told strings.Builder
	found, err := findOrInstall(t.Context(), places, in, &told)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	seen, err := os.ReadFile(filepath.Join(root, "seen"))
	if err != nil || !strings.Contains(string(seen), "create_main_cluster = false") {
		t.Errorf("while the server package was installed the setting was %q (%v)", seen, err)
	}
	after, err := os.ReadFile(conf)
	if err != nil || string(after) != "# as packaged\n" {
		t.Errorf("afterwards the setting is %q (%v), want what was packaged", after, err)
	}
	if !strings.Contains(told.String(), "Postgres is missing") {
		t.Errorf("nobody was told: %q", told.String())
	}
}

func TestWithoutPostgresAndRootTheErrorSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := findOrInstall(t.Context(), pgPlaces{}, installer{}, nil)
	if err == nil || errors.Is(err, errNoPostgres) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Fatalf("got %v", err)
	}
}
