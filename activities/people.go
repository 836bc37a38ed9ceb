package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// people are the users whom an action names or whom its words stand for, each once,
// in the order of their ids. Who does not see the mailbox is left out and counted:
// whatever made them part of the conversation, its mail is no longer for them. Who
// is gone is left out, and the workflow is switched off.
func (s *acting) people(ctx context.Context, targets []string) (users []conversation.User, blind int, err error) {
	all, err := s.allUsers(ctx)
	if err != nil {
		return nil, 0, err
	}
	var meant []func(conversation.User) bool
	for _, t := range targets {
		is, err := s.meant(ctx, t)
		if err != nil {
			return nil, 0, err
		}
		if !automation.StandsForPeople(t) && !slices.ContainsFunc(all, is) {
			s.gone(automation.RefUser, t)
		}
		meant = append(meant, is)
	}
	for _, u := range all {
		switch {
		case !slices.ContainsFunc(meant, func(is func(conversation.User) bool) bool { return is(u) }):
		case !u.Sees(s.conv.MailboxID):
			blind++
		default:
			users = append(users, u)
		}
	}
	return users, blind, nil
}

// meant returns who is meant by a word that stands for people, or by a user's id.
func (s *acting) meant(ctx context.Context, target string) (func(conversation.User) bool, error) {
	is := func(id conversation.UserID) func(conversation.User) bool {
		return func(u conversation.User) bool { return id != "" && u.ID == id }
	}
	switch target {
	case automation.ToAssignee:
		return is(s.conv.AssigneeID), nil
	case automation.ToLastAgent:
		last, err := s.lastAgent(ctx)
		return is(last), err
	case automation.ToMe:
		return is(s.runner()), nil
	case automation.ToFollowers:
		return func(u conversation.User) bool { return slices.Contains(s.conv.Followers, u.ID) }, nil
	case automation.ToAllUsers:
		return func(u conversation.User) bool { return slices.Contains(u.Mailboxes, s.conv.MailboxID) }, nil
	}
	if automation.StandsForPeople(target) {
		return nil, errs.New("activities.meant", errs.Invalid, "the action does not know whom "+target+" stands for")
	}
	return is(conversation.UserID(target)), nil
}

// runner is the agent who runs the workflow by hand, empty when nobody does.
func (s *acting) runner() conversation.UserID {
	if s.run.Actor.Kind != conversation.ActorUser {
		return ""
	}
	return conversation.UserID(s.run.Actor.ID)
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
