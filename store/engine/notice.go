package engine

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// maxAdminsTold bounds who gets a notice.
const maxAdminsTold = 50

// tellAdmins writes one mail from the mailbox to all admins, in the transaction
// of what it is about. It belongs to no run and no conversation: a
// DeliveryWorkflow of its own sends it. Where there is no admin, nobody is told.
func tellAdmins(ctx context.Context, tx pgx.Tx, now time.Time, mailbox conversation.MailboxID, subject, text string) error {
	var name, from string
	var admins []string
	err := tx.QueryRow(ctx, `SELECT mb.name, mb.email, ARRAY(SELECT email FROM users WHERE role = 'admin' ORDER BY id LIMIT $2)
		FROM mailboxes mb WHERE mb.id = $1`, mailbox, maxAdminsTold).Scan(&name, &from, &admins)
	if err != nil || len(admins) == 0 {
		return err
	}
	d := delivery.Delivery{
		ID: delivery.ID(pg.NewID()), MailboxID: mailbox, Kind: delivery.KindNotify, State: delivery.StateWaiting, NextAt: now, CreatedAt: now,
	}
	_, domain, _ := strings.Cut(from, "@")
	d.Mail = &delivery.Mail{
		FromName: name, FromAddress: from, To: admins, Subject: subject, Text: text,
		MessageID: string(d.ID) + "@" + domain, Date: now, AutoSubmitted: "auto-generated",
	}
	if err := tables.InsertDeliveries(ctx, tx, []delivery.Delivery{d}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (id, delivery_id, ring_at) VALUES ($1, $1, $2)`, d.ID, now)
	return err
}
