package activities

import (
	"cmp"
	"context"
	"fmt"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// tellUndelivered tells an agent that a mail of theirs did not arrive: it failed for
// good, or the other side gave it back. The notice holds no customer's words. Nobody
// is told of a notice that did not arrive, so that none breeds another.
func (x *advance) tellUndelivered(ctx context.Context, e conversation.Event) error {
	lost, err := x.c.TellUndelivered(ctx, delivery.ID(e.Delivery))
	if err != nil || lost == nil {
		return err
	}
	user, err := x.user(ctx, lost.Author)
	if err != nil || user == nil || !user.Sees(x.conv.MailboxID) {
		return err
	}
	d := x.newDelivery(delivery.KindNotify)
	m := x.newMail(d)
	m.To, m.AutoSubmitted = []string{user.Email}, "auto-generated"
	m.Subject = fmt.Sprintf("[#%d] Your mail did not arrive", x.conv.Number)
	if lost.Partly {
		m.Subject = fmt.Sprintf("[#%d] Your mail did not arrive everywhere", x.conv.Number)
		m.Text = fmt.Sprintf("Your mail in conversation #%d did not reach all whom it was for: %s. The others have it.\n\n%s\n",
			x.conv.Number, lost.Reason, x.url())
		d.Seq, d.Mail = e.Seq, &m
		x.out = append(x.out, d)
		return nil
	}
	m.Text = fmt.Sprintf("Your mail in conversation #%d did not arrive: %s.\n\n%s\n\n"+
		"Once what was wrong is mended, it can be sent again: POST /v1/deliveries/%s/redeliver\n",
		x.conv.Number, cmp.Or(lost.Reason, "the other side did not take it"), x.url(), e.Delivery)
	d.Seq, d.Mail = e.Seq, &m
	x.out = append(x.out, d)
	return nil
}
