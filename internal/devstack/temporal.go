package devstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// TemporalOptions says which dev server to start.
type TemporalOptions struct {
	// Bin is the Temporal CLI (see EnsureTemporal).
	Bin string
	// IP is the address to listen on. Empty means 127.0.0.1.
	IP string
	// Port is of gRPC, UIPort of the UI. Zero means any free one.
	Port, UIPort int
	// PortSetting and UIPortSetting are the environment variables that move
	// them, for the error when they are taken.
	PortSetting, UIPortSetting string
	// DBFile keeps everything (SQLite, see filePragmas). SQLite has more files of the same
	// beginning beside it, after Stop too: whoever copies or removes one takes them all.
	// Empty means in memory, lost at Stop.
	DBFile string
	// LogFile gets what the server writes, appended. Empty means nowhere.
	LogFile string
	// Namespace is made besides "default". Empty means "default".
	Namespace string
	// Headless leaves the UI away.
	Headless bool
	// SearchAttributes are registered by name and type (Keyword, Datetime …).
	SearchAttributes map[string]string
	// DynamicConfig are settings of the server, values in JSON.
	DynamicConfig map[string]string
	// StartTimeout bounds the wait for the server to answer. Zero means a minute.
	StartTimeout time.Duration
}

// Temporal is a dev server that we run.
type Temporal struct {
	opts TemporalOptions
	proc *process
}

// StartTemporal starts a dev server and returns when it answers for its
// namespace. A server of an earlier run on the same DBFile that was killed with
// its parent is ended first.
//
// The caller sees to it that one process at a time uses a DBFile (see Lock).
//
// Errors: *PortTakenError before anything is started.
func StartTemporal(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	opts.IP = cmp.Or(opts.IP, "127.0.0.1")
	opts.Namespace = cmp.Or(opts.Namespace, "default")
	opts.StartTimeout = cmp.Or(opts.StartTimeout, time.Minute)
	if opts.DBFile != "" {
		// An orphan is known by this path in its command line.
		abs, err := filepath.Abs(opts.DBFile)
		if err != nil {
			return nil, err
		}
		opts.DBFile = abs
	}
	// A port that was free may be taken a moment later: when we pick them, we
	// pick again.
	tries := 1
	if opts.Port == 0 || opts.UIPort == 0 && !opts.Headless {
		tries = 5
	}
	for {
		t, err := pickAndStart(ctx, opts)
		if tries--; err == nil || tries == 0 || ctx.Err() != nil {
			return t, err
		}
	}
}

func pickAndStart(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	for _, port := range []*int{&opts.Port, &opts.UIPort} {
		if *port != 0 {
			continue
		}
		free, err := freePort(opts.IP)
		if err != nil {
			return nil, err
		}
		*port = free
	}
	t := &Temporal{opts: opts}
	if err := t.Start(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// Address is host:port of gRPC. It stays the same over Stop and Start.
func (t *Temporal) Address() string { return t.address(t.opts.Port) }

// UIAddress is host:port of the UI; nobody listens there when Headless.
func (t *Temporal) UIAddress() string { return t.address(t.opts.UIPort) }

// Namespace is the one that the server was asked for.
func (t *Temporal) Namespace() string { return t.opts.Namespace }

// Dead is closed when the running server has ended, for whatever reason. A
// later Start makes a new channel.
func (t *Temporal) Dead() <-chan struct{} { return t.proc.dead }

// Stop stops the server. Stopping twice does nothing more.
func (t *Temporal) Stop() {
	if t.proc != nil {
		t.proc.stop(syscall.SIGTERM, 10*time.Second)
	}
}

// Start starts the server again after Stop, on the same ports and file.
func (t *Temporal) Start(ctx context.Context) error {
	if err := t.endOld(ctx); err != nil {
		return err
	}
	if err := CheckFree(t.Address(), t.opts.PortSetting); err != nil {
		return err
	}
	if !t.opts.Headless {
		if err := CheckFree(t.UIAddress(), t.opts.UIPortSetting); err != nil {
			return err
		}
	}
	proc, err := t.launch()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, t.opts.StartTimeout)
	defer cancel()
	if err := t.awaitAnswer(ctx, proc); err != nil {
		proc.stop(syscall.SIGKILL, time.Second)
		return err
	}
	t.proc = proc
	return nil
}

func (t *Temporal) address(port int) string {
	return net.JoinHostPort(t.opts.IP, strconv.Itoa(port))
}

// endOld ends the server that an earlier run left on this file: its file stays
// locked and its ports taken until it is gone.
func (t *Temporal) endOld(ctx context.Context) error {
	if t.opts.DBFile == "" {
		return nil
	}
	b, err := os.ReadFile(t.pidFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return nil // written half; what it named died with the writer
	}
	if err := endOrphan(ctx, pid, t.opts.DBFile, syscall.SIGTERM, 10*time.Second); err != nil {
		return fmt.Errorf("the Temporal dev server of an earlier run: %w", err)
	}
	return nil
}

func (t *Temporal) pidFile() string { return t.opts.DBFile + ".pid" }

func (t *Temporal) launch() (*process, error) {
	cmd := exec.Command(t.opts.Bin, t.args()...)
	// TEMPORAL_ADDRESS and the like are meant for our roles, not for the server.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "TEMPORAL_") })
	if t.opts.LogFile != "" {
		f, err := os.OpenFile(t.opts.LogFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return nil, fmt.Errorf("open the log of Temporal: %w", err)
		}
		defer f.Close()
		cmd.Stdout, cmd.Stderr = f, f
	}
	// SQLite keeps what it has confirmed however this process ends, so nothing is
	// gained by a slow orderly stop when we were killed.
	proc, err := startProcess(cmd, syscall.SIGKILL)
	if err != nil {
		return nil, err
	}
	if t.opts.DBFile != "" {
		if err := os.WriteFile(t.pidFile(), []byte(strconv.Itoa(proc.pid())+"\n"), 0o644); err != nil {
			proc.stop(syscall.SIGKILL, time.Second)
			return nil, err
		}
	}
	return proc, nil
}

// filePragmas are SQLite's for a DBFile. In the mode WAL a commit is one write at the end
// of DBFile-wal; the file itself is written now and then, by a checkpoint. A file that was
// made without it is brought over when the server opens it.
//
// With synchronous=NORMAL the disk is waited for at checkpoints only. The file is never
// damaged, and a kill of the server loses nothing; a power cut can take the last
// transactions: Temporal then has forgotten its newest signals, timers and whole
// workflows, in the order in which they came. That is allowed because Postgres, which
// waits for the disk with each commit, holds all that must be done, and Temporal nothing
// that cannot be asked for again: what is not handled is still in the outbox, and what is
// handled but waits for a time or for its next attempt is found by the reconciler. What
// Temporal would do again because it forgot that it did it, Postgres refuses: who may
// attempt a delivery, and which events are handled, is decided there.
// TestATemporalThatForgotItsLastTransactionsLosesAndDoublesNothing holds this.
var filePragmas = []string{"journal_mode=WAL", "synchronous=NORMAL"}

func (t *Temporal) args() []string {
	args := []string{
		"server", "start-dev", "--disable-config-file", "--disable-config-env", "--color", "never",
		"--ip", t.opts.IP, "--port", strconv.Itoa(t.opts.Port), "--namespace", t.opts.Namespace,
	}
	if t.opts.Headless {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(t.opts.UIPort))
	}
	if t.opts.DBFile != "" {
		args = append(args, "--db-filename", t.opts.DBFile)
		for _, pragma := range filePragmas {
			args = append(args, "--sqlite-pragma", pragma)
		}
	}
	for name, kind := range t.opts.SearchAttributes {
		args = append(args, "--search-attribute", name+"="+kind)
	}
	for name, value := range t.opts.DynamicConfig {
		args = append(args, "--dynamic-config-value", name+"="+value)
	}
	return args
}

// awaitAnswer returns when the server describes its namespace: the health check
// alone is green before that works.
func (t *Temporal) awaitAnswer(ctx context.Context, proc *process) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort:  t.Address(),
		Namespace: t.opts.Namespace,
		Logger:    log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	var last error
	for {
		ask, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, last = c.WorkflowService().DescribeNamespace(ask, &workflowservice.DescribeNamespaceRequest{Namespace: t.opts.Namespace})
		cancel()
		if last == nil {
			return nil
		}
		select {
		case <-proc.dead:
			return fmt.Errorf("the Temporal dev server ended while it started (%v); the end of its log:\n%s", proc.err, logTail(t.opts.LogFile, 10))
		case <-ctx.Done():
			return fmt.Errorf("waiting for the Temporal dev server to answer: %w (last: %v; log: %s)", ctx.Err(), last, t.opts.LogFile)
		default:
		}
		if err := pause(ctx, 25*time.Millisecond); err != nil {
			continue // the select above words the error
		}
	}
}
