package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

// historyLimit bounds what a reply quotes, in bytes.
const historyLimit = 100 << 10

// addressReply addresses what reply writes.
func addressReply(_ context.Context, s *acting, _ automation.Action) (addressed, error) {
	return s.addressCustomer(s.answerSubject()), nil
}

// addressEmail addresses what email writes.
func addressEmail(ctx context.Context, s *acting, a automation.Action) (addressed, error) {
	m := s.addressCustomer("")
	if m.not.State != "" {
		return m, nil
	}
	var err error
	m.subject, err = s.subjectToCustomer(ctx, a.Subject)
	return m, err
}

// addressCustomer addresses automatic mail to the customer.
func (s *acting) addressCustomer(subject string) addressed {
	to := s.around.Customer.Email()
	switch {
	case s.machineMail():
		return addressed{not: skippedMachine}
	case to == "":
		return addressed{not: skipped("the customer has no address")}
	}
	return addressed{to: []string{to}, subject: subject}
}

// reply writes to the customer, with the conversation's history.
func reply(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error) {
	to, err := addressReply(ctx, s, a)
	if err != nil || to.not.State != "" {
		return to.not, err
	}
	text, err := s.renderToCustomer(ctx, a.Body, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	thread, err := s.quoted(ctx, s.facts.Message)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	d := s.newDelivery(delivery.KindReply)
	m := s.signed(s.newMail(d), "auto-replied")
	m.To = to.to
	s.answer(&m, text, thread)
	return s.sendToCustomer(d, m, conversation.MessageReply, text, index), nil
}

// email writes to the customer, without history.
func email(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error) {
	to, err := addressEmail(ctx, s, a)
	if err != nil || to.not.State != "" {
		return to.not, err
	}
	text, err := s.renderToCustomer(ctx, a.Body, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	d := s.newDelivery(delivery.KindEmail)
	m := s.signed(s.newMail(d), "auto-generated")
	m.To, m.Subject, m.Text = to.to, to.subject, text
	return s.sendToCustomer(d, m, conversation.MessageEmail, text, index), nil
}

// sendToCustomer adds the delivery, and the message as the conversation shows
// it.
func (s *acting) sendToCustomer(d delivery.Delivery, m delivery.Mail, kind conversation.MessageKind, text string,
	index int) runs.ActionOutcome {
	written := s.write(conversation.Message{
		Kind: kind, From: m.FromAddress, To: m.To, Subject: m.Subject, Text: text,
		MessageIDHeader: m.MessageID, References: m.References,
	})
	s.marked(&m, written.ID)
	d.Seq, d.Mail = s.conv.LastSeq, &m
	s.countMail(&d)
	return runs.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}
}

// sendReply sends what an agent wrote to the customer: by hand, so it is not
// marked as automatic. What a run wrote in the agent's name has its mail, and the
// Message-ID of it, already.
func (x *advance) sendReply(ctx context.Context, h conversation.Happened) error {
	if h.Message.Author.Kind == conversation.ActorWorkflow || h.Message.MessageIDHeader != "" {
		return nil
	}
	thread, err := x.quoted(ctx, nil)
	if err != nil {
		return err
	}
	for i, msg := range thread { // what came before this reply
		if msg.ID == h.Message.ID {
			thread = thread[i+1:]
			break
		}
	}
	to, err := x.recipients(ctx, *h.Message, thread)
	if err != nil || len(to.All()) == 0 {
		return err
	}
	d := x.newDelivery(delivery.KindReply)
	m := x.newMail(d)
	m.To, m.Cc, m.Bcc, m.Subject = to.To, to.Cc, to.Bcc, reSubject(x.conv.Subject)
	m.Text = h.Message.Text + "\n\n" + mail.History(thread, x.zone(), historyLimit)
	threaded(&m, thread)
	x.marked(&m, h.Message.ID)
	if h.Message.Sender.Address != "" {
		m.FilesOf = h.Message.ID // written by mail, with the files that came along
	}
	d.Seq, d.Mail = h.Event.Seq, &m
	x.out = append(x.out, d)
	return nil
}

// recipients are whom an agent's reply says to go to. One that
// says nothing goes to all of the customer's last message.
func (x *advance) recipients(ctx context.Context, m conversation.Message, thread []conversation.Message) (conversation.Recipients, error) {
	stated := conversation.Recipients{To: m.To, Cc: m.Cc, Bcc: m.Bcc}
	if len(stated.All()) > 0 {
		return stated, nil
	}
	var last *conversation.Message
	asked := []string{x.around.Customer.Email()}
	for i := range thread {
		if thread[i].Kind == conversation.MessageCustomer {
			last = &thread[i]
			asked = slices.Concat(asked, []string{last.From}, last.To, last.Cc)
			break
		}
	}
	own, err := x.c.OwnAddresses(ctx, asked)
	return conversation.ReplyToAll(asked[0], last,
		func(address string) bool { return slices.Contains(own, conversation.AddressKey(address)) }), err
}
