package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// recordColumns is the order that scanRecord expects: a conversation c and its
// customer cu.
const recordColumns = conversationColumns + `,
	cu.id, cu.first_name, cu.last_name, cu.company, cu.phone, cu.emails, cu.created_at, ` + recordFields

const recordTables = `conversations c JOIN customers cu ON cu.id = c.customer_id`

func scanRecord(row pgx.Row) (conversation.Record, error) {
	var r conversation.Record
	var err error
	var fields fieldRows
	cu := &r.Customer
	r.Conversation, err = scanConversation(row, &cu.ID, &cu.FirstName, &cu.LastName, &cu.Company, &cu.Phone, &cu.Emails, &cu.CreatedAt, &fields)
	r.Shown = r.FieldsIn(fields)
	return r, err
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readRecord(ctx context.Context, q rowQuerier, id conversation.ID) (conversation.Record, error) {
	return scanRecord(q.QueryRow(ctx, `SELECT `+recordColumns+` FROM `+recordTables+` WHERE c.id = $1 AND c.erased_at IS NULL`, id))
}

// Conversation returns a conversation that the caller may read, deleted ones
// included, those deleted for ever not.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Conversation(ctx context.Context, who access.Caller, id conversation.ID) (conversation.Record, error) {
	const op = "store.Conversation"
	r, err := readRecord(ctx, s.db.pool, id)
	if err != nil {
		return conversation.Record{}, classify(op, err)
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
	rows, err := s.db.pool.Query(ctx, `
		SELECT tag, count(*) FROM conversations c, unnest(c.tags) tag
		WHERE c.state <> 'deleted' AND ($1 OR c.mailbox_id = ANY($2)) AND tag COLLATE "C" > $3
		GROUP BY tag ORDER BY tag COLLATE "C" LIMIT $4`, who.All(), mailboxIDs(who), page.After, page.Limit)
	if err != nil {
		return nil, classify(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.TagCount])
	return out, classify(op, err)
}
