// Package temporaltest gives a test a Temporal dev server of its own.
package temporaltest

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/smarticks/smarticks/internal/devstack"
)

// Server is a dev server that ends with its test.
type Server struct {
	// Address is host:port of gRPC. It stays the same over Stop and Start.
	Address string
	// Namespace is the one to use; search attributes are registered in it when
	// they were asked for.
	Namespace string

	temporal *devstack.Temporal
	dbFile   string
}

// DBFile is the file of a server made by NewWithDB; SQLite has more of the same
// beginning beside it. It is empty for one that keeps everything in memory.
func (s *Server) DBFile() string { return s.dbFile }

// Option changes the server that is started.
type Option func(*devstack.TemporalOptions)

// SearchAttributes registers these, by name and type (Keyword, Datetime …).
func SearchAttributes(byName map[string]string) Option {
	return func(o *devstack.TemporalOptions) { o.SearchAttributes = byName }
}

// New starts a server without a UI that keeps everything in memory. The program
// is built into the repository's .bin, or SMARTICKS_BIN_DIR, when it is missing,
// which takes minutes the first time.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return start(t, devstack.TemporalOptions{}, opts)
}

// NewWithDB starts a server that keeps everything in a file, so that Stop and
// Start find it again.
func NewWithDB(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return start(t, devstack.TemporalOptions{DBFile: filepath.Join(t.TempDir(), "temporal.db")}, opts)
}

func start(t testing.TB, o devstack.TemporalOptions, opts []Option) *Server {
	t.Helper()
	dir, err := BinDir()
	if err != nil {
		t.Fatal(err)
	}
	if o.Bin, err = devstack.EnsureTemporal(t.Context(), dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	o.Headless = true
	o.StartTimeout = 8 * time.Minute // a bound for what hangs
	o.LogFile = filepath.Join(t.TempDir(), "temporal.log")
	// A search attribute that was just registered is known at once.
	o.DynamicConfig = map[string]string{"system.forceSearchAttributesCacheRefreshOnRead": "true"}
	for _, opt := range opts {
		opt(&o)
	}
	temporal, err := devstack.StartTemporal(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: temporal.Address(), Namespace: temporal.Namespace(), temporal: temporal, dbFile: o.DBFile}
	t.Cleanup(s.Stop)
	return s
}

// Stop takes the server away.
func (s *Server) Stop() { s.temporal.Stop() }

// Start brings it back at the same address. Without a file it is empty then.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.temporal.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Client is a client of the server, closed with the test. It says nothing of
// its own; a test that wants the SDK's log dials by itself.
func (s *Server) Client(t testing.TB) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{
		HostPort:  s.Address,
		Namespace: s.Namespace,
		Logger:    log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// BinDir is where tools are built: SMARTICKS_BIN_DIR, or .bin beside the go.mod
// above the working directory.
func BinDir() (string, error) {
	if dir := os.Getenv("SMARTICKS_BIN_DIR"); dir != "" {
		return dir, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module github.com/smarticks/smarticks\n") {
			return filepath.Join(dir, ".bin"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod of this module above the working directory: set SMARTICKS_BIN_DIR")
		}
		dir = parent
	}
}
