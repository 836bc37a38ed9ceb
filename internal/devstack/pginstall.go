package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// installer puts the distribution's Postgres on this machine.
type installer struct {
	root bool
	path string // PATH, to find apt-get in
	// clusterConf is the file that tells Debian's package whether to make a
	// cluster of its own when it is installed.
	clusterConf string
	// lock is taken while installing: several processes may come here at once.
	lock string
}

func systemInstaller() installer {
	return installer{
		root:        os.Geteuid() == 0,
		path:        os.Getenv("PATH"),
		clusterConf: "/etc/postgresql-common/createcluster.conf",
		lock:        filepath.Join(os.TempDir(), "smarticks-install-postgres.lock"),
	}
}

// findOrInstall lists the installations, and when there is none installs one if
// it may: as root, where there is apt-get.
func findOrInstall(ctx context.Context, places pgPlaces, in installer, progress io.Writer) ([]pgBinaries, error) {
	found, err := places.find(ctx)
	if !errors.Is(err, errNoPostgres) {
		return found, err
	}
	apt, ok := inPath(in.path, "apt-get")
	if !in.root || !ok {
		return nil, fmt.Errorf("no Postgres of version %d or later found: install the package postgresql (Debian: sudo apt-get install "+
			"postgresql; macOS: brew install postgresql@17), name its bin directory by SMARTICKS_POSTGRES_BIN, or give a server by DATABASE_URL",
			minPostgres)
	}
	err = exclusively(in.lock, func() error {
		if _, err := places.find(ctx); err == nil {
			return nil // another process installed it while we waited
		}
		return in.install(ctx, apt, progress)
	})
	if err != nil {
		return nil, fmt.Errorf("install Postgres: %w", err)
	}
	return places.find(ctx)
}

// install installs postgresql-common first: its setting keeps the server package
// from making and starting a cluster of its own on port 5432, which nobody asked for.
// The setting is taken back afterwards.
func (in installer) install(ctx context.Context, apt string, progress io.Writer) (err error) {
	say(progress, "Postgres is missing: installing the distribution's package postgresql (a minute or two)")
	run := func(args ...string) error {
		args = append([]string{"-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold"}, args...)
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		return runAloud(ctx, cmd, progress, "installing Postgres")
	}
	if err := run("update"); err != nil {
		return err
	}
	if err := run("install", "-y", "--no-install-recommends", "postgresql-common"); err != nil {
		return err
	}
	before, readErr := os.ReadFile(in.clusterConf)
	if readErr != nil && !errors.Is(readErr, os.ErrNotExist) {
		return readErr
	}
	if err := os.MkdirAll(filepath.Dir(in.clusterConf), 0o755); err != nil {
		return err
	}
	without := append(append([]byte{}, before...), "\ncreate_main_cluster = false\n"...)
	if err := os.WriteFile(in.clusterConf, without, 0o644); err != nil {
		return err
	}
	defer func() {
		if readErr != nil {
			err = errors.Join(err, os.Remove(in.clusterConf))
			return
		}
		err = errors.Join(err, os.WriteFile(in.clusterConf, before, 0o644))
	}()
	return run("install", "-y", "--no-install-recommends", "postgresql")
}
