package activities

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// assign makes a user the assignee: a named one, nobody, who runs a manual
// workflow, or whose turn it is. A user who is gone, or may not see the mailbox, is not assigned.
func assign(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	to := ""
	if len(a.To) > 0 {
		to = a.To[0]
	}
	switch to {
	case automation.ToRoundRobin:
		return assignInTurn(ctx, s, a)
	case automation.Unassigned:
		return changed(s.editor.Assign("")), nil
	case automation.ToMe:
		if s.runner() == "" {
			return failed("nobody runs this workflow by hand: there is no agent to assign it to"), nil
		}
		to = string(s.runner())
	}
	user, err := s.user(ctx, conversation.UserID(to))
	switch {
	case err != nil:
		return runs.ActionOutcome{}, err
	case user == nil:
		if a.To[0] == automation.ToMe {
			return failed("the agent who runs the workflow is gone"), nil
		}
		return s.gone(automation.RefUser, to), nil
	case !(access.Caller{User: *user}).Sees(s.conv.MailboxID):
		return failed("the user is not a member of the mailbox"), nil
	case a.OnlyIfAvailable && !user.Available:
		return skipped("the user is not available"), nil
	}
	return changed(s.editor.Assign(user.ID)), nil
}

// user returns the user with the id, nil when there is none.
func (x *advance) user(ctx context.Context, id conversation.UserID) (*conversation.User, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // no id, no user: the caller asks for an optional one
	}
	users, err := x.allUsers(ctx)
	if err != nil {
		return nil, err
	}
	for i := range users {
		if users[i].ID == id {
			return &users[i], nil
		}
	}
	return nil, nil //nolint:nilnil // gone: the caller says what that means
}

// allUsers reads the users once in a call.
func (x *advance) allUsers(ctx context.Context) ([]conversation.User, error) {
	if x.users == nil {
		users, err := x.c.Users(ctx)
		if err != nil {
			return nil, err
		}
		x.users = users
	}
	return x.users, nil
}
