package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// causeOf reads the cause that came back with a mail or a request: of the marks,
// the first one that we signed. A mark that is not ours, and none at all, is no
// cause.
func (s *Store) causeOf(ctx context.Context, tx pgx.Tx, c conversation.Conversation, marks ...string) (conversation.Cause, error) {
	var key string
	for _, text := range marks {
		if text == "" {
			continue
		}
		if key == "" {
			if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT value #>> '{}' FROM settings WHERE key = 'cause_key'), '')`).Scan(&key); err != nil {
				return conversation.Cause{}, err
			}
		}
		if m, ok := conversation.ReadMark(key, text); ok {
			return m.Here(c), nil
		}
	}
	return conversation.Cause{}, nil
}
