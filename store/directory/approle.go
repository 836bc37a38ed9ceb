package directory

import (
	"context"

	"github.com/smarticks/smarticks/store/internal/pg"
)

// AuditIsKept reports whether the database refuses to let the product itself change
// the audit: it works as a role that may only read it and add to it.
//
// Errors: errs.Unavailable.
func (s *Store) AuditIsKept(ctx context.Context) (bool, error) {
	var kept bool
	err := s.db.Pool.QueryRow(ctx, `SELECT NOT (has_table_privilege('audit', 'UPDATE') OR has_table_privilege('audit', 'DELETE')
			OR has_table_privilege('audit', 'TRUNCATE') OR has_any_column_privilege('audit', 'UPDATE') OR pg_has_role(c.relowner, 'MEMBER'))
		FROM pg_class c WHERE c.oid = 'audit'::regclass`).Scan(&kept)
	return kept, pg.Classify("store.AuditIsKept", err)
}
