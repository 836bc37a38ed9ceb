package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// driver is the name of this process among those whose CPU is counted.
const driver = "driver"

// stand is the product, started, and what it is measured by.
type stand struct {
	name    string
	dir     string
	tracker *tracker
	outside *outside
	product *product
	client  client.Client
	// processes are those whose CPU is counted, clusters those that are Postgres too.
	processes map[string]int
	clusters  map[string]*cluster
	closers   []func()
	failed    bool // its logs are kept
}

// newStand makes a directory that Postgres's account may enter, and what is outside.
func newStand(name string) (*stand, error) {
	s := &stand{name: name, tracker: newTracker(), processes: map[string]int{driver: os.Getpid()}, clusters: map[string]*cluster{}}
	var err error
	if s.dir, err = os.MkdirTemp("", "smarticks-bench-"); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() {
		if !s.failed {
			_ = os.RemoveAll(s.dir)
		}
	})
	if err := os.Chmod(s.dir, 0o755); err != nil {
		s.close()
		return nil, err
	}
	if s.outside, err = startOutside(s.tracker); err != nil {
		s.close()
		return nil, err
	}
	s.closers = append(s.closers, s.outside.close)
	return s, nil
}

func (s *stand) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// run starts a process that ends with this one; its output goes to a file in the stand.
func (s *stand) run(name string, env []string, program string, args ...string) error {
	out, err := os.Create(filepath.Join(s.dir, name+".out"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = s.dir, out, out, environment(env)
	if err := cmd.Start(); err != nil {
		return err
	}
	s.processes[name] = cmd.Process.Pid
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	s.closers = append(s.closers, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(40 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	return nil
}

// command runs a program to its end; what it prints is kept in command.out.
func (s *stand) command(ctx context.Context, program string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = environment(env)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s%s", program, strings.Join(args, " "), err, out, said.String())
	}
	return os.WriteFile(filepath.Join(s.dir, "command.out"), out, 0o600)
}

// environment is ours without what would lead the product elsewhere.
func environment(more []string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SMARTICKS_") && !strings.HasPrefix(v, "TEMPORAL_") && !strings.HasPrefix(v, "DATABASE_URL=") {
			env = append(env, v)
		}
	}
	for _, keep := range []string{"SMARTICKS_POSTGRES_BIN", "SMARTICKS_TEMPORAL_BIN"} {
		if v := os.Getenv(keep); v != "" {
			env = append(env, keep+"="+v)
		}
	}
	return append(env, more...)
}

// freePorts are n ports that nobody listens on just now, below those that outgoing
// connections take; Temporal keeps its own in 15 bits.
func freePorts(n int) ([]int, error) {
	var ports []int
	for tries := 0; len(ports) < n && tries < 100*n; tries++ {
		l, err := net.Listen("tcp", local(20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	if len(ports) < n {
		return nil, errors.New("no ports are free")
	}
	return ports, nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// reachable waits until somebody listens at the addresses.
func (s *stand) reachable(ctx context.Context, addresses ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for _, address := range addresses {
		for {
			c, err := net.Dial("tcp", address)
			if err == nil {
				_ = c.Close()
				break
			}
			if pause(ctx, 50*time.Millisecond) != nil {
				return fmt.Errorf("nobody listens at %s; the logs are in %s", address, s.dir)
			}
		}
	}
	return nil
}

// temporal opens a client of the server, which need not answer yet.
func (s *stand) temporal(address string) (err error) {
	s.client, err = client.NewLazyClient(client.Options{HostPort: address, Logger: log.NewStructuredLogger(quiet())})
	if err == nil {
		s.closers = append(s.closers, s.client.Close)
	}
	return err
}

// watch counts what a Postgres does. Its name is that of its process too.
func (s *stand) watch(ctx context.Context, name, dsn, database string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = conn.Close(context.Background()) })
	c := &cluster{conn: conn, name: database}
	_, err = conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`)
	if err == nil {
		_, err = conn.Exec(ctx, `SELECT count(*) FROM pg_stat_statements`)
	}
	c.statements = err == nil
	parent, _, _, err := process(int(conn.PgConn().PID()))
	if err != nil {
		return err
	}
	s.clusters[name], s.processes[name] = c, parent
	return nil
}

// historyEvents are those of the Temporal workflows of the conversations, for each of
// their mails. Ids of no workflow do not count.
func (s *stand) historyEvents(ctx context.Context, ids map[string]bool) float64 {
	total, found := 0, 0
	for id := range ids {
		described, err := s.client.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			continue
		}
		found++
		total += int(described.WorkflowExecutionInfo.HistoryLength)
	}
	return float64(total) / float64(max(found, 1)*perConversation)
}

// conversation is the id of the Temporal workflow of the conversation that a mail began.
func (s *stand) conversation(ctx context.Context, first int) (string, error) {
	var id string
	err := s.clusters[ourPostgres].conn.QueryRow(ctx, `SELECT conversation_id::text FROM messages WHERE message_id_header = $1`,
		fmt.Sprintf("bench-%d@customer.example", first)).Scan(&id)
	return "conversation/" + id, err
}

const (
	ourPostgres      = "our Postgres"
	temporalPostgres = "Temporal's Postgres"
)

// binDir is where programs are built and kept.
func binDir() (string, error) {
	dir := os.Getenv("SMARTICKS_BIN_DIR")
	if dir == "" {
		return "", errors.New("SMARTICKS_BIN_DIR is not set: run this by make bench")
	}
	return filepath.Abs(dir)
}

// build builds a program of this module, or of another at a version, unless it is there.
func build(ctx context.Context, out io.Writer, to string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOBIN="+to)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
