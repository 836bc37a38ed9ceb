package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// EndedRuns returns those of the runs that are not merely asked for any longer, in
// one statement. It is for who asked for them: it looks at nobody's rights.
//
// Errors: errs.Unavailable.
func (s *Store) EndedRuns(ctx context.Context, ids []automation.RunID) ([]runs.Run, error) {
	const op = "store.EndedRuns"
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = ANY($1::uuid[]) AND r.state <> 'asked'`,
		pg.List(ids))
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Run, error) { return tables.ScanRun(row) })
	return runs, pg.Classify(op, err)
}
