package inbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// replyRecipients returns whom a reply goes to: who is stated, or all of the customer's
// last message. With a copy stated alone it goes to who wrote that message.
func replyRecipients(ctx context.Context, tx pgx.Tx, op string, in conversation.Post, customer string,
	last *conversation.Message) (conversation.Recipients, error) {
	stated := conversation.Recipients{To: in.To, Cc: in.Cc, Bcc: in.Bcc}
	asked := append(stated.All(), customer)
	if last != nil {
		asked = append(append(append(asked, last.From), last.To...), last.Cc...)
	}
	own, err := engine.ReadOwn(ctx, tx, asked)
	if err != nil {
		return stated, err
	}
	all := conversation.ReplyToAll(customer, last, own.Has)
	switch {
	case in.To == nil && in.Cc == nil:
		stated.To, stated.Cc = all.To, all.Cc
	case in.To == nil:
		stated.To = all.To[:min(1, len(all.To))]
	}
	var p pg.Problems
	for _, l := range []struct {
		path string
		list []string
	}{{"to", in.To}, {"cc", in.Cc}, {"bcc", in.Bcc}} {
		for i, address := range l.list {
			switch {
			case !conversation.IsAddress(address):
				p.Add(pg.At(l.path, i), "this is no e-mail address: write it as ann@example.com")
			case own.Has(address):
				p.Add(pg.At(l.path, i), "this is an address of ours: the mail would come back in")
			}
		}
	}
	switch total := len(stated.All()); {
	case len(p) > 0:
	case total == 0:
		p.Add("to", "this customer has no e-mail address to reply to: state to")
	case total > conversation.MaxRecipients:
		p.Add("to", fmt.Sprintf("%d addresses are too many: a reply goes to at most %d in to, cc and bcc", total, conversation.MaxRecipients))
	}
	return stated, p.Err(op)
}

// correspondents returns the addresses of the customer and of the mailbox, and the
// addresses of the customer's last message; nil: there is none.
func correspondents(ctx context.Context, tx pgx.Tx, c conversation.Conversation) (customer, mailbox string, last *conversation.Message,
	err error) {
	var m conversation.Message
	err = tx.QueryRow(ctx, `
		SELECT coalesce(cu.emails[1], ''), mb.email, coalesce(l.kind, ''), coalesce(l.from_address, ''), coalesce(l.to_addresses, '{}'),
		coalesce(l.cc_addresses, '{}')
		FROM customers cu CROSS JOIN mailboxes mb LEFT JOIN LATERAL (
			SELECT kind, from_address, to_addresses, cc_addresses FROM messages m
			WHERE m.conversation_id = $3 AND m.kind = 'customer' ORDER BY m.created_at DESC, m.id DESC LIMIT 1) l ON true
		WHERE cu.id = $1 AND mb.id = $2`,
		c.CustomerID, c.MailboxID, c.ID).Scan(&customer, &mailbox, &m.Kind, &m.From, &m.To, &m.Cc)
	if m.Kind != "" {
		last = &m
	}
	return customer, mailbox, last, err
}
