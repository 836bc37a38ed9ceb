package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Recipients returns the automatic mail that the recipients got within a day, as far
// as the limits look, and holds them to the end of the transaction: nobody else mails
// them meanwhile. Each recipient is named once.
//
// Errors: errs.Unavailable.
func (c *Conversation) Recipients(ctx context.Context, keys []string) ([]conversation.AutomaticMail, error) {
	return c.recipients(ctx, `SELECT recipient, subject, at FROM hold_recipients($1, $2, $3)`, keys)
}

func (c *Conversation) recipients(ctx context.Context, sql string, keys []string) ([]conversation.AutomaticMail, error) {
	const op = "store.Recipients"
	limits := c.limits.OrDefault()
	most := max(limits.Recipient, limits.RecipientSubject, limits.RecipientDay)
	rows, err := c.Tx.Query(ctx, sql, keys, c.now.Add(-conversation.RecipientDay), most)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	mails, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.AutomaticMail, error) {
		var m conversation.AutomaticMail
		err := row.Scan(&m.Recipient, &m.Subject, &m.At)
		return m, err
	})
	return mails, pg.Classify(op, err)
}

// Recipients holds nobody.
func (r Rehearsal) Recipients(ctx context.Context, keys []string) ([]conversation.AutomaticMail, error) {
	return r.recipients(ctx, `SELECT m.recipient, m.subject, m.at FROM unnest($1::text[]) AS k CROSS JOIN LATERAL
		(SELECT * FROM automatic_mails a WHERE a.recipient = k AND a.at > $2 ORDER BY a.at DESC LIMIT $3) m`, keys)
}
