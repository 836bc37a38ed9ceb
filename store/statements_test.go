package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store/internal/pg"
)

func TestStatementsOfTheFilesFitTheSchema(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t))
	check(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	all := pg.Statements()
	if len(all) < 8 {
		t.Fatalf("only %d statements: this test would prove nothing", len(all))
	}
	for _, s := range all {
		if _, err := conn.Prepare(t.Context(), s.Name, s.SQL); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		check(t, conn.Deallocate(t.Context(), s.Name))
		if strings.Contains(s.SQL, "--") {
			t.Errorf("%s still has a comment", s.Name)
		}
	}
}
