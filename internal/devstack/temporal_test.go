package devstack

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGivenTemporalBinIsUsedAsItIs(t *testing.T) {
	given := filepath.Join(t.TempDir(), "mine")
	script(t, given, "exit 0")
	t.Setenv("SMARTICKS_TEMPORAL_BIN", given)
	if got, err := EnsureTemporal(t.Context(), t.TempDir(), nil); err != nil || got != given {
		t.Fatalf("got %s, %v", got, err)
	}
	t.Setenv("SMARTICKS_TEMPORAL_BIN", given+"-missing")
	if _, err := EnsureTemporal(t.Context(), t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "SMARTICKS_TEMPORAL_BIN") {
		t.Fatalf("a missing program: %v", err)
	}
}

func TestAnotherProgramIsNotTakenForThePinnedTemporal(t *testing.T) {
	t.Parallel()
	// The test's own binary is a Go program of another module.
	if isPinnedTemporal(os.Args[0]) {
		t.Fatal("the test binary passes for the Temporal CLI")
	}
}

func TestBuildPutsTheProgramInPlaceWhole(t *testing.T) {
	// A stand-in for the go tool: building the real one takes minutes.
	bin, path := t.TempDir(), t.TempDir()
	script(t, filepath.Join(path, "go"), `
PATH=/usr/bin:/bin
echo "$@ $GOFLAGS" > "`+path+`/seen"
echo built > "$GOBIN/temporal"`)
	t.Setenv("PATH", path)
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("SMARTICKS_TEMPORAL_BIN", "")
	var told strings.Builder
	got, err := EnsureTemporal(t.Context(), bin, &told)
	if err != nil || got != filepath.Join(bin, "temporal") {
		t.Fatalf("got %s, %v", got, err)
	}
	seen, _ := os.ReadFile(filepath.Join(path, "seen"))
	if want := "install github.com/temporalio/cli/cmd/temporal@v1.5.1 -modcacherw -buildvcs=false\n"; string(seen) != want {
		t.Errorf("go was called with %q, want %q", seen, want)
	}
	left, _ := filepath.Glob(filepath.Join(bin, ".building-*"))
	if len(left) != 0 || !strings.Contains(told.String(), "2 to 4 minutes") {
		t.Errorf("left %v, told %q", left, told.String())
	}
}

func TestTakenTemporalPortIsFoundBeforeTheStart(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = StartTemporal(t.Context(), TemporalOptions{
		Bin: "not-there", Headless: true,
		Port: l.Addr().(*net.TCPAddr).Port, PortSetting: "SMARTICKS_UP_TEMPORAL_PORT",
	})
	var taken *PortTakenError
	if !errors.As(err, &taken) || taken.Setting != "SMARTICKS_UP_TEMPORAL_PORT" {
		t.Fatalf("got %v", err)
	}
}

func TestTemporalThatEndsAtOnceShowsItsLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script(t, filepath.Join(dir, "temporal"), "echo no such file system; exit 3")
	_, err := StartTemporal(t.Context(), TemporalOptions{
		Bin: filepath.Join(dir, "temporal"), Headless: true, LogFile: filepath.Join(dir, "log"),
	})
	if err == nil || !strings.Contains(err.Error(), "no such file system") {
		t.Fatalf("got %v", err)
	}
}
