package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// disableAutoReply keeps the mailbox from answering this conversation by itself.
func disableAutoReply(_ context.Context, s *acting, _ automation.Action, _ int) (runs.ActionOutcome, error) {
	if s.conv.AutoReply == conversation.AutoReplySent {
		return skipped("the mailbox has answered already"), nil
	}
	return changed(s.editor.DisableAutoReply()), nil
}

// autoReply lets the mailbox answer the first mail of a conversation by itself,
// after the workflows that looked at it: they may have disabled it. Machines are
// not answered, nor what a workflow took for spam or deleted.
func (x *advance) autoReply(ctx context.Context, h conversation.Happened) error {
	c, reply := &x.conv, x.around.Mailbox.AutoReply
	switch {
	case !reply.Enabled || h.Event.Kind != conversation.KindCustomerMessage || !h.Event.First || h.Message == nil,
		h.Message.Machine != "" || x.around.Customer.Email() == "",
		c.Type != conversation.TypeEmail || c.Imported || c.AutoReply != "",
		c.State != conversation.StatePublished || c.Status == conversation.StatusSpam:
		return nil
	}
	return x.isolate(ctx, func() error { return x.sendAutoReply(ctx, reply, h) }, func(error) error {
		x.conv.Call("the mailbox could not answer by itself")
		return nil
	})
}

func (x *advance) sendAutoReply(ctx context.Context, reply conversation.AutoReply, h conversation.Happened) error {
	s := &acting{
		advance: x, run: &runs.Run{}, facts: conversation.Facts{Message: h.Message},
		cause: conversation.Cause{Origin: h.Event.OriginSeq(), Depth: h.Event.Cause.Depth + 1, Path: h.Event.Cause.Path},
	}
	if reply.Subject == "" {
		reply.Subject = reSubject("{%subject%}")
	}
	subject, err := s.subjectToCustomer(ctx, reply.Subject)
	if err != nil {
		return err
	}
	text, err := s.renderToCustomer(ctx, reply.Body, automation.Text)
	if err != nil {
		return err
	}
	ed := conversation.Edit(&x.conv, conversation.Actor{Kind: conversation.ActorSystem}, s.cause, x.now)
	counted := x.automaticMails(subject, []string{x.around.Customer.Email()})
	l, over, err := x.recipientLimit(ctx, counted)
	if err != nil {
		return err
	}
	if over {
		ed.AutoReplyLimited()
		x.record(ed.Events())
		return x.tellLimit(ctx, l)
	}
	d := x.newDelivery(delivery.KindReply)
	m := x.newMail(d)
	m.To, m.Subject, m.Text, m.AutoSubmitted, m.Loop = []string{x.around.Customer.Email()}, subject, text, "auto-replied", s.loopMark()
	threaded(&m, unclaimed([]conversation.Message{*h.Message}))
	x.countRecipients(&d, counted)
	d.Seq, d.Mail = ed.AutoReplied(string(d.ID)).Seq, &m
	x.out = append(x.out, d)
	x.record(ed.Events())
	return nil
}
