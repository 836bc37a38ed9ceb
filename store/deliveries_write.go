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

// insertDeliveries writes deliveries, and what counts as automatic mail to outside, in
// one statement.
func insertDeliveries(ctx context.Context, tx pgx.Tx, out []delivery.Delivery) error {
	if len(out) == 0 {
		return nil
	}
	rows := make([]map[string]any, len(out))
	mails := []map[string]any{}
	for i, d := range out {
		rows[i] = map[string]any{
			"id": d.ID, "conversation_id": nullID(d.ConversationID), "mailbox_id": nullID(d.MailboxID), "run_id": nullID(d.RunID),
			"action_index": d.ActionIndex, "seq": d.Seq, "kind": d.Kind, "state": d.State, "attempts": d.Attempts,
			"next_at": d.NextAt, "held_until": nil, "first_at": nil, "reason": d.Reason, "payload": payload{d.Mail, d.Webhook},
			"created_at": d.CreatedAt, "finished_at": nullTime(d.FinishedAt),
			"customer_id": nullID(d.CustomerID), "definition_id": nullID(d.DefinitionID),
		}
		for _, m := range d.Automatic {
			mails = append(mails, map[string]any{"recipient": m.Recipient, "subject": m.Subject, "at": m.At})
		}
	}
	if len(mails) == 0 {
		return insertRows(ctx, tx, "deliveries", rows)
	}
	encoded, err := encodeRows(rows)
	if err != nil {
		return err
	}
	counted, err := encodeRows(mails)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `WITH counted AS (`+insertion("automatic_mails", mails, `NULL::automatic_mails`, `$2`)+`)
		`+insertion("deliveries", rows, `NULL::deliveries`, `$1`), encoded, counted)
	return err
}
