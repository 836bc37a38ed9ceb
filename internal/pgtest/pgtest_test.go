package pgtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store/migrations"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	// Left open on purpose: dropping a database must not wait for its users.
	return conn
}

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	t.Parallel()
	first, second := pgtest.New(t), pgtest.New(t)
	if err := migrations.Check(t.Context(), first); err != nil {
		t.Fatalf("schema of the first: %v", err)
	}
	a, b := connect(t, first), connect(t, second)
	if _, err := a.Exec(t.Context(), "create table only_here (x int)"); err != nil {
		t.Fatal(err)
	}
	var seen bool
	if err := b.QueryRow(t.Context(), "select to_regclass('only_here') is not null").Scan(&seen); err != nil || seen {
		t.Fatalf("the second database sees the first one's table: %v, %v", seen, err)
	}
}

func TestServerOfItsOwnComesBackAfterStopAndKill(t *testing.T) {
	t.Parallel()
	pg := pgtest.Server(t)
	dsn := pgtest.Database(t, pg)
	for _, takeAway := range []func(){pg.Stop, pg.Kill} {
		takeAway()
		if conn, err := pgx.Connect(t.Context(), dsn); err == nil {
			conn.Close(t.Context())
			t.Fatal("connected to a server that was taken away")
		}
		if err := pg.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := migrations.Check(t.Context(), dsn); err != nil {
			t.Fatalf("after its return: %v", err)
		}
	}
}
