package directory

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

const noMember = "this user is not a member of the mailbox"

// CheckPeople sees to it that the assignee and the followers may see the mailbox
// where the conversation now is: who was asked for and may not is refused, who it
// was moved away from is taken off it.
func CheckPeople(ctx context.Context, tx pgx.Tx, op string, c *conversation.Conversation, ed *conversation.Editor,
	ch conversation.Change) error {
	users := slices.Clone(c.Followers)
	if c.AssigneeID != "" {
		users = append(users, c.AssigneeID)
	}
	if len(users) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT u.id FROM users u WHERE u.id = ANY ($1::uuid[]) AND u.role <> 'admin'
		AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.mailbox_id = $2)`, users, c.MailboxID)
	if err != nil {
		return err
	}
	blind, err := pgx.CollectRows(rows, pgx.RowTo[conversation.UserID])
	if err != nil || len(blind) == 0 {
		return err
	}
	var p pg.Problems
	if slices.Contains(blind, pg.OrZero(ch.AssigneeID)) {
		p.Add("assignee_id", noMember)
	}
	for i, id := range pg.OrZero(ch.Followers) {
		if slices.Contains(blind, id) {
			p.Add(pg.At("follower_ids", i), noMember)
		}
	}
	ed.TakeOff(blind)
	return p.Err(op)
}

// takeOff takes the user off all conversations that they are the assignee of or
// follow and that are in none of the mailboxes; each in a transaction of its own:
// there may be many. A repeat continues where it ended.
func (s *Store) takeOff(ctx context.Context, op string, who access.Caller, id conversation.UserID, but []conversation.MailboxID) error {
	for {
		rows, err := s.db.Pool.Query(ctx, `SELECT id FROM conversations
			WHERE (assignee_id = $1 OR followers <> '{}' AND followers @> ARRAY[$1::uuid]) AND NOT coalesce(mailbox_id = ANY ($2::uuid[]), false)
			ORDER BY id LIMIT 100`, id, pg.List(but))
		if err != nil {
			return pg.Classify(op, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[conversation.ID])
		if err != nil || len(ids) == 0 {
			return pg.Classify(op, err)
		}
		for _, c := range ids {
			if err := s.Edit(ctx, op, c, who.Actor(), func(_ pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
				if !slices.Contains(but, c.MailboxID) {
					ed.TakeOff([]conversation.UserID{id})
				}
				return runs.Step{}, nil
			}); err != nil {
				return err
			}
		}
	}
}
