package activities

import (
	"context"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

// forward sends the customer's newest message on to others, below a message of
// ours, with its files. It answers nobody, so that what a machine wrote (an
// invoice) goes on too, but for bounces and automatic replies: whoever they are
// forwarded to may be who caused them. Our own addresses are left out: mail to them would come
// back in.
func forward(ctx context.Context, s *acting, a automation.Action, index int) (automation.ActionOutcome, error) {
	if s.bounced() {
		return skippedMachine, nil
	}
	original, err := s.forwarded(ctx)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	if original == nil {
		return skipped("there is no customer message to forward"), nil
	}
	own, err := s.c.OwnAddresses(ctx, slices.Concat(a.To, a.Cc, a.Bcc))
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	others := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(address string) bool { return slices.Contains(own, conversation.AddressKey(address)) })
	}
	to, cc, bcc := others(a.To), others(a.Cc), others(a.Bcc)
	if len(to)+len(cc)+len(bcc) == 0 {
		return skipped("the addresses are our own: the mail would come back in"), nil
	}
	subject := "Fwd: " + s.conv.Subject
	if a.Subject != "" {
		if subject, err = s.render(ctx, a.Subject, automation.Header); err != nil {
			return automation.ActionOutcome{}, err
		}
	}
	text, err := s.render(ctx, a.Body, automation.Text)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	d := s.newDelivery(delivery.KindForward)
	m := s.newMail(d)
	m.To, m.Cc, m.Bcc, m.Subject, m.AutoSubmitted, m.Loop = to, cc, bcc, subject, "auto-generated", s.loopMark()
	m.Text = strings.TrimLeft(text+"\n\n", "\n") + mail.Forwarded(*original, historyLimit)
	m.FilesOf = original.ID
	s.write(conversation.Message{
		Kind: conversation.MessageForward, From: m.FromAddress, To: to, Cc: cc, Subject: subject, Text: text, MessageIDHeader: m.MessageID,
	})
	d.Seq, d.Mail = s.conv.LastSeq, &m
	return automation.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}, nil
}

// bounced tells whether the newest mail is one that nobody wrote.
func (s *acting) bounced() bool {
	machine := s.conv.LastCustomerMachine
	if s.facts.Message != nil {
		machine = s.facts.Message.Machine
	}
	return machine.NobodyWaits()
}

// forwarded is the customer's newest message; nil when there is none.
func (s *acting) forwarded(ctx context.Context) (*conversation.Message, error) {
	if m := s.facts.Message; m != nil && m.Kind == conversation.MessageCustomer {
		return m, nil
	}
	thread, err := s.quoted(ctx, nil)
	if err != nil {
		return nil, err
	}
	for i := range thread {
		if thread[i].Kind == conversation.MessageCustomer {
			return &thread[i], nil
		}
	}
	return nil, nil //nolint:nilnil // there is none: the caller says what that means
}
