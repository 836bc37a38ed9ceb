package tables

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// payload is the content of a delivery as it is kept.
type payload struct {
	Mail    *mailRow    `json:"mail,omitzero"`
	Webhook *webhookRow `json:"webhook,omitzero"`
}

// mailRow is a delivery.Mail, with the same fields.
type mailRow struct {
	FromName        string                    `json:"from_name,omitzero"`
	FromAddress     string                    `json:"from_address,omitzero"`
	To              []string                  `json:"to,omitempty"`
	Cc              []string                  `json:"cc,omitempty"`
	Bcc             []string                  `json:"bcc,omitempty"`
	Subject         string                    `json:"subject"`
	Text            string                    `json:"text"`
	HTML            string                    `json:"html,omitzero"`
	MessageID       string                    `json:"message_id,omitzero"`
	InReplyTo       string                    `json:"in_reply_to"`
	References      []string                  `json:"references"`
	Date            time.Time                 `json:"date"`
	AutoSubmitted   string                    `json:"auto_submitted,omitzero"`
	AutomaticSender string                    `json:"-"` // looked up when it is sent
	FilesOf         conversation.MessageID    `json:"files_of,omitzero"`
	Files           []conversation.Attachment `json:"-"` // read when it is sent
	Loop            string                    `json:"loop,omitzero"`
}

// webhookRow is a delivery.Webhook, with the same fields.
type webhookRow struct {
	URL          string                  `json:"url,omitzero"`
	Method       string                  `json:"method,omitzero"`
	Headers      map[string]string       `json:"headers,omitempty"`
	Body         []byte                  `json:"body"`
	Event        string                  `json:"event,omitzero"`
	Secret       string                  `json:"-"` // looked up when it is sent
	Endpoint     conversation.EndpointID `json:"endpoint,omitzero"`
	EndpointName string                  `json:"endpoint_name,omitzero"`
	Cause        string                  `json:"cause,omitzero"`
}

// DeliveryColumns is the order that scanDelivery expects; the table's alias is d.
const DeliveryColumns = `d.id, d.conversation_id, d.mailbox_id, d.run_id, d.action_index, d.seq, d.kind, d.state, d.attempts,
	d.next_at, d.held_until, d.first_at, d.reason, d.payload, d.created_at, d.finished_at`

// ScanDelivery reads the columns of DeliveryColumns, and more behind them.
func ScanDelivery(row pgx.Row, more ...any) (delivery.Delivery, error) {
	var (
		d                     delivery.Delivery
		conv                  *conversation.ID
		run                   *string
		mailbox               *conversation.MailboxID
		held, first, finished *time.Time
		raw                   []byte
	)
	err := row.Scan(append([]any{&d.ID, &conv, &mailbox, &run, &d.ActionIndex, &d.Seq, &d.Kind, &d.State, &d.Attempts,
		&d.NextAt, &held, &first, &d.Reason, &raw, &d.CreatedAt, &finished}, more...)...)
	if err != nil {
		return d, err
	}
	d.ConversationID, d.RunID, d.MailboxID = pg.OrZero(conv), pg.OrZero(run), pg.OrZero(mailbox)
	d.HeldUntil, d.FirstAt, d.FinishedAt = pg.OrZero(held), pg.OrZero(first), pg.OrZero(finished)
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		return d, err
	}
	d.Mail, d.Webhook = (*delivery.Mail)(p.Mail), (*delivery.Webhook)(p.Webhook)
	return d, nil
}

// InsertDeliveries writes deliveries in one statement.
func InsertDeliveries(ctx context.Context, tx pgx.Tx, out []delivery.Delivery) error {
	c := &pg.Compound{}
	AddDeliveries(c, out)
	return c.Do(ctx, tx)
}

// AddDeliveries adds deliveries to the statement, with the attempts that begin with them
// and what counts as automatic mail to outside.
func AddDeliveries(c *pg.Compound, out []delivery.Delivery) {
	rows := make([]map[string]any, len(out))
	var mails, attempts []map[string]any
	for i, d := range out {
		rows[i] = map[string]any{
			"id": d.ID, "conversation_id": pg.NullID(d.ConversationID), "mailbox_id": pg.NullID(d.MailboxID), "run_id": pg.NullID(d.RunID),
			"action_index": d.ActionIndex, "seq": d.Seq, "kind": d.Kind, "state": d.State, "attempts": d.Attempts,
			"next_at": d.NextAt, "held_until": pg.NullTime(d.HeldUntil), "first_at": pg.NullTime(d.FirstAt), "reason": d.Reason,
			"payload":    payload{(*mailRow)(d.Mail), (*webhookRow)(d.Webhook)},
			"created_at": d.CreatedAt, "finished_at": pg.NullTime(d.FinishedAt),
			"customer_id": pg.NullID(d.CustomerID), "definition_id": pg.NullID(d.DefinitionID),
		}
		if d.Attempts > 0 {
			attempts = append(attempts, map[string]any{"delivery_id": d.ID, "n": d.Attempts, "state": delivery.AttemptStarted,
				"started_at": d.FirstAt})
		}
		for _, m := range d.Automatic {
			mails = append(mails, map[string]any{"recipient": m.Recipient, "subject": m.Subject, "at": m.At})
		}
	}
	c.Insert("deliveries", rows)
	c.Insert("attempts", attempts)
	c.Insert("automatic_mails", mails)
}
