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
		r, err := readRecord(ctx, tx, id)
		if err != nil {
			return classify(op, err)
		}
		if err := who.In(access.ReadConversation, r.MailboxID); err != nil {
			return err
		}
		// All events: what it was opened with is told by the first change, which may be a later one.
		rows, err := tx.Query(ctx, `SELECT `+eventColumns+` FROM events e WHERE e.conversation_id = $1 ORDER BY e.seq`, id)
		if err != nil {
			return err
		}
		events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Event, error) { return scanEvent(row) })
		if err != nil {
			return err
		}
		messages, err := messageKinds(ctx, tx, id)
		if err != nil {
			return err
		}
		c, unknown = conversation.AsOf(r.Conversation, events, messages, seq)
		return nil
	})
	return c, unknown, err
}

// messageKinds reads of a conversation's messages what conversation.AsOf looks
// at; bodies stay where they are.
func messageKinds(ctx context.Context, tx pgx.Tx, id conversation.ID) (map[conversation.MessageID]conversation.Message, error) {
	messages := map[conversation.MessageID]conversation.Message{}
	rows, err := tx.Query(ctx, `SELECT id, kind, machine FROM messages WHERE conversation_id = $1`, id)
	if err != nil {
		return nil, err
	}
	var m conversation.Message
	_, err = pgx.ForEachRow(rows, []any{&m.ID, &m.Kind, &m.Machine}, func() error {
		messages[m.ID] = m
		return nil
	})
	return messages, err
}
