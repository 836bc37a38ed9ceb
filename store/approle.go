package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/store/migrations"
)

// becomeAppRole makes a connection work as the role that owns nothing, where
// migrations made it in this database and the user may become it. A user of
// another kind works as he is: see AuditIsKept.
func becomeAppRole(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('role', r.rolname, false) FROM pg_roles r WHERE r.rolname = $1
		AND pg_has_role(session_user, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
		AND has_table_privilege(r.oid, to_regclass('audit'), 'INSERT')`, migrations.AppRole)
	return err
}

// AuditIsKept tells whether the database refuses to let the product itself change
// the audit: it works as a role that may only read it and add to it.
//
// Errors: errs.Unavailable.
func (s *Store) AuditIsKept(ctx context.Context) (bool, error) {
	var kept bool
	err := s.db.pool.QueryRow(ctx, `SELECT NOT (has_table_privilege('audit', 'UPDATE') OR has_table_privilege('audit', 'DELETE')
			OR has_table_privilege('audit', 'TRUNCATE') OR has_any_column_privilege('audit', 'UPDATE') OR pg_has_role(c.relowner, 'MEMBER'))
		FROM pg_class c WHERE c.oid = 'audit'::regclass`).Scan(&kept)
	return kept, classify("store.AuditIsKept", err)
}
