package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// ChangeConversation makes all of the changes, each with its event, in one
// transaction. A move comes first, so that the new mailbox's workflows see the
// rest. What is so already makes no event.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Invalid (with
// problems), errs.Conflict (it is deleted), errs.Unavailable.
func (s *Store) ChangeConversation(ctx context.Context, who access.Caller, id conversation.ID, ch conversation.Change) (conversation.Record, error) {
	const op = "store.ChangeConversation"
	if err := cleanChange(op, who, &ch); err != nil {
		return conversation.Record{}, err
	}
	_, err := s.edit(ctx, op, id, who.Actor(), func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		var step runs.Step
		if err := mayWrite(op, who, *c); err != nil {
			return step, err
		}
		if err := changeTargets(ctx, tx, op, ch); err != nil {
			return step, err
		}
		cause, err := s.causeOf(ctx, tx, *c, who.Cause)
		if err != nil {
			return step, err
		}
		ed.Because(cause)
		ed.Change(ch)
		if ch.SnoozedUntil != nil && ch.SnoozedUntil.IsZero() {
			ed.Wake()
		} else if ch.SnoozedUntil != nil {
			now, err := s.db.now(ctx, tx)
			if err != nil {
				return step, err
			}
			if !ch.SnoozedUntil.After(now) {
				return step, errs.Bad(op, "validation failed", []errs.Problem{{Path: "snoozed_until", Message: "this must be in the future"}})
			}
			ed.Snooze(ch.SnoozedUntil.UTC().Truncate(time.Microsecond))
		}
		if err := changeFields(ctx, tx, op, c.MailboxID, ed, ch.Fields); err != nil {
			return step, err
		}
		return step, checkPeople(ctx, tx, op, c, ed, ch)
	})
	if err != nil {
		return conversation.Record{}, err
	}
	r, err := readRecord(ctx, s.db.pool, id)
	return r, classify(op, err)
}

// DeleteConversation marks the conversation as deleted; its content stays. Again:
// nothing changes.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable.
func (s *Store) DeleteConversation(ctx context.Context, who access.Caller, id conversation.ID) error {
	const op = "store.DeleteConversation"
	_, err := s.edit(ctx, op, id, who.Actor(), func(_ pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
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
	var p problems
	if ch.MailboxID != nil && (!isID(*ch.MailboxID) || !who.Sees(*ch.MailboxID)) {
		p.add("mailbox_id", noSuchMailbox)
	}
	if ch.AssigneeID != nil && *ch.AssigneeID != "" && !isID(*ch.AssigneeID) {
		p.add("assignee_id", "there is no such user")
	}
	if ch.Followers != nil {
		for i, id := range *ch.Followers {
			if !isID(id) {
				p.add(at("follower_ids", i), "there is no such user")
			}
		}
	}
	if ch.Status != nil && !slices.Contains(conversation.Statuses, *ch.Status) {
		p.add("status", "this is no status")
	}
	if ch.Subject != nil {
		clean := p.line("subject", *ch.Subject, 0, conversation.MaxSubjectLength)
		ch.Subject = &clean
	}
	if ch.Tags != nil {
		clean := p.tags(*ch.Tags)
		ch.Tags = &clean
	}
	return p.err(op)
}

// changeTargets checks what a change points at.
func changeTargets(ctx context.Context, tx pgx.Tx, op string, ch conversation.Change) error {
	if ch.MailboxID == nil && ch.AssigneeID == nil && ch.Followers == nil {
		return nil
	}
	var mailbox, user, followers bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailboxes WHERE id = $1), EXISTS (SELECT 1 FROM users WHERE id = $2),
			NOT EXISTS (SELECT 1 FROM unnest($3::uuid[]) f WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = f))`,
		nullID(orZero(ch.MailboxID)), nullID(orZero(ch.AssigneeID)), list(orZero(ch.Followers))).Scan(&mailbox, &user, &followers); err != nil {
		return err
	}
	var p problems
	if !followers {
		p.add("follower_ids", "there is no such user")
	}
	if ch.MailboxID != nil && !mailbox {
		p.add("mailbox_id", noSuchMailbox)
	}
	if orZero(ch.AssigneeID) != "" && !user {
		p.add("assignee_id", "there is no such user")
	}
	return p.err(op)
}
