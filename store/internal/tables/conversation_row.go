package tables

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// ConversationColumns is the order that scanConversation expects; the table's
// alias is c.
const ConversationColumns = `c.id, c.number, c.mailbox_id, c.customer_id, c.type, c.status, c.state, c.assignee_id,
	c.subject, c.tags, c.started_by, c.last_seq, c.handled_seq, c.created_at, c.updated_at, c.status_changed_at,
	c.closed_at, c.waiting_since, c.last_customer_reply_at, c.last_agent_reply_at, c.last_customer_machine,
	c.messages, c.customer_replies, c.attention, c.rating, c.rating_comment, c.rated_at, c.last_reply_id, c.last_reply_viewed_at,
	c.channel, c.imported, c.followers::text[], c.snoozed_until, c.auto_reply, c.fields,
	c.participants, c.linked_id, c.linked_because`

// ScanConversation reads the columns of ConversationColumns, and more behind them.
func ScanConversation(row pgx.Row, more ...any) (conversation.Conversation, error) {
	var (
		c                                        conversation.Conversation
		assignee                                 *conversation.UserID
		closed, waiting, lastCustomer, lastAgent *time.Time
		rated, viewed, snoozed                   *time.Time
		lastReply                                *conversation.MessageID
		followers                                []string
		linked                                   *conversation.ID
	)
	err := row.Scan(append([]any{&c.ID, &c.Number, &c.MailboxID, &c.CustomerID, &c.Type, &c.Status, &c.State, &assignee,
		&c.Subject, &c.Tags, &c.StartedBy, &c.LastSeq, &c.HandledSeq, &c.CreatedAt, &c.UpdatedAt, &c.StatusChangedAt,
		&closed, &waiting, &lastCustomer, &lastAgent, &c.LastCustomerMachine,
		&c.Messages, &c.CustomerReplies, &c.Attention, &c.Rating, &c.RatingComment, &rated, &lastReply, &viewed,
		&c.Channel, &c.Imported, &followers, &snoozed, &c.AutoReply, &c.Fields, &c.Participants, &linked, &c.LinkedBecause}, more...)...)
	c.LinkedID = pg.OrZero(linked)
	for _, id := range followers {
		c.Followers = append(c.Followers, conversation.UserID(id))
	}
	c.AssigneeID = pg.OrZero(assignee)
	c.ClosedAt, c.WaitingSince = pg.OrZero(closed), pg.OrZero(waiting)
	c.LastCustomerReplyAt, c.LastAgentReplyAt = pg.OrZero(lastCustomer), pg.OrZero(lastAgent)
	c.RatedAt, c.LastReplyID, c.LastReplyViewedAt = pg.OrZero(rated), pg.OrZero(lastReply), pg.OrZero(viewed)
	c.SnoozedUntil = pg.OrZero(snoozed)
	return c, err
}

// LockConversation locks the row until the end of the transaction and returns
// it as it is under the lock, with its due list. Callers read the time and
// everything else only afterwards: a statement that locks and reads at once
// misses what a writer it waited for has added to other tables.
//
// Errors: errs.NotFound (none, or it was deleted permanently).
func LockConversation(ctx context.Context, tx pgx.Tx, id conversation.ID) (conversation.Conversation, []automation.Due, error) {
	var dues []byte
	c, err := ScanConversation(tx.QueryRow(ctx,
		`SELECT `+ConversationColumns+`, c.dues FROM conversations c WHERE c.id = $1 AND c.erased_at IS NULL FOR NO KEY UPDATE`, id), &dues)
	if err != nil {
		return c, nil, err
	}
	list, err := DecodeDues(dues)
	return c, list, err
}

// InsertConversation writes a new conversation without events; writeStep
// follows in the same transaction.
func InsertConversation(ctx context.Context, tx pgx.Tx, c *conversation.Conversation) error {
	return tx.QueryRow(ctx, `
		INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, subject, started_by, created_at, updated_at,
		status_changed_at,
			channel, imported, linked_id, linked_because)
		VALUES (@id, @mailbox_id, @customer_id, @type, @status, @state, @subject, @started_by, @created_at, @created_at,
			@created_at, @channel, @imported, @linked_id, @linked_because) RETURNING number`, pgx.NamedArgs{
		"id":             c.ID,
		"mailbox_id":     c.MailboxID,
		"customer_id":    c.CustomerID,
		"type":           c.Type,
		"status":         c.Status,
		"state":          c.State,
		"subject":        c.Subject,
		"started_by":     c.StartedBy,
		"created_at":     c.CreatedAt,
		"channel":        c.Channel,
		"imported":       c.Imported,
		"linked_id":      pg.NullID(c.LinkedID),
		"linked_because": c.LinkedBecause,
	}).Scan(&c.Number)
}

// conversation adds everything of c that changes to the statement, as its part saved.
// dues nil leaves the due list as it is. handled, when not nil, is when nothing was left
// to handle: it takes the conversation's outbox row away in the same statement, and uses
// up 200 ms of the second in which a conversation may be woken without a pause (see
// ringConversation).
func UpdateConversation(c *pg.Compound, conv conversation.Conversation, dues []automation.Due, handled *time.Time) {
	sets := []string{
		"mailbox_id = " + c.Arg(conv.MailboxID), "status = " + c.Arg(conv.Status), "state = " + c.Arg(conv.State),
		"assignee_id = " + c.Arg(pg.NullID(conv.AssigneeID)),
		"subject = " + c.Arg(conv.Subject), "tags = " + c.Arg(pg.List(conv.Tags)), "last_seq = " + c.Arg(conv.LastSeq),
		"handled_seq = " + c.Arg(conv.HandledSeq),
		"updated_at = " + c.Arg(conv.UpdatedAt), "status_changed_at = " + c.Arg(conv.StatusChangedAt),
		"closed_at = " + c.Arg(pg.NullTime(conv.ClosedAt)),
		"waiting_since = " + c.Arg(pg.NullTime(conv.WaitingSince)), "last_customer_reply_at = " + c.Arg(pg.NullTime(conv.LastCustomerReplyAt)),
		"last_agent_reply_at = " + c.Arg(pg.NullTime(conv.LastAgentReplyAt)), "last_customer_machine = " + c.Arg(conv.LastCustomerMachine),
		"messages = " + c.Arg(conv.Messages), "customer_replies = " + c.Arg(conv.CustomerReplies), "attention = " + c.Arg(conv.Attention),
		"rating = " + c.Arg(conv.Rating), "rating_comment = " + c.Arg(conv.RatingComment), "rated_at = " + c.Arg(pg.NullTime(conv.RatedAt)),
		"last_reply_id = " + c.Arg(pg.NullID(conv.LastReplyID)), "last_reply_viewed_at = " + c.Arg(pg.NullTime(conv.LastReplyViewedAt)),
		"followers = " + c.Arg(pg.List(conv.Followers)), "snoozed_until = " + c.Arg(pg.NullTime(conv.SnoozedUntil)),
		"auto_reply = " + c.Arg(conv.AutoReply),
		"fields = " + c.Arg(FieldsRow(conv.Fields)), "participants = " + c.Arg(pg.List(conv.Participants)),
	}
	if dues != nil {
		var next *time.Time
		for _, d := range dues {
			if next == nil || d.At.Before(*next) {
				next = &d.At
			}
		}
		sets = append(sets, "dues = "+c.Arg(encodeDues(dues))+"::jsonb", "next_due = "+c.Arg(next))
	}
	if handled != nil {
		at := c.Arg(handled) + "::timestamptz"
		sets = append(sets, "busy_until = LEAST(GREATEST(busy_until, "+at+") + interval '200 milliseconds', "+at+
			" + interval '1200 milliseconds')")
		c.With("rung", `DELETE FROM outbox WHERE id = `+c.Arg(conv.ID))
	}
	c.With("saved", `UPDATE conversations SET `+strings.Join(sets, ", ")+` WHERE id = `+c.Arg(conv.ID)+` RETURNING 1`)
}

// dueRow is one entry of the due list as it is kept.
type dueRow struct {
	Definition automation.DefinitionID `json:"definition"`
	Version    automation.VersionID    `json:"version"`
	Row        string                  `json:"row"`
	Episode    string                  `json:"episode"`
	At         time.Time               `json:"at"`
	Spread     time.Duration           `json:"spread,omitzero"` // in nanoseconds
	DueAt      time.Time               `json:"due_at,omitzero"` // it waits since
	Held       string                  `json:"held,omitzero"`
}

func encodeDues(dues []automation.Due) []byte {
	rows := make([]dueRow, len(dues))
	for i, d := range dues {
		rows[i] = dueRow{d.DefinitionID, d.VersionID, d.Row, d.Episode, d.At, d.Spread, d.DueAt, d.Held}
	}
	out, err := json.Marshal(rows)
	if err != nil {
		panic(err) // strings and times always encode
	}
	return out
}

// DecodeDues reads a stored due list.
func DecodeDues(raw []byte) ([]automation.Due, error) {
	var rows []dueRow
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	dues := make([]automation.Due, len(rows))
	for i, r := range rows {
		dues[i] = automation.Due{
			DefinitionID: r.Definition, VersionID: r.Version, Row: r.Row, Episode: r.Episode, At: r.At, Spread: r.Spread, DueAt: r.DueAt,
			Held: r.Held,
		}
	}
	return dues, nil
}

// RecordColumns is the order that scanRecord expects: a conversation c and its
// customer cu.
const RecordColumns = ConversationColumns + `,
	cu.id, cu.first_name, cu.last_name, cu.company, cu.phone, cu.emails, cu.created_at, ` + recordFields

const recordTables = `conversations c JOIN customers cu ON cu.id = c.customer_id`

// ScanRecord reads the columns of RecordColumns.
func ScanRecord(row pgx.Row) (conversation.Record, error) {
	var r conversation.Record
	var err error
	var fields FieldRows
	cu := &r.Customer
	r.Conversation, err = ScanConversation(row, &cu.ID, &cu.FirstName, &cu.LastName, &cu.Company, &cu.Phone, &cu.Emails, &cu.CreatedAt,
		&fields)
	r.Shown = r.FieldsIn(fields)
	return r, err
}

// ReadRecord reads a conversation with its customer.
//
// Errors: pgx.ErrNoRows (there is none, or it was deleted permanently).
func ReadRecord(ctx context.Context, q pg.RowQuerier, id conversation.ID) (conversation.Record, error) {
	return ScanRecord(q.QueryRow(ctx, `SELECT `+RecordColumns+` FROM `+recordTables+` WHERE c.id = $1 AND c.erased_at IS NULL`, id))
}
