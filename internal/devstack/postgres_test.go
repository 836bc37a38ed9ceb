package devstack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func query(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(context.Background())
	var got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

// plant makes a table that a later server must find again.
func plant(t *testing.T, dsn string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "create table kept as select 'here'::text as word"); err != nil {
		t.Fatal(err)
	}
}

// keptDir is a state directory that the account of Postgres can enter, so that
// a test leaves nothing outside of it.
func keptDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func startKept(t *testing.T, dir string) *Postgres {
	t.Helper()
	pg, err := StartPostgres(t.Context(), PostgresOptions{StateDir: dir, Progress: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pg.Stop)
	return pg
}

func TestKeptServerIsDurableAndFindsItsDataAgain(t *testing.T) {
	t.Parallel()
	dir := keptDir(t)
	pg := startKept(t, dir)
	if got := query(t, pg.DSN("postgres"),
		"select current_setting('fsync')||current_setting('synchronous_commit')||current_setting('max_connections')"); got != "onon200" {
		t.Errorf("settings of kept data = %s", got)
	}
	plant(t, pg.DSN("postgres"))
	pg.Stop()
	select {
	case <-pg.Dead():
	default:
		t.Error("Dead is open after Stop")
	}
	again := startKept(t, dir)
	if got := query(t, again.DSN("postgres"), "select word from kept"); got != "here" {
		t.Errorf("word = %q", got)
	}
}

func TestStopAndStartKeepTheAddress(t *testing.T) {
	t.Parallel()
	pg, err := StartPostgres(t.Context(), PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	dsn := pg.DSN("postgres")
	plant(t, dsn)
	pg.Stop()
	if err := pg.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, dsn, "select word from kept"); got != "here" {
		t.Errorf("word = %q", got)
	}
	if err := pg.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(pg.place); !os.IsNotExist(err) {
		t.Errorf("after Close the data is still there: %v", err)
	}
}

func TestStartsAfterTheServerWasKilled(t *testing.T) {
	t.Parallel()
	pg := startKept(t, keptDir(t))
	plant(t, pg.DSN("postgres"))
	pg.Kill()
	if err := pg.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, pg.DSN("postgres"),
		"select word from kept"); got != "here" {
		t.Errorf("word = %q", got)
	}
}

func TestPidUsedAgainByAStrangerDoesNotStopUs(t *testing.T) {
	t.Parallel()
	pg := startKept(t, keptDir(t))
	pg.Kill()
	// A living process of the account that Postgres runs as stands in for the stranger.
	stranger := exec.Command("/bin/sh", "-c", "read x")
	stranger.SysProcAttr = pg.acct.attributes()
	stdin, err := stranger.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Wait() }()
	defer stdin.Close()

	path := filepath.Join(pg.data(), "postmaster.pid")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\n")
	text := strconv.Itoa(stranger.Process.Pid) + "\n" + rest
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := pg.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !alive(stranger.Process.Pid) {
		t.Error("the stranger was killed")
	}
}

func TestInterruptedInitdbIsDoneAgain(t *testing.T) {
	t.Parallel()
	dir := keptDir(t)
	half := filepath.Join(dir, "postgres", "data.new", "base")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	pg := startKept(t, dir)
	if got := query(t, pg.DSN("postgres"),
		"select 'up'"); got != "up" {
		t.Error(got)
	}
}

func TestTwoServersAtOnce(t *testing.T) {
	t.Parallel()
	a, b := startKept(t, keptDir(t)), startKept(t, keptDir(t))
	if query(t, a.DSN("postgres"), "select system_identifier::text from pg_control_system()") ==
		query(t, b.DSN("postgres"), "select system_identifier::text from pg_control_system()") {
		t.Error("both addresses reach one server")
	}
}

func TestLongStatePathGetsAShortSocketPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(keptDir(t), strings.Repeat("long", 20))
	pg := startKept(t, dir)
	t.Cleanup(func() { _ = os.RemoveAll(pg.socket) })
	if got := query(t, pg.DSN("postgres"),
		"select 'up'"); got != "up" {
		t.Error(got)
	}
	if strings.HasPrefix(pg.socket, dir) {
		t.Errorf("the socket lies in %s", pg.socket)
	}
}

func TestRootUsesTheSystemPlaceWhenTheStateCannotBeEntered(t *testing.T) {
	t.Parallel()
	acct, err := postgresAccount()
	if err != nil {
		t.Fatal(err)
	}
	if !acct.drop {
		t.Log("not root: there is no other account that could be kept out")
		return
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	system := filepath.Join(keptDir(t), "system")
	state := filepath.Join(closed, "state")
	var told bytes.Buffer
	place, err := keptPlace(state, system, acct, &told)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(place, system) || !strings.Contains(told.String(), place) {
		t.Errorf("place %s, told %q", place, told.String())
	}
	if err := os.MkdirAll(filepath.Join(state, "postgres", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "postgres", "data", "PG_VERSION"), []byte("15"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keptPlace(state, system, acct, nil); err == nil || !strings.Contains(err.Error(), "cannot enter") {
		t.Errorf("data inside that cannot be entered: %v", err)
	}
}

// TestHelperOwner is not a test: it is the child of the test below, which it
// lets kill it while it owns a server.
func TestHelperOwner(t *testing.T) {
	dir := os.Getenv("DEVSTACK_HELPER_STATE")
	if dir == "" {
		return
	}
	kept, err := StartPostgres(t.Context(), PostgresOptions{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	thrown, err := StartPostgres(t.Context(), PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	plant(t, kept.DSN("postgres"))
	fmt.Println(thrown.place)
	<-thrown.Dead()
}

func TestServersEndWithAnOwnerThatIsKilled(t *testing.T) {
	t.Parallel()
	dir := keptDir(t)
	owner := exec.Command(os.Args[0], "-test.run=^TestHelperOwner$")
	owner.Env = append(os.Environ(), "DEVSTACK_HELPER_STATE="+dir)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 256)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	thrown := strings.TrimSpace(string(line[:n]))
	if err := owner.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // it was killed

	// At once, while the old server may still be on its way out.
	pg := startKept(t, dir)
	if got := query(t, pg.DSN("postgres"),
		"select word from kept"); got != "here" {
		t.Errorf("word = %q", got)
	}
	deadline := time.Now().Add(8 * time.Minute)
	for {
		if _, err := os.Stat(thrown); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the throw-away data in %s was not cleaned up", thrown)
		}
		if err := pause(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}
