package migrations_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store/migrations"
)

func exec(t *testing.T, dsn, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestAnOlderAndANewerSchemaAreRefusedAndSeveralMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Server(t).DSN("postgres")
	err := migrations.Check(t.Context(), dsn)
	if !errs.Is(err, errs.Conflict) || !strings.Contains(errs.Message(err), "smarticks migrate") {
		t.Fatalf("an empty database: %v", err)
	}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := migrations.Up(t.Context(), dsn); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := migrations.Check(t.Context(), dsn); err != nil {
		t.Errorf("migrated: %v", err)
	}
	exec(t, dsn, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	for name, refuse := range map[string]func(context.Context, string) error{"Check": migrations.Check, "Up": migrations.Up} {
		if err := refuse(t.Context(), dsn); !errs.Is(err, errs.Conflict) || !strings.Contains(errs.Message(err), "newer build") {
			t.Errorf("%s on a newer schema: %v", name, err)
		}
	}
}

// silentServer takes connections and never says a word.
func silentServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "postgres://nobody@" + l.Addr().String() + "/none?connect_timeout=1"
}

func TestADatabaseThatNeverAnswersIsUnavailable(t *testing.T) {
	t.Parallel()
	if err := migrations.Check(t.Context(), silentServer(t)); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	if err := migrations.Check(t.Context(), "postgres://nobody@127.0.0.1:1/none"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}
