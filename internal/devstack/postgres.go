package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// PostgresOptions says which server to start.
type PostgresOptions struct {
	// StateDir is where kept data lies, in the directory postgres of it. When we
	// are root and the account that must run Postgres cannot enter it, the data
	// lies in /var/lib/smarticks, and Progress is told. Unused by a throw-away server.
	StateDir string
	// Throwaway asks for a fast server that loses its data at Close, or when the
	// machine stops.
	Throwaway bool
	// Progress is told what takes time. Nil means nobody is told.
	Progress io.Writer
}

// Postgres is a private server, reached by a Unix socket that only the account
// that runs it (and root) can open.
type Postgres struct {
	place     string // holds data/, the log and mostly the socket
	socket    string
	bin       pgBinaries
	acct      account
	throwaway bool
	janitor   *janitor // nil for kept data

	proc *process
}

// StartPostgres finds (or, where it may, installs) Postgres, makes a cluster
// unless there is one, and returns when the server takes connections. A server of an
// earlier run that was killed is waited for.
//
// The caller sees to it that one process at a time uses a StateDir (see Lock).
func StartPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	found, err := findOrInstall(ctx, usualPlaces(), systemInstaller(), opts.Progress)
	if err != nil {
		return nil, err
	}
	// Only now: the package makes the account postgres.
	acct, err := postgresAccount()
	if err != nil {
		return nil, err
	}
	var place string
	if opts.Throwaway {
		place, err = throwawayPlace(acct)
	} else {
		place, err = keptPlace(opts.StateDir, systemState, acct, opts.Progress)
	}
	if err != nil {
		return nil, err
	}
	pg := &Postgres{place: place, acct: acct, throwaway: opts.Throwaway}
	if err := pg.prepare(ctx, found); err != nil {
		return nil, errors.Join(err, pg.discard())
	}
	if err := pg.Start(ctx); err != nil {
		return nil, errors.Join(err, pg.discard())
	}
	return pg, nil
}

func (pg *Postgres) prepare(ctx context.Context, found []pgBinaries) (err error) {
	if pg.bin, err = pickBinaries(found, pg.data()); err != nil {
		return err
	}
	if pg.socket, err = socketDir(pg.place, pg.acct); err != nil {
		return err
	}
	if pg.throwaway {
		if pg.janitor, err = hireJanitor(pg.place, pg.data()); err != nil {
			return err
		}
	}
	return initCluster(ctx, pg.bin, pg.place, pg.acct, pg.throwaway)
}

func (pg *Postgres) data() string { return filepath.Join(pg.place, "data") }
func (pg *Postgres) log() string  { return filepath.Join(pg.place, "postgres.log") }

// DSN is the address of a database of this server. It stays the same over Stop
// and Start.
func (pg *Postgres) DSN(database string) string {
	q := url.Values{"host": {pg.socket}, "user": {"postgres"}}
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// Major is the server's major version.
func (pg *Postgres) Major() int { return pg.bin.major }

// Dead is closed when the running server has ended, for whatever reason. A
// later Start makes a new channel.
func (pg *Postgres) Dead() <-chan struct{} { return pg.proc.dead }

// LogFile is where the server writes its log.
func (pg *Postgres) LogFile() string { return pg.log() }

// Start starts the server again after Stop or Kill, on the same data and with
// the same DSN. It returns when the server takes connections.
func (pg *Postgres) Start(ctx context.Context) error {
	stale, err := clearOldPostmaster(ctx, pg.data())
	if err != nil {
		return err
	}
	// Nobody else uses the socket's directory, and an old lock file may bear an id
	// that another process has by now.
	if err := os.Remove(filepath.Join(pg.socket, socketName+".lock")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := pg.startOnce(ctx)
		// After a postmaster was killed, backends of it may live for a moment,
		// and Postgres refuses to start beside them.
		if !errors.Is(err, errEndedEarly) || !stale || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// errEndedEarly says that the server ended before it took connections.
var errEndedEarly = errors.New("Postgres ended while it started")

func (pg *Postgres) startOnce(ctx context.Context) error {
	// Opened by us and handed over, so that the log can be read by who runs us.
	log, err := os.OpenFile(pg.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open the log of Postgres: %w", err)
	}
	defer log.Close()

	cmd := exec.Command(filepath.Join(pg.bin.dir, "postgres"), serverArgs(pg.data(), pg.socket, pg.throwaway)...)
	cmd.Dir = pg.place
	cmd.Env = childEnv()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = pg.acct.attributes()
	// SIGINT is Postgres's fast but orderly stop.
	proc, err := startProcess(cmd, syscall.SIGINT)
	if err != nil {
		return err
	}
	if err := pg.awaitReady(ctx, proc); err != nil {
		proc.stop(syscall.SIGINT, 10*time.Second)
		return err
	}
	pg.proc = proc
	return nil
}

// awaitReady polls the pid file, which costs no connection. Recovery after a
// crash may take long; only ctx bounds it.
func (pg *Postgres) awaitReady(ctx context.Context, proc *process) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if f := readPIDFile(pg.data()); f.ready && f.pid == proc.pid() {
			return nil
		}
		select {
		case <-proc.dead:
			return fmt.Errorf("%w (%v); the end of %s:\n%s", errEndedEarly, proc.err, pg.log(), logTail(pg.log(), 10))
		case <-ctx.Done():
			return fmt.Errorf("waiting for Postgres to start: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// Stop stops the server in an orderly way: connections are cut, confirmed data is
// safe. The data stays, and Start starts it again. Stopping twice does nothing more.
func (pg *Postgres) Stop() {
	if pg.proc != nil {
		pg.proc.stop(syscall.SIGINT, 30*time.Second)
	}
}

// Kill ends the server as a crash does, without a word to its clients.
func (pg *Postgres) Kill() {
	if pg.proc != nil {
		pg.proc.stop(syscall.SIGKILL, time.Minute)
	}
}

// Close stops the server and removes the data of a throw-away one.
func (pg *Postgres) Close() error {
	pg.Stop()
	return pg.discard()
}

func (pg *Postgres) discard() error {
	if !pg.throwaway {
		return nil
	}
	err := os.RemoveAll(pg.place)
	if pg.janitor != nil {
		pg.janitor.dismiss()
	}
	return err
}
