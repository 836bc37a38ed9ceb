package pg

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/store/migrations"
)

// becomeAppRole makes a connection work as the role that owns nothing, where
// migrations made it in this database and the user may become it. A user of
// another kind works as it is: see AuditIsKept.
func becomeAppRole(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('role', r.rolname, false) FROM pg_roles r WHERE r.rolname = $1
		AND pg_has_role(session_user, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
		AND has_table_privilege(r.oid, to_regclass('audit'), 'INSERT')`, migrations.AppRole)
	return err
}
