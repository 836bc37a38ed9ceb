package devstack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// systemState is where clusters lie whose state directory the account that runs
// Postgres cannot enter.
const systemState = "/var/lib/smarticks"

// maxSocketPath is what the kernels allow for a Unix socket's path.
const maxSocketPath = 107

const socketName = ".s.PGSQL.5432"

// keptPlace answers the directory for the kept cluster of a state directory, and
// makes it: inside the state directory, or in system (see systemState) when acct cannot
// enter that. A cluster that exists already is found again in either place.
func keptPlace(stateDir, system string, acct account, progress io.Writer) (string, error) {
	if stateDir == "" {
		return "", errors.New("a kept Postgres needs a state directory")
	}
	state, err := filepath.Abs(stateDir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return "", fmt.Errorf("make the state directory: %w", err)
	}
	// One state directory, one hash, by whichever path it is named.
	if state, err = filepath.EvalSymlinks(state); err != nil {
		return "", err
	}
	inside := filepath.Join(state, "postgres")
	sum := sha256.Sum256([]byte(state))
	outside := filepath.Join(system, hex.EncodeToString(sum[:])[:16])

	enterable := acct.canEnter(state)
	switch {
	case hasCluster(inside) && !enterable:
		return "", fmt.Errorf("the cluster in %s exists, but the account %s, which must run it, cannot enter that directory: let it in "+
			"(chmod o+x on each parent)", inside, acct.name)
	case acct.drop && (!enterable || hasCluster(outside) && !hasCluster(inside)):
		say(progress, "Postgres runs as %s, which cannot enter %s: its data lies in %s", acct.name, state, outside)
		if err := os.MkdirAll(system, 0o755); err != nil {
			return "", fmt.Errorf("make the directory for the cluster: %w", err)
		}
		return outside, acct.own(outside)
	default:
		if err := notAnothers(inside, acct); err != nil {
			return "", err
		}
		return inside, acct.own(inside)
	}
}

func hasCluster(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION"))
	return err == nil
}

// notAnothers refuses a cluster that another user made, in words that help more
// than the server's "permission denied".
func notAnothers(dir string, acct account) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) || acct.drop {
		return nil
	}
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != acct.uid {
		return fmt.Errorf("%s belongs to user id %d, not to %s: start as the user who made it, or set SMARTICKS_STATE_DIR to another "+
			"directory", dir, st.Uid, acct.name)
	}
	return nil
}

// throwawayPlace makes a directory for a cluster that nobody keeps: in memory
// where there is room, which halves the time of making a database.
func throwawayPlace(acct account) (string, error) {
	base := os.TempDir()
	const memory, enough = "/dev/shm", 512 << 20
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err == nil && uint64(fs.Bavail)*uint64(fs.Bsize) > enough {
		base = memory
	}
	dir, err := os.MkdirTemp(base, "smarticks-pg-")
	if errors.Is(err, os.ErrPermission) && base == memory {
		dir, err = os.MkdirTemp(os.TempDir(), "smarticks-pg-")
	}
	if err != nil {
		return "", fmt.Errorf("make a directory for a throw-away Postgres: %w", err)
	}
	if err := acct.own(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// socketDir makes the directory of the cluster's socket: beside the data, or
// in the temporary directory when that path is too long for a socket.
func socketDir(place string, acct account) (string, error) {
	dir := filepath.Join(place, "run")
	if tooLong(dir) {
		sum := sha256.Sum256([]byte(place))
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("smarticks-%d-%s", acct.uid, hex.EncodeToString(sum[:])[:12]))
		if tooLong(dir) {
			return "", fmt.Errorf("the path %s is too long for a socket: set TMPDIR to a shorter one", dir)
		}
		if err := notPlanted(dir, acct); err != nil {
			return "", err
		}
	}
	if err := acct.own(dir); err != nil {
		return "", fmt.Errorf("make the directory for the socket: %w", err)
	}
	return dir, nil
}

func tooLong(dir string) bool { return len(filepath.Join(dir, socketName)) > maxSocketPath }

// notPlanted refuses a directory in the shared temporary directory that
// somebody else made there, or that is a link to elsewhere.
func notPlanted(dir string, acct account) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(st.Uid) != acct.uid {
		return fmt.Errorf("%s is not a directory of %s: remove it", dir, acct.name)
	}
	return nil
}
