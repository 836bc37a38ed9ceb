package activities

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// follow makes a user a follower, whom notify reaches as "followers".
func follow(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	user, outcome, err := s.follower(ctx, a)
	if user == nil || err != nil {
		return outcome, err
	}
	if !(access.Caller{User: *user}).Sees(s.conv.MailboxID) {
		return failed("the user is not a member of the mailbox"), nil
	}
	return changed(s.editor.ChangeFollowers([]conversation.UserID{user.ID}, nil)), nil
}

// unfollow takes a follower away.
func unfollow(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	user, outcome, err := s.follower(ctx, a)
	if user == nil || err != nil {
		return outcome, err
	}
	return changed(s.editor.ChangeFollowers(nil, []conversation.UserID{user.ID})), nil
}

// follower returns the user whom the action names; where there is none, the
// outcome says so.
func (s *acting) follower(ctx context.Context, a automation.Action) (*conversation.User, runs.ActionOutcome, error) {
	id := conversation.UserID(a.User)
	switch a.User {
	case automation.ToMe:
		if s.runner() == "" {
			return nil, failed("nobody runs this workflow by hand"), nil
		}
		id = s.runner()
	case automation.ToAssignee:
		if id = s.conv.AssigneeID; id == "" {
			return nil, skipped("nobody is assigned"), nil
		}
	}
	user, err := s.user(ctx, id)
	if user == nil && err == nil {
		return nil, s.gone(automation.RefUser, string(id)), nil
	}
	return user, runs.ActionOutcome{}, err
}
