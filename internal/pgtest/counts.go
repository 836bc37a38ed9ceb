package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Counts says how many rows each table has, but for some, to see that nothing was
// stored.
func Counts(t testing.TB, dsn string, but ...string) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var out string
	if err := conn.QueryRow(ctx, `SELECT string_agg(format('%s=%s', table_name,
			xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', table_name), false, true, ''))), ' ' ORDER BY table_name)
		FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
			AND NOT table_name = ANY (coalesce($1::text[], '{}'))`, but).Scan(&out); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return out
}
