package inbox

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// received is what a mail changes.
type received struct {
	c      conversation.Conversation
	begun  bool // c is new
	m      conversation.Message
	events []conversation.Event
	wakes  bool // the starter is to wake
}

// writeReceived writes a mail and what it changed in one statement: the conversation,
// the message, its files, the mail as it came, the events and the outbox row. Foreign
// keys are checked at the end of it. The conversation is locked, or new.
func (s *Store) writeReceived(ctx context.Context, tx pgx.Tx, a *arrival, r received) error {
	message, happened, row := tables.MessageRow(r.m, a.in.Headers), tables.EventRows(r.events), conversationRow(r.c)
	messages, err := pg.EncodeRows([]map[string]any{message})
	if err != nil {
		return err
	}
	events, err := pg.EncodeRows(happened)
	if err != nil {
		return err
	}
	conversations, err := pg.EncodeRows([]map[string]any{row})
	if err != nil {
		return err
	}
	args := []any{
		r.c.ID, r.c.LastSeq, false, s.db.Offset(), conversations, messages, events,
		pg.NewID(), r.m.MailboxID, r.m.ID, r.m.MessageIDHeader, a.sum[:], a.identity, a.in.EnvelopeFrom, pg.List(a.in.Recipients), a.in.Raw,
		r.m.CreatedAt,
	}
	sql := `WITH message AS (` + pg.Insertion("messages", []map[string]any{message}, `NULL::messages`, `$6`) + `),
		happened AS (` + pg.Insertion("events", happened, `NULL::events`, `$7`) + `),
		raw AS (INSERT INTO raw_mails (id, mailbox_id, message_id, message_id_header, sha256, identity, envelope_from, recipients, raw,
			created_at)
			VALUES ($8, $9, $10, $11, $12, $13, $14, $15, $16, $17))`
	if r.wakes {
		sql += `, rung AS (` + pg.Waking + `)`
	} else {
		sql += `, silent AS (SELECT $1::uuid, $2::bigint, $3::boolean, $4::interval)`
	}
	if len(a.in.Attachments) > 0 {
		sql += `, files AS (INSERT INTO attachments (id, message_id, name, content_type, size, content, content_id, inline)
			SELECT id, $10, name, content_type, size, content, content_id, inline
			FROM unnest($18::uuid[], $19::text[], $20::text[], $21::bigint[], $22::bytea[], $23::text[], $24::boolean[])
				AS f (id, name, content_type, size, content, content_id, inline))`
		args = append(args, fileColumns(a.in.Attachments)...)
	}
	if r.begun {
		sql += ` ` + pg.Insertion("conversations", []map[string]any{row}, `NULL::conversations`, `$5`)
	} else {
		sql += changing(row)
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		err = errs.New("store.writeReceived", errs.NotFound, "there is no such conversation")
	}
	return err
}

// changing is the end of a statement that writes $5, the row of a conversation, over
// that of $1.
func changing(row map[string]any) string {
	columns := strings.Join(slices.DeleteFunc(slices.Sorted(maps.Keys(row)),
		func(column string) bool { return slices.Contains(begunWith, column) }), ", ")
	return ` UPDATE conversations SET (` + columns + `) = (SELECT ` + columns +
		` FROM jsonb_populate_recordset(NULL::conversations, $5::jsonb)) WHERE id = $1`
}

// begunWith are the columns of a conversation that no mail changes.
var begunWith = []string{
	"id", "mailbox_id", "customer_id", "type", "channel", "subject", "started_by", "created_at", "imported", "linked_id", "linked_because",
	"assignee_id", "tags", "followers", "fields", "state", "rating", "rating_comment", "rated_at",
}

// conversationRow has the conversation as insertion writes it, but for its number, which
// the database gives, and what it is due for.
func conversationRow(c conversation.Conversation) map[string]any {
	return map[string]any{
		"id": c.ID, "mailbox_id": c.MailboxID, "customer_id": c.CustomerID, "type": c.Type, "status": c.Status, "state": c.State,
		"assignee_id": pg.NullID(c.AssigneeID), "subject": c.Subject, "tags": pg.List(c.Tags), "started_by": c.StartedBy, "last_seq": c.LastSeq,
		"handled_seq": c.HandledSeq, "created_at": c.CreatedAt, "updated_at": c.UpdatedAt, "status_changed_at": c.StatusChangedAt,
		"closed_at": pg.NullTime(c.ClosedAt), "waiting_since": pg.NullTime(c.WaitingSince),
		"last_customer_reply_at": pg.NullTime(c.LastCustomerReplyAt),
		"last_agent_reply_at":    pg.NullTime(c.LastAgentReplyAt), "last_customer_machine": c.LastCustomerMachine, "messages": c.Messages,
		"customer_replies": c.CustomerReplies, "attention": c.Attention, "rating": c.Rating, "rating_comment": c.RatingComment,
		"rated_at": pg.NullTime(c.RatedAt), "last_reply_id": pg.NullID(c.LastReplyID), "last_reply_viewed_at": pg.NullTime(c.LastReplyViewedAt),
		"channel": c.Channel, "imported": c.Imported, "followers": pg.List(c.Followers), "snoozed_until": pg.NullTime(c.SnoozedUntil),
		"auto_reply": c.AutoReply, "fields": tables.FieldsRow(c.Fields), "participants": pg.List(c.Participants),
		"linked_id": pg.NullID(c.LinkedID), "linked_because": c.LinkedBecause,
	}
}

// fileColumns are the columns of attachments, each a list.
func fileColumns(files []conversation.Attachment) []any {
	var (
		ids, names, types, contentIDs []string
		sizes                         []int64
		contents                      [][]byte
		inline                        []bool
	)
	for _, f := range files {
		ids, names, types, contentIDs = append(ids, pg.NewID()), append(names, f.Name), append(types, f.ContentType),
			append(contentIDs, f.ContentID)
		sizes, contents, inline = append(sizes, f.Size), append(contents, orEmpty(f.Content)), append(inline, f.Inline)
	}
	return []any{ids, names, types, sizes, contents, contentIDs, inline}
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
