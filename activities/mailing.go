package activities

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// machineMail says that a mail action to the outside must not answer: a machine
// wrote the message that led here. By time, the customer's newest message counts;
// an agent who runs a workflow by hand decides for themselves.
func (s *acting) machineMail() bool {
	switch {
	case s.facts.Message != nil:
		return s.facts.Message.Machine != ""
	case s.run.Trigger == automation.TriggerManual:
		return false
	default:
		return s.conv.LastCustomerMachine != ""
	}
}

// skippedMachine is the outcome of a mail action that machineMail forbids.
var skippedMachine = skipped("machine mail")

// domainOf is the part of an address after the @.
func domainOf(address string) string {
	_, domain, ok := strings.Cut(address, "@")
	if !ok || domain == "" {
		return "localhost"
	}
	return domain
}

// zone is the mailbox's, in which mails tell times.
func (x *advance) zone() *time.Location { return x.around.Mailbox.Calendar().Zone }

// newDelivery begins a delivery of this conversation.
func (x *advance) newDelivery(kind delivery.Kind) delivery.Delivery {
	return delivery.Delivery{
		ID: delivery.ID(x.cfg.NewID()), ConversationID: x.conv.ID, MailboxID: x.conv.MailboxID, Seq: x.conv.LastSeq,
		Kind: kind, State: delivery.StateWaiting, NextAt: x.now, CreatedAt: x.now,
	}
}

// queue adds a delivery of the run.
func (s *acting) deliver(d delivery.Delivery, index int) string {
	d.RunID, d.ActionIndex = string(s.run.ID), index
	if m := d.Mail; m != nil && d.Kind != delivery.KindNotify && s.run.Trigger != automation.TriggerManual {
		s.countRecipients(&d, s.automaticMails(m.Subject, m.To, m.Cc, m.Bcc))
	}
	s.out = append(s.out, d)
	return string(d.ID)
}

// newMail begins a mail from the mailbox, with the delivery's id as its
// Message-ID: the token by which an answer finds its conversation, and by which
// a doubled mail shows as one. Its only reference is the same token, in case that a
// relay takes the Message-ID away.
func (x *advance) newMail(d delivery.Delivery) delivery.Mail {
	mb := x.around.Mailbox
	return delivery.Mail{
		FromName: fromName(mb), FromAddress: mb.Email,
		MessageID: string(d.ID) + "@" + domainOf(mb.Email), References: []string{delivery.Reference(d.ID, domainOf(mb.Email))}, Date: x.now,
	}
}

// fromName is the name by which the mailbox writes.
func fromName(mb conversation.Mailbox) string { return cmp.Or(mb.FromName, mb.Name) }

// threaded makes the mail an answer to the newest of the customer's messages, or to
// our own newest mail where the customer wrote none. What others wrote lends it no
// ids.
func threaded(m *delivery.Mail, thread []conversation.Message) {
	var to *conversation.Message
	for i, msg := range thread {
		switch {
		case msg.MessageIDHeader == "" || !msg.Kind.WithCustomer():
			continue
		case to == nil || to.Kind != conversation.MessageCustomer && msg.Kind == conversation.MessageCustomer:
			to = &thread[i]
		}
	}
	if to != nil {
		m.InReplyTo = to.MessageIDHeader
		m.References = append(append([]string{}, to.References...), to.MessageIDHeader)
	}
}

// reSubject is the subject of an answer.
func reSubject(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// quoted returns the messages that a reply quotes, newest first. The message of
// a conversation that has only one is there already.
func (x *advance) quoted(ctx context.Context, message *conversation.Message) ([]conversation.Message, error) {
	if message != nil && message.Kind.WithCustomer() && x.conv.Messages <= 1 {
		return []conversation.Message{*message}, nil
	}
	if !x.haveThread {
		thread, err := x.c.Thread(ctx)
		if err != nil {
			return nil, err
		}
		x.thread, x.haveThread = thread, true
	}
	return x.thread, nil
}

// loopMark carries the run's cause to our own receivers and, with a webhook, to
// whoever calls back.
func (s *acting) loopMark() string {
	return conversation.Mark{ConversationID: s.conv.ID, Cause: s.cause}.Sign(s.around.CauseKey)
}
