package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// auditEntry is one change of what admins set up, as it is kept for good: who,
// when, what it was and what it became.
type auditEntry struct {
	at         time.Time
	actor      conversation.Actor
	verb       string // created, changed, published, …
	objectKind string
	objectID   string
	before     any // encoded as JSON; nil when there was nothing
	after      any
}

// insertAudit writes the entry, in the transaction of the change itself.
func insertAudit(ctx context.Context, tx pgx.Tx, e auditEntry) error {
	before, err := auditJSON(e.before)
	if err != nil {
		return err
	}
	after, err := auditJSON(e.after)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id, before, after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.at, e.actor.Kind, e.actor.ID, e.verb, e.objectKind, e.objectID, before, after)
	return err
}

func auditJSON(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}
