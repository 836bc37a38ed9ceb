package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// notify mails our own users: the assignee, who replied last, all of the
// mailbox, or named ones; each once. It also goes out about machine mail: it
// answers nobody.
func notify(ctx context.Context, s *acting, a automation.Action, index int) (automation.ActionOutcome, error) {
	users, err := s.notified(ctx, a.To)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	if len(users) == 0 {
		return skipped("there is nobody to notify"), nil
	}
	source := a.Subject
	if source == "" {
		source = "[#{%conversation.number%}] {%subject%}"
	}
	subject, err := s.render(ctx, source, automation.Header)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	text, err := s.render(ctx, a.Body, automation.Text)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	out := automation.ActionOutcome{State: automation.ActionQueued}
	for _, u := range users {
		d := s.newDelivery(delivery.KindNotify)
		m := s.newMail(d)
		m.To, m.Subject, m.Text, m.AutoSubmitted, m.Loop = []string{u.Email}, subject, text, "auto-generated", s.loopMark()
		d.Mail = &m
		out.Delivery = append(out.Delivery, s.deliver(d, index))
	}
	return out, nil
}

// notified are the users that the targets name, each once, in the order of their
// ids. Who is gone is left out.
func (s *acting) notified(ctx context.Context, targets []string) ([]conversation.User, error) {
	users, err := s.allUsers(ctx)
	if err != nil {
		return nil, err
	}
	var last conversation.UserID
	if slices.Contains(targets, automation.ToLastAgent) {
		if last, err = s.lastAgent(ctx); err != nil {
			return nil, err
		}
	}
	for _, t := range targets {
		named := t != automation.ToAssignee && t != automation.ToLastAgent && t != automation.ToAllUsers
		if named && !slices.ContainsFunc(users, func(u conversation.User) bool { return string(u.ID) == t }) {
			s.gone(automation.RefUser, t)
		}
	}
	var out []conversation.User
	for _, u := range users {
		if slices.ContainsFunc(targets, func(t string) bool {
			switch t {
			case automation.ToAssignee:
				return u.ID == s.conv.AssigneeID
			case automation.ToLastAgent:
				return u.ID == last
			case automation.ToFollowers:
				return slices.Contains(s.conv.Followers, u.ID)
			case automation.ToAllUsers:
				return slices.Contains(u.Mailboxes, s.conv.MailboxID)
			default:
				return string(u.ID) == t
			}
		}) {
			out = append(out, u)
		}
	}
	return out, nil
}

// lastAgent is the agent who replied last, as far as the thread that replies
// quote goes back.
func (s *acting) lastAgent(ctx context.Context) (conversation.UserID, error) {
	thread, err := s.quoted(ctx, nil)
	if err != nil {
		return "", err
	}
	for _, m := range thread {
		if (m.Kind == conversation.MessageReply || m.Kind == conversation.MessageEmail) && m.Author.Kind == conversation.ActorUser {
			return conversation.UserID(m.Author.ID), nil
		}
	}
	return "", nil
}
