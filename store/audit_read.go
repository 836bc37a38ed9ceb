package store

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// Audit lists changes, the newest first; page.After is the number of the last one
// shown.
//
// Errors: errs.Unavailable.
func (s *Store) Audit(ctx context.Context, f conversation.AuditFilter, page conversation.Page) ([]conversation.Audited, error) {
	const op = "store.Audit"
	after, _ := strconv.ParseInt(page.After, 10, 64)
	rows, err := s.pool.Query(ctx, `SELECT id, at, actor_kind, actor_id, verb, object_kind, object_id, before, after FROM audit
		WHERE ($1 = '' OR object_kind = $1) AND ($2 = '' OR object_id = $2) AND ($3 = '' OR actor_id = $3) AND ($4 = 0 OR id < $4)
		ORDER BY id DESC LIMIT $5`, f.ObjectKind, f.ObjectID, f.ActorID, after, page.Limit)
	if err != nil {
		return nil, classify(op, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Audited, error) {
		var a conversation.Audited
		err := row.Scan(&a.ID, &a.At, &a.Actor.Kind, &a.Actor.ID, &a.Verb, &a.ObjectKind, &a.ObjectID, &a.Before, &a.After)
		return a, err
	})
	return out, classify(op, err)
}
