package engine

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// CauseKey is the query of the key that signs marks.
const CauseKey = `SELECT coalesce((SELECT value #>> '{}' FROM settings WHERE key = 'cause_key'), '')`

// CauseOf reads the cause that came back with a mail or a request: of the marks,
// the first one that we signed. A mark that is not ours, and none at all, is no
// cause.
func (s *Store) CauseOf(ctx context.Context, tx pgx.Tx, c conversation.Conversation, marks ...string) (conversation.Cause, error) {
	marks = slices.DeleteFunc(slices.Clone(marks), func(text string) bool { return text == "" })
	if len(marks) == 0 {
		return conversation.Cause{}, nil
	}
	var key string
	err := tx.QueryRow(ctx, CauseKey).Scan(&key)
	return CauseIn(key, c, marks), err
}

// CauseIn is causeOf by the key that signs marks.
func CauseIn(key string, c conversation.Conversation, marks []string) conversation.Cause {
	for _, text := range marks {
		if m, ok := conversation.ReadMark(key, text); ok {
			return m.Here(c)
		}
	}
	return conversation.Cause{}
}
