package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// payload is the content of a delivery as it is kept.
type payload struct {
	Mail    *delivery.Mail    `json:"mail,omitzero"`
	Webhook *delivery.Webhook `json:"webhook,omitzero"`
}

// deliveryColumns is the order that scanDelivery expects; the table's alias is d.
const deliveryColumns = `d.id, d.conversation_id, d.mailbox_id, d.run_id, d.action_index, d.seq, d.kind, d.state, d.attempts,
	d.next_at, d.held_until, d.first_at, d.reason, d.payload, d.created_at, d.finished_at`

func scanDelivery(row pgx.Row, more ...any) (delivery.Delivery, error) {
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
	d.ConversationID, d.RunID, d.MailboxID = orZero(conv), orZero(run), orZero(mailbox)
	d.HeldUntil, d.FirstAt, d.FinishedAt = orZero(held), orZero(first), orZero(finished)
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		return d, err
	}
	d.Mail, d.Webhook = p.Mail, p.Webhook
	return d, nil
}

// insertDeliveries writes deliveries in one statement.
func insertDeliveries(ctx context.Context, tx pgx.Tx, out []delivery.Delivery) error {
	c := &compound{}
	addDeliveries(c, out)
	return c.do(ctx, tx)
}

// addDeliveries adds deliveries to the statement, with the attempts that begin with them
// and what counts as automatic mail to outside.
func addDeliveries(c *compound, out []delivery.Delivery) {
	rows := make([]map[string]any, len(out))
	var mails, attempts []map[string]any
	for i, d := range out {
		rows[i] = map[string]any{
			"id": d.ID, "conversation_id": nullID(d.ConversationID), "mailbox_id": nullID(d.MailboxID), "run_id": nullID(d.RunID),
			"action_index": d.ActionIndex, "seq": d.Seq, "kind": d.Kind, "state": d.State, "attempts": d.Attempts,
			"next_at": d.NextAt, "held_until": nullTime(d.HeldUntil), "first_at": nullTime(d.FirstAt), "reason": d.Reason, "payload": payload{d.Mail, d.Webhook},
			"created_at": d.CreatedAt, "finished_at": nullTime(d.FinishedAt),
			"customer_id": nullID(d.CustomerID), "definition_id": nullID(d.DefinitionID),
		}
		if d.Attempts > 0 {
			attempts = append(attempts, map[string]any{"delivery_id": d.ID, "n": d.Attempts, "state": delivery.AttemptStarted, "started_at": d.FirstAt})
		}
		for _, m := range d.Automatic {
			mails = append(mails, map[string]any{"recipient": m.Recipient, "subject": m.Subject, "at": m.At})
		}
	}
	c.insert("deliveries", rows)
	c.insert("attempts", attempts)
	c.insert("automatic_mails", mails)
}
