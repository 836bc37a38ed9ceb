package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// conversationColumns is the order that scanConversation expects; the table's
// alias is c.
const conversationColumns = `c.id, c.number, c.mailbox_id, c.customer_id, c.type, c.status, c.state, c.assignee_id,
	c.subject, c.tags, c.started_by, c.last_seq, c.handled_seq, c.created_at, c.updated_at, c.status_changed_at,
	c.closed_at, c.waiting_since, c.last_customer_reply_at, c.last_agent_reply_at, c.last_customer_machine,
	c.messages, c.customer_replies, c.attention, c.rating, c.rating_comment, c.rated_at, c.last_reply_id, c.last_reply_viewed_at,
	c.channel, c.imported, c.followers::text[], c.snoozed_until, c.auto_reply, c.fields,
	c.participants, c.linked_id, c.linked_because`

func scanConversation(row pgx.Row, more ...any) (conversation.Conversation, error) {
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
	c.LinkedID = orZero(linked)
	for _, id := range followers {
		c.Followers = append(c.Followers, conversation.UserID(id))
	}
	c.AssigneeID = orZero(assignee)
	c.ClosedAt, c.WaitingSince = orZero(closed), orZero(waiting)
	c.LastCustomerReplyAt, c.LastAgentReplyAt = orZero(lastCustomer), orZero(lastAgent)
	c.RatedAt, c.LastReplyID, c.LastReplyViewedAt = orZero(rated), orZero(lastReply), orZero(viewed)
	c.SnoozedUntil = orZero(snoozed)
	return c, err
}

// lockConversation locks the row until the end of the transaction and returns
// it as it is under the lock, with its due list. Callers read the time and
// everything else only afterwards: a statement that locks and reads at once
// misses what a writer it waited for has added to other tables.
//
// Errors: errs.NotFound (none, or it was deleted for ever).
func lockConversation(ctx context.Context, tx pgx.Tx, id conversation.ID) (conversation.Conversation, []automation.Due, error) {
	var dues []byte
	c, err := scanConversation(tx.QueryRow(ctx,
		`SELECT `+conversationColumns+`, c.dues FROM conversations c WHERE c.id = $1 AND c.erased_at IS NULL FOR NO KEY UPDATE`, id), &dues)
	if err != nil {
		return c, nil, err
	}
	list, err := decodeDues(dues)
	return c, list, err
}

// insertConversation writes a new conversation without events; writeStep
// follows in the same transaction.
func insertConversation(ctx context.Context, tx pgx.Tx, c *conversation.Conversation) error {
	return tx.QueryRow(ctx, `
		INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, subject, started_by, created_at, updated_at, status_changed_at,
			channel, imported, linked_id, linked_because)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10, $11, $12, $13) RETURNING number`,
		c.ID, c.MailboxID, c.CustomerID, c.Type, c.Status, c.State, c.Subject, c.StartedBy, c.CreatedAt,
		c.Channel, c.Imported, nullID(c.LinkedID), c.LinkedBecause).Scan(&c.Number)
}

// conversation adds everything of c that changes to the statement, as its part saved.
// dues nil leaves the due list as it is. handled, when not nil, is when nothing was left
// to handle: it takes the conversation's outbox row away in the same statement, and uses
// up 200 ms of the second in which a conversation may be rung for without a pause (see
// ringConversation).
func updateConversation(c *compound, conv conversation.Conversation, dues []automation.Due, handled *time.Time) {
	sets := []string{
		"mailbox_id = " + c.arg(conv.MailboxID), "status = " + c.arg(conv.Status), "state = " + c.arg(conv.State), "assignee_id = " + c.arg(nullID(conv.AssigneeID)),
		"subject = " + c.arg(conv.Subject), "tags = " + c.arg(list(conv.Tags)), "last_seq = " + c.arg(conv.LastSeq), "handled_seq = " + c.arg(conv.HandledSeq),
		"updated_at = " + c.arg(conv.UpdatedAt), "status_changed_at = " + c.arg(conv.StatusChangedAt), "closed_at = " + c.arg(nullTime(conv.ClosedAt)),
		"waiting_since = " + c.arg(nullTime(conv.WaitingSince)), "last_customer_reply_at = " + c.arg(nullTime(conv.LastCustomerReplyAt)),
		"last_agent_reply_at = " + c.arg(nullTime(conv.LastAgentReplyAt)), "last_customer_machine = " + c.arg(conv.LastCustomerMachine),
		"messages = " + c.arg(conv.Messages), "customer_replies = " + c.arg(conv.CustomerReplies), "attention = " + c.arg(conv.Attention),
		"rating = " + c.arg(conv.Rating), "rating_comment = " + c.arg(conv.RatingComment), "rated_at = " + c.arg(nullTime(conv.RatedAt)),
		"last_reply_id = " + c.arg(nullID(conv.LastReplyID)), "last_reply_viewed_at = " + c.arg(nullTime(conv.LastReplyViewedAt)),
		"followers = " + c.arg(list(conv.Followers)), "snoozed_until = " + c.arg(nullTime(conv.SnoozedUntil)), "auto_reply = " + c.arg(conv.AutoReply),
		"fields = " + c.arg(fieldsRow(conv.Fields)), "participants = " + c.arg(list(conv.Participants)),
	}
	if dues != nil {
		var next *time.Time
		for _, d := range dues {
			if next == nil || d.At.Before(*next) {
				next = &d.At
			}
		}
		sets = append(sets, "dues = "+c.arg(encodeDues(dues))+"::jsonb", "next_due = "+c.arg(next))
	}
	if handled != nil {
		at := c.arg(handled) + "::timestamptz"
		sets = append(sets, "busy_until = LEAST(GREATEST(busy_until, "+at+") + interval '200 milliseconds', "+at+" + interval '1200 milliseconds')")
		c.with("rung", `DELETE FROM outbox WHERE id = `+c.arg(conv.ID))
	}
	c.with("saved", `UPDATE conversations SET `+strings.Join(sets, ", ")+` WHERE id = `+c.arg(conv.ID)+` RETURNING 1`)
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

func decodeDues(raw []byte) ([]automation.Due, error) {
	var rows []dueRow
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	dues := make([]automation.Due, len(rows))
	for i, r := range rows {
		dues[i] = automation.Due{
			DefinitionID: r.Definition, VersionID: r.Version, Row: r.Row, Episode: r.Episode, At: r.At, Spread: r.Spread, DueAt: r.DueAt, Held: r.Held,
		}
	}
	return dues, nil
}
