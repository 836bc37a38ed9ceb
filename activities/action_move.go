package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// move puts the conversation into another mailbox. An assignee who may not see
// it there is taken off it, and so are followers.
func move(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	to := conversation.MailboxID(a.Mailbox)
	if to == s.conv.MailboxID {
		return unchanged, nil
	}
	mailbox, err := s.c.Mailbox(ctx, to)
	if errs.Is(err, errs.NotFound) {
		return s.gone(automation.RefMailbox, a.Mailbox), nil
	}
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	s.editor.Move(to)
	s.around.Mailbox = mailbox
	return done, s.takeOffBlind(ctx)
}

// takeOffBlind takes the assignee and the followers who do not see the mailbox off
// the conversation.
func (s *acting) takeOffBlind(ctx context.Context) error {
	if s.conv.AssigneeID == "" && len(s.conv.Followers) == 0 {
		return nil
	}
	users, err := s.allUsers(ctx)
	if err != nil {
		return err
	}
	var blind []conversation.UserID
	for _, u := range users {
		if !u.Sees(s.conv.MailboxID) {
			blind = append(blind, u.ID)
		}
	}
	s.editor.TakeOff(blind)
	return nil
}
