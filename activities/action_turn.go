package activities

import (
	"cmp"
	"context"
	"slices"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// assignInTurn gives the conversation to whoever's turn it is: of the named users
// or of all members of the mailbox, in the order of their ids, the one after who got
// the last. Whose turn it is stays locked to the end of the transaction, so that
// conversations which come at once are handed out one after another.
func assignInTurn(ctx context.Context, s *acting, a automation.Action) (runs.ActionOutcome, error) {
	users, err := s.allUsers(ctx)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	var members, there []conversation.UserID
	for _, u := range users {
		named := slices.Contains(a.Among, string(u.ID))
		if len(a.Among) == 0 {
			named = slices.Contains(u.Mailboxes, s.conv.MailboxID)
		}
		if !named || !(access.Caller{User: u}).Sees(s.conv.MailboxID) {
			continue
		}
		members = append(members, u.ID)
		if u.Available || !a.OnlyIfAvailable {
			there = append(there, u.ID)
		}
	}
	switch {
	case len(members) == 0:
		return failed("nobody whom it may be assigned to is a member of the mailbox"), nil
	case len(there) == 0:
		return skipped("nobody is available"), nil
	}
	last, err := s.c.Turn(ctx, s.version.DefinitionID)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	next := nextTurn(there, last)
	if err := s.c.SetTurn(ctx, s.version.DefinitionID, next); err != nil {
		return runs.ActionOutcome{}, err
	}
	return changed(s.editor.Assign(next)), nil
}

// nextTurn returns the first after last, from the beginning when there is none.
func nextTurn(users []conversation.UserID, last conversation.UserID) conversation.UserID {
	slices.SortFunc(users, func(a, b conversation.UserID) int { return cmp.Compare(a, b) })
	for _, u := range users {
		if u > last {
			return u
		}
	}
	return users[0]
}
