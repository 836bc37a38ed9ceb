package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// replyRecipients returns whom a reply goes to: who is stated, or all of the customer's
// last message. With a copy stated alone it goes to who wrote that message.
func replyRecipients(ctx context.Context, tx pgx.Tx, op string, in conversation.Post, customer string, last *conversation.Message) (conversation.Recipients, error) {
	stated := conversation.Recipients{To: in.To, Cc: in.Cc, Bcc: in.Bcc}
	asked := append(stated.All(), customer)
	if last != nil {
		asked = append(append(append(asked, last.From), last.To...), last.Cc...)
	}
	own, err := readOwn(ctx, tx, asked)
	if err != nil {
		return stated, err
	}
	all := conversation.ReplyToAll(customer, last, own.has)
	switch {
	case in.To == nil && in.Cc == nil:
		stated.To, stated.Cc = all.To, all.Cc
	case in.To == nil:
		stated.To = all.To[:min(1, len(all.To))]
	}
	var p problems
	for _, l := range []struct {
		path string
		list []string
	}{{"to", in.To}, {"cc", in.Cc}, {"bcc", in.Bcc}} {
		for i, address := range l.list {
			switch {
			case !conversation.IsAddress(address):
				p.add(at(l.path, i), "this is no e-mail address: write it as ann@example.com")
			case own.has(address):
				p.add(at(l.path, i), "this is an address of ours: the mail would come back in")
			}
		}
	}
	switch total := len(stated.All()); {
	case len(p) > 0:
	case total == 0:
		p.add("to", "this customer has no e-mail address to reply to: state to")
	case total > conversation.MaxRecipients:
		p.add("to", fmt.Sprintf("%d addresses are too many: a reply goes to at most %d in to, cc and bcc", total, conversation.MaxRecipients))
	}
	return stated, p.err(op)
}
