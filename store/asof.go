package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// ConversationAsOf rebuilds a conversation as it was right after one of its
// events (conversation.AsOf) and names what could not be rebuilt.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see; one that
// was deleted for ever has nothing left to rebuild).
func (s *Store) ConversationAsOf(ctx context.Context, who access.Caller, id conversation.ID, seq int64) (conversation.Conversation, []string, error) {
	const op = "store.ConversationAsOf"
	var c conversation.Conversation
	var unknown []string
	err := s.readTx(ctx, op, func(tx pgx.Tx) error {
		p, err := s.readPast(ctx, tx, op, id, "")
		if err != nil {
			return err
		}
		if err := who.In(access.ReadConversation, p.row.MailboxID); err != nil {
			return err
		}
		c, unknown = conversation.AsOf(p.told.Now, p.told.Events, p.told.Messages, seq)
		return nil
	})
	return c, unknown, err
}
