package store

import (
	"context"
	"strconv"
	"strings"

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
	r, err := readRecord(ctx, s.pool, id)
	if err != nil {
		return conversation.Record{}, classify(op, err)
	}
	if err := who.In(access.ReadConversation, r.MailboxID); err != nil {
		return conversation.Record{}, err
	}
	return r, nil
}

// Conversations lists what the caller may read and the filter lets through, the
// newest first.
func (s *Store) Conversations(ctx context.Context, who access.Caller, f conversation.Filter, page conversation.Page) ([]conversation.Record, error) {
	const op = "store.Conversations"
	where, args := conversationFilter(who, f, page)
	rows, err := s.pool.Query(ctx, `SELECT `+recordColumns+` FROM `+recordTables+` WHERE `+where+` ORDER BY c.id DESC LIMIT `+strconv.Itoa(page.Limit), args...)
	if err != nil {
		return nil, classify(op, err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Record, error) { return scanRecord(r) })
	return out, classify(op, err)
}

// conversationFilter writes the condition with its arguments; every value is an
// argument.
func conversationFilter(who access.Caller, f conversation.Filter, page conversation.Page) (string, []any) {
	conditions := []string{"c.erased_at IS NULL"}
	var args []any
	and := func(condition string, value any) {
		args = append(args, value)
		conditions = append(conditions, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if !who.All() {
		and("c.mailbox_id = ANY(?)", mailboxIDs(who))
	}
	if f.State != "" {
		and("c.state = ?", f.State)
	} else {
		and("c.state <> ?", conversation.StateDeleted)
	}
	if f.MailboxID != "" {
		and("c.mailbox_id = ?", f.MailboxID)
	}
	if f.Status != "" {
		and("c.status = ?", f.Status)
	}
	if f.AssigneeID != "" {
		and("c.assignee_id = ?", f.AssigneeID)
	}
	if f.Unassigned {
		conditions = append(conditions, "c.assignee_id IS NULL")
	}
	if f.FolderID != "" {
		and("EXISTS (SELECT 1 FROM folders fo WHERE fo.id = ? AND "+folderFits+")", f.FolderID)
	}
	if f.Tag != "" {
		and("c.tags @> ARRAY[?::text]", conversation.CleanTag(f.Tag))
	}
	if f.Email != "" {
		and("c.customer_id = (SELECT customer_id FROM customer_emails WHERE email_key = ?)", emailKey(f.Email))
	}
	if f.Number != 0 {
		and("c.number = ?", f.Number)
	}
	if page.After != "" {
		and("c.id < ?", page.After)
	}
	return strings.Join(conditions, " AND "), args
}

// Tags lists the tags of the conversations that the caller may read, by name,
// with how many carry each.
func (s *Store) Tags(ctx context.Context, who access.Caller, page conversation.Page) ([]conversation.TagCount, error) {
	const op = "store.Tags"
	rows, err := s.pool.Query(ctx, `
		SELECT tag, count(*) FROM conversations c, unnest(c.tags) tag
		WHERE c.state <> 'deleted' AND ($1 OR c.mailbox_id = ANY($2)) AND tag COLLATE "C" > $3
		GROUP BY tag ORDER BY tag COLLATE "C" LIMIT $4`, who.All(), mailboxIDs(who), page.After, page.Limit)
	if err != nil {
		return nil, classify(op, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.TagCount])
	return out, classify(op, err)
}
