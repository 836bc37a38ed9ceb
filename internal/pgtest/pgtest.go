// Package pgtest gives a test a migrated Postgres database of its own.
//
// There is no skip: without Postgres the test fails, since a suite that passes
// without having run says nothing.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/internal/devstack"
)

// New makes a database with this build's schema and answers its DSN. It is
// dropped with the test, whoever is still connected.
//
// The server is the one of TEST_DATABASE_URL, whose user must be allowed to create
// databases, or a throw-away one that this process starts at the first call and
// that ends with the process.
func New(t testing.TB) string {
	t.Helper()
	c, err := sharedCluster()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := "t_" + randomHex()
	dsn, err := c.clone(t.Context(), name)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		// The context of the test has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.drop(ctx, name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return dsn
}

// Server starts a throw-away server for a test that stops and starts, or kills,
// Postgres. It has no schema; see Database.
func Server(t testing.TB) *devstack.Postgres {
	t.Helper()
	pg, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{Throwaway: true, Progress: t.Output()})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := pg.Close(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return pg
}

// Database makes a database with this build's schema on a server of the test's
// own and answers its DSN. It goes with the server.
func Database(t testing.TB, pg *devstack.Postgres) string {
	t.Helper()
	c, err := openCluster(t.Context(), pg.DSN("postgres"))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	defer c.orders.Close()
	dsn, err := c.clone(t.Context(), "t_"+randomHex())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return dsn
}

// sharedCluster is the one state of this package that outlives a test: starting
// a server for each test would cost a second of each.
var sharedCluster = sync.OnceValues(openShared)

func randomHex() string {
	b := make([]byte, 6)
	// Never fails: the runtime ends the program when there is no randomness.
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
