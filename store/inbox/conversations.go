package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Conversation returns a conversation that the caller may read, deleted ones
// included, those deleted permanently not.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Conversation(ctx context.Context, who access.Caller, id conversation.ID) (conversation.Record, error) {
	const op = "store.Conversation"
	r, err := tables.ReadRecord(ctx, s.db.Pool, id)
	if err != nil {
		return conversation.Record{}, pg.Classify(op, err)
	}
	if err := who.In(access.ReadConversation, r.MailboxID); err != nil {
		return conversation.Record{}, err
	}
	return r, nil
}

// Tags lists the tags of the conversations that the caller may read, by name,
// with how many carry each.
func (s *Store) Tags(ctx context.Context, who access.Caller, page conversation.Page) ([]conversation.TagCount, error) {
	const op = "store.Tags"
	rows, err := s.db.Pool.Query(ctx, `
		SELECT tag, count(*) FROM conversations c, unnest(c.tags) tag
		WHERE c.state <> 'deleted' AND ($1 OR c.mailbox_id = ANY($2)) AND tag COLLATE "C" > $3
		GROUP BY tag ORDER BY tag COLLATE "C" LIMIT $4`, who.All(), pg.MailboxIDs(who), page.After, page.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.TagCount])
	return out, pg.Classify(op, err)
}
