package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// pickBinaries takes the newest installation, or for a cluster that exists the one
// of its version: Postgres does not open the data of another major version.
func pickBinaries(found []pgBinaries, data string) (pgBinaries, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return found[0], nil
	}
	if err != nil {
		return pgBinaries{}, err
	}
	version := strings.TrimSpace(string(b))
	var have []string
	for _, f := range found {
		if strconv.Itoa(f.major) == version {
			return f, nil
		}
		have = append(have, strconv.Itoa(f.major))
	}
	return pgBinaries{}, fmt.Errorf("the data in %s was made by Postgres %s, and this machine has %s: install Postgres %s (or name its "+
		"bin directory by SMARTICKS_POSTGRES_BIN), or move that directory away to begin anew",
		data, version, strings.Join(have, ", "), version)
}

// initCluster makes the cluster in place/data unless it is there. It works in
// a directory of another name that is renamed at the end, so that an initdb that died
// half-way leaves nothing that looks like a cluster.
func initCluster(ctx context.Context, bin pgBinaries, place string, acct account, throwaway bool) error {
	if hasCluster(place) {
		return nil
	}
	unfinished := filepath.Join(place, "data.new")
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("remove what an interrupted initdb left: %w", err)
	}
	args := []string{"-D", unfinished, "--auth=trust", "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres"}
	if throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin.dir, "initdb"), args...)
	cmd.Dir = place
	cmd.Env = childEnv()
	cmd.SysProcAttr = acct.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb as %s in %s: %w; the last it said:\n%s", acct.name, place, err, lastLines(out, 10))
	}
	if err := os.Rename(unfinished, filepath.Join(place, "data")); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}

// serverArgs are the settings of a server: no TCP, and for kept data what Postgres
// needs to lose nothing that it has confirmed.
func serverArgs(data, socket string, throwaway bool) []string {
	settings := []string{
		"listen_addresses=",
		"unix_socket_permissions=0700",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if throwaway {
		settings = append(settings, "max_connections=300", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	} else {
		settings = append(settings, "max_connections=200", "fsync=on", "synchronous_commit=on")
	}
	args := []string{"-D", data, "-k", socket, "-p", "5432"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}
