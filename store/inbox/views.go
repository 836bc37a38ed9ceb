package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Viewed records that a customer's mail program showed a message of ours, by the
// mark that the mail carried. Only the first time counts; a mark that is not
// ours, or of a conversation that is gone or deleted, counts for nothing and is
// no error. A mark that is not ours is told without asking the database.
//
// Errors: errs.Unavailable.
func (s *Store) Viewed(ctx context.Context, mark string) error {
	const op = "store.Viewed"
	key, err := s.viewKey(ctx)
	if err != nil {
		return pg.Classify(op, err)
	}
	message, ok := conversation.ReadViewMark(key, mark)
	if !ok {
		return nil
	}
	var id conversation.ID
	err = s.db.Pool.QueryRow(ctx, `SELECT conversation_id FROM messages WHERE id = $1 AND viewed_at IS NULL`, message).Scan(&id)
	if err != nil {
		return ignoreMissing(pg.Classify(op, err))
	}
	err = s.Edit(ctx, op, id, conversation.Actor{}, func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		if c.State == conversation.StateDeleted {
			return runs.Step{}, nil
		}
		// Two marks may come at once: the lock lets the first one count.
		tag, err := tx.Exec(ctx, `UPDATE messages SET viewed_at = clock_timestamp() + $2::interval WHERE id = $1 AND viewed_at IS NULL`,
			message, s.db.Offset())
		if err != nil || tag.RowsAffected() == 0 {
			return runs.Step{}, err
		}
		ed.As(conversation.Actor{Kind: conversation.ActorCustomer, ID: string(c.CustomerID)})
		ed.View(message)
		return runs.Step{}, nil
	})
	return ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// viewKey reads the key that signs view marks, once in the life of the process:
// it never changes.
func (s *Store) viewKey(ctx context.Context) (string, error) {
	if key := s.viewMarks.Load(); key != nil {
		return *key, nil
	}
	var key string
	if err := s.db.Pool.QueryRow(ctx, `SELECT value #>> '{}' FROM settings WHERE key = 'view_key'`).Scan(&key); err != nil {
		return "", err
	}
	s.viewMarks.Store(&key)
	return key, nil
}
