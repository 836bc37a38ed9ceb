package activities

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// move puts the conversation into another mailbox. An assignee who may not see
// it there is taken off it.
func move(ctx context.Context, s *acting, a automation.Action, _ int) (automation.ActionOutcome, error) {
	to := conversation.MailboxID(a.Mailbox)
	if to == s.conv.MailboxID {
		return unchanged, nil
	}
	mailbox, err := s.c.Mailbox(ctx, to)
	if errs.KindOf(err) == errs.NotFound && err != nil {
		return s.gone(automation.RefMailbox, a.Mailbox), nil
	}
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	assignee, err := s.user(ctx, s.conv.AssigneeID)
	if err != nil {
		return automation.ActionOutcome{}, err
	}
	s.editor.Move(to)
	s.around.Mailbox = mailbox
	if assignee != nil && !(access.Caller{User: *assignee}).Sees(to) {
		s.editor.Assign("")
	}
	return done, nil
}
