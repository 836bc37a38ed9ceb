package migrations

import (
	"context"
	"database/sql"

	"github.com/smarticks/smarticks/errs"
)

// AppRole is the database role that the product works as: it owns nothing, and may
// read the audit and add to it, not change it.
const AppRole = "smarticks_app"

// grant sets the role up. Several may do it at once: one waits for the other.
func grant(ctx context.Context, db *sql.DB) error {
	const op = "migrations.grant"
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return errs.Wrap(op, errs.Unavailable, "the database does not answer", err)
	}
	defer func() { _ = tx.Rollback() }()
	const lockKey = 7_300_113
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockKey); err != nil {
		return errs.Wrap(op, errs.Unavailable, "the database does not answer", err)
	}
	for _, name := range []string{"role", "rights"} {
		statement, err := files.ReadFile("grants/" + name + ".sql")
		if err != nil {
			return errs.Wrap(op, errs.Internal, "", err)
		}
		if _, err := tx.ExecContext(ctx, string(statement)); err != nil {
			return errs.Wrap(op, errs.Unavailable, "the rights of the role "+AppRole+" cannot be set: whoever migrates must own the tables", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return errs.Wrap(op, errs.Unavailable, "the database does not answer", err)
	}
	return nil
}
