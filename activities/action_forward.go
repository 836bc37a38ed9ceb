package activities

import (
	"context"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

// forward sends the customer's newest message on to others, below a message of
// ours, with its files. It answers nobody, so that what a machine wrote (an
// invoice) continues too, but for bounces and automatic replies: whoever they are
// forwarded to may be who caused them. Our own addresses are left out: mail to them would come
// back in.
func forward(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error) {
	to, err := addressForward(ctx, s, a)
	if err != nil || to.not.State != "" {
		return to.not, err
	}
	original, err := s.forwarded(ctx)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	text, err := s.render(ctx, a.Body, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	d := s.newDelivery(delivery.KindForward)
	m := s.newMail(d)
	m.To, m.Cc, m.Bcc, m.Subject, m.AutoSubmitted, m.Loop = to.to, to.cc, to.bcc, to.subject, "auto-generated", s.loopMark()
	m.Text = strings.TrimLeft(text+"\n\n", "\n") + mail.Forwarded(*original, s.zone(), historyLimit)
	m.FilesOf = original.ID
	s.write(conversation.Message{
		Kind: conversation.MessageForward, From: m.FromAddress, To: to.to, Cc: to.cc, Bcc: to.bcc, Subject: to.subject, Text: text,
		MessageIDHeader: m.MessageID,
	})
	d.Seq, d.Mail = s.conv.LastSeq, &m
	return runs.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}, nil
}

// addressForward addresses what forward sends.
func addressForward(ctx context.Context, s *acting, a automation.Action) (addressed, error) {
	if s.bounced() {
		return addressed{not: skippedMachine}, nil
	}
	switch original, err := s.forwarded(ctx); {
	case err != nil:
		return addressed{}, err
	case original == nil:
		return addressed{not: skipped("there is no customer message to forward")}, nil
	}
	others, err := s.withoutOwn(ctx, a.To, a.Cc, a.Bcc)
	if err != nil {
		return addressed{}, err
	}
	to := addressed{to: others[0], cc: others[1], bcc: others[2], subject: "Fwd: " + s.conv.Subject}
	if len(to.to)+len(to.cc)+len(to.bcc) == 0 {
		return addressed{not: skipped("the addresses are our own: the mail would come back in")}, nil
	}
	if a.Subject != "" {
		to.subject, err = s.render(ctx, a.Subject, automation.Header)
	}
	return to, err
}

// bounced reports whether the newest mail is one that nobody wrote.
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
