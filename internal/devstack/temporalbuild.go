package devstack

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The Temporal CLI, whose dev server we run. Later versions cannot be had by
// go install, because of a replace line in their go.mod.
const (
	temporalModule  = "github.com/temporalio/cli"
	temporalVersion = "v1.5.1"
)

// EnsureTemporal answers the path of the Temporal CLI: the program that
// SMARTICKS_TEMPORAL_BIN names, used as it is, or binDir/temporal, which is built when
// it is missing or of another version. Building takes 2 to 4 minutes and tells progress
// so; callers in other processes wait for it instead of building too.
func EnsureTemporal(ctx context.Context, binDir string, progress io.Writer) (path string, err error) {
	if given := os.Getenv("SMARTICKS_TEMPORAL_BIN"); given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("SMARTICKS_TEMPORAL_BIN=%s cannot be run: %w", given, err)
		}
		return filepath.Abs(path)
	}
	if binDir, err = filepath.Abs(binDir); err != nil {
		return "", err
	}
	path = filepath.Join(binDir, "temporal")
	if isPinnedTemporal(path) {
		return path, nil
	}
	if err := os.MkdirAll(binDir, 0o755); err != nil {
		return "", fmt.Errorf("make the directory for tools: %w", err)
	}
	err = exclusively(filepath.Join(binDir, "temporal.lock"), func() error {
		if isPinnedTemporal(path) {
			return nil // another process built it while we waited
		}
		return buildTemporal(ctx, binDir, path, progress)
	})
	if err != nil {
		return "", err
	}
	return path, nil
}

func isPinnedTemporal(path string) bool {
	info, err := buildinfo.ReadFile(path)
	return err == nil && info.Main.Path == temporalModule && info.Main.Version == temporalVersion
}

// buildTemporal builds aside and renames: what is at path is always whole.
func buildTemporal(ctx context.Context, binDir, path string, progress io.Writer) (err error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return errors.New("building the Temporal dev server needs Go in PATH: install Go, name a temporal program by " +
			"SMARTICKS_TEMPORAL_BIN, or give a server by TEMPORAL_ADDRESS")
	}
	aside, err := os.MkdirTemp(binDir, ".building-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()

	say(progress, "building the Temporal dev server %s %s, once (2 to 4 minutes)", temporalModule, temporalVersion)
	cmd := exec.CommandContext(ctx, goTool, "install", temporalModule+"/cmd/temporal@"+temporalVersion)
	cmd.Dir = aside
	// GOBIN does not hold for another system or architecture than ours; neither
	// would the program be of use here.
	cmd.Env = append(os.Environ(),
		"GOBIN="+aside, "GOOS=", "GOARCH=", "GOWORK=off",
		"GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false"))
	if err := runAloud(ctx, cmd, progress, "building the Temporal dev server"); err != nil {
		return fmt.Errorf("build the Temporal dev server: %w", err)
	}
	return os.Rename(filepath.Join(aside, "temporal"), path)
}
