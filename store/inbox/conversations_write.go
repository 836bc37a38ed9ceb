package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// ChangeConversation makes all of the changes, each with its event, in one
// transaction. A move comes first, so that the new mailbox's workflows see the
// rest. What is so already makes no event.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Invalid (with
// problems), errs.Conflict (it is deleted), errs.Unavailable.
func (s *Store) ChangeConversation(ctx context.Context, who access.Caller, id conversation.ID,
	ch conversation.Change) (conversation.Record, error) {
	const op = "store.ChangeConversation"
	if err := cleanChange(op, who, &ch); err != nil {
		return conversation.Record{}, err
	}
	err := s.Edit(ctx, op, id, who.Actor(), func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		var step runs.Step
		if err := mayWrite(op, who, *c); err != nil {
			return step, err
		}
		if err := changeTargets(ctx, tx, op, ch); err != nil {
			return step, err
		}
		cause, err := s.CauseOf(ctx, tx, *c, who.Cause)
		if err != nil {
			return step, err
		}
		ed.Because(cause)
		ed.Change(ch)
		if ch.SnoozedUntil != nil && ch.SnoozedUntil.IsZero() {
			ed.Wake()
		} else if ch.SnoozedUntil != nil {
			now, err := s.db.Now(ctx, tx)
			if err != nil {
				return step, err
			}
			if !ch.SnoozedUntil.After(now) {
				return step, errs.Bad(op, "validation failed", []errs.Problem{{Path: "snoozed_until", Message: "this must be in the future"}})
			}
			ed.Snooze(ch.SnoozedUntil.UTC().Truncate(time.Microsecond))
		}
		if err := tables.ChangeFields(ctx, tx, op, c.MailboxID, ed, ch.Fields); err != nil {
			return step, err
		}
		return step, directory.CheckPeople(ctx, tx, op, c, ed, ch)
	})
	if err != nil {
		return conversation.Record{}, err
	}
	r, err := tables.ReadRecord(ctx, s.db.Pool, id)
	return r, pg.Classify(op, err)
}

// DeleteConversation marks the conversation as deleted; its content stays. Again:
// nothing changes.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable.
func (s *Store) DeleteConversation(ctx context.Context, who access.Caller, id conversation.ID) error {
	const op = "store.DeleteConversation"
	err := s.Edit(ctx, op, id, who.Actor(), func(_ pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		if err := who.In(access.WriteConversation, c.MailboxID); err != nil {
			return runs.Step{}, err
		}
		ed.SetState(conversation.StateDeleted)
		return runs.Step{}, nil
	})
	return err
}

// mayWrite is asked under the conversation's lock.
func mayWrite(op string, who access.Caller, c conversation.Conversation) error {
	if err := who.In(access.WriteConversation, c.MailboxID); err != nil {
		return err
	}
	if c.State == conversation.StateDeleted {
		return errs.New(op, errs.Conflict, "this conversation is deleted")
	}
	return nil
}

func cleanChange(op string, who access.Caller, ch *conversation.Change) error {
	var p pg.Problems
	if ch.MailboxID != nil && (!pg.IsID(*ch.MailboxID) || !who.Sees(*ch.MailboxID)) {
		p.Add("mailbox_id", pg.NoSuchMailbox)
	}
	if ch.AssigneeID != nil && *ch.AssigneeID != "" && !pg.IsID(*ch.AssigneeID) {
		p.Add("assignee_id", "there is no such user")
	}
	if ch.Followers != nil {
		for i, id := range *ch.Followers {
			if !pg.IsID(id) {
				p.Add(pg.At("follower_ids", i), "there is no such user")
			}
		}
	}
	if ch.Status != nil && !slices.Contains(conversation.Statuses, *ch.Status) {
		p.Add("status", "this is no status")
	}
	if ch.Subject != nil {
		clean := p.Line("subject", *ch.Subject, 0, conversation.MaxSubjectLength)
		ch.Subject = &clean
	}
	if ch.Tags != nil {
		clean := p.Tags(*ch.Tags)
		ch.Tags = &clean
	}
	return p.Err(op)
}

// changeTargets checks what a change points at.
func changeTargets(ctx context.Context, tx pgx.Tx, op string, ch conversation.Change) error {
	if ch.MailboxID == nil && ch.AssigneeID == nil && ch.Followers == nil {
		return nil
	}
	var mailbox, user, followers bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailboxes WHERE id = $1), EXISTS (SELECT 1 FROM users WHERE id = $2),
			NOT EXISTS (SELECT 1 FROM unnest($3::uuid[]) f WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = f))`,
		pg.NullID(pg.OrZero(ch.MailboxID)), pg.NullID(pg.OrZero(ch.AssigneeID)), pg.List(pg.OrZero(ch.Followers))).Scan(&mailbox, &user,
		&followers); err != nil {
		return err
	}
	var p pg.Problems
	if !followers {
		p.Add("follower_ids", "there is no such user")
	}
	if ch.MailboxID != nil && !mailbox {
		p.Add("mailbox_id", pg.NoSuchMailbox)
	}
	if pg.OrZero(ch.AssigneeID) != "" && !user {
		p.Add("assignee_id", "there is no such user")
	}
	return p.Err(op)
}
