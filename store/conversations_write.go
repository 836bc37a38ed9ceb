package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// OpenConversation makes a conversation with the customer's first message, its
// event and the outbox row, all or nothing; a customer who is not known is made
// too. The repeat of a request with a key returns the conversation of the first.
//
// Errors: errs.Invalid (with problems; a mailbox that the caller does not see is
// one that does not exist), errs.Conflict (the key), errs.Unavailable.
func (s *Store) OpenConversation(ctx context.Context, who access.Caller, in conversation.Opening) (conversation.Record, error) {
	const op = "store.OpenConversation"
	if err := cleanOpening(op, &in); err != nil {
		return conversation.Record{}, err
	}
	var id conversation.ID
	var r conversation.Record
	err := s.inTx(ctx, op, func(tx pgx.Tx) error {
		at, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		id = conversation.ID(NewID())
		first, err := once(ctx, tx, who, string(id), at)
		if err != nil {
			return err
		}
		if first != "" {
			r, err = readRecord(ctx, tx, conversation.ID(first))
			return err
		}
		if err := s.open(ctx, tx, op, who, id, in, at); err != nil {
			return err
		}
		r, err = readRecord(ctx, tx, id)
		return err
	})
	if err != nil {
		return conversation.Record{}, err
	}
	s.bell.push()
	// The conversation of a repeat may have been moved away from the caller since.
	if err := who.In(access.ReadConversation, r.MailboxID); err != nil {
		return conversation.Record{}, err
	}
	return r, nil
}

func cleanOpening(op string, in *conversation.Opening) error {
	var p problems
	switch {
	case (in.MailboxID == "") == (in.Address == ""):
		p.add("mailbox_id", "give mailbox_id or mailbox, one of the two")
	case in.MailboxID != "" && !isID(in.MailboxID):
		p.add("mailbox_id", noSuchMailbox)
	}
	in.CustomerEmail = p.address("customer.email", in.CustomerEmail)
	in.CustomerName = p.line("customer.name", in.CustomerName, 0, 2*conversation.MaxCustomerName)
	in.Subject = p.line("subject", in.Subject, 0, conversation.MaxSubjectLength)
	if strings.TrimSpace(in.Body) == "" {
		p.add("body", "this must not be empty")
	}
	if !slices.Contains(conversation.Types, in.Type) {
		p.add("type", "this is no type of conversation")
	}
	// How it came to us says where it came in, unless somebody knows better.
	in.Channel = cmp.Or(in.Channel, conversation.Channel(in.Type))
	if !slices.Contains(conversation.Channels, in.Channel) {
		p.add("channel", "this is no channel")
	}
	in.StartedBy = cmp.Or(in.StartedBy, conversation.ActorAPI)
	if !slices.Contains(conversation.Starters, in.StartedBy) {
		p.add("started_by", "this is nobody who can start a conversation by the API")
	}
	return p.err(op)
}

const noSuchMailbox = "there is no such mailbox"

func (s *Store) open(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id conversation.ID, in conversation.Opening, at time.Time) error {
	mailbox, address, err := openingMailbox(ctx, tx, op, who, in)
	if err != nil {
		return err
	}
	customer, err := s.customerFor(ctx, tx, in.CustomerEmail, in.CustomerName, at)
	if err != nil {
		return err
	}
	c := conversation.Conversation{
		ID: id, MailboxID: mailbox, CustomerID: customer, Type: in.Type, Channel: in.Channel, Imported: in.Imported,
		Status: conversation.StatusActive, State: conversation.StatePublished, Subject: in.Subject,
		StartedBy: in.StartedBy, CreatedAt: at, UpdatedAt: at, StatusChangedAt: at,
	}
	if err := insertConversation(ctx, tx, &c); err != nil {
		return err
	}
	author := conversation.Actor{Kind: conversation.ActorCustomer, ID: string(customer)}
	cause, err := s.causeOf(ctx, tx, c, who.Cause)
	if err != nil {
		return err
	}
	ed := conversation.Edit(&c, author, cause, at)
	m := conversation.Message{
		ID: conversation.MessageID(NewID()), Kind: conversation.MessageCustomer, Author: author,
		From: in.CustomerEmail, To: []string{address}, Subject: in.Subject, Text: in.Body,
	}
	ed.AddMessage(&m)
	ed.TakePart(m.Participants(func(key string) bool { return key == conversation.AddressKey(address) }))
	step := automation.Step{Conversation: c, Events: ed.Events(), Messages: []conversation.Message{m}}
	if err := writeStep(ctx, tx, step, nil, nil); err != nil {
		return err
	}
	return s.ringConversation(ctx, tx, id, c.LastSeq, false)
}

func openingMailbox(ctx context.Context, tx pgx.Tx, op string, who access.Caller, in conversation.Opening) (conversation.MailboxID, string, error) {
	path := "mailbox_id"
	if in.Address != "" {
		path = "mailbox"
	}
	rows, err := tx.Query(ctx, `SELECT id, email FROM mailboxes WHERE id = $1 OR email_key = $2`, nullID(in.MailboxID), conversation.AddressKey(in.Address))
	if err != nil {
		return "", "", err
	}
	var id conversation.MailboxID
	var address string
	if _, err := pgx.ForEachRow(rows, []any{&id, &address}, func() error { return nil }); err != nil {
		return "", "", err
	}
	if id == "" || who.In(access.WriteConversation, id) != nil {
		return "", "", errs.Bad(op, "validation failed", []errs.Problem{{Path: path, Message: noSuchMailbox}})
	}
	return id, address, nil
}

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
	_, err := s.edit(ctx, op, id, who.Actor(), func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (automation.Step, error) {
		var step automation.Step
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
			now, err := s.now(ctx, tx)
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
	r, err := readRecord(ctx, s.pool, id)
	return r, classify(op, err)
}

// DeleteConversation marks the conversation as deleted; its content stays. Again:
// nothing changes.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable.
func (s *Store) DeleteConversation(ctx context.Context, who access.Caller, id conversation.ID) error {
	const op = "store.DeleteConversation"
	_, err := s.edit(ctx, op, id, who.Actor(), func(_ pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (automation.Step, error) {
		if err := who.In(access.WriteConversation, c.MailboxID); err != nil {
			return automation.Step{}, err
		}
		ed.SetState(conversation.StateDeleted)
		return automation.Step{}, nil
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
		clean := make([]string, len(*ch.Tags))
		for i, t := range *ch.Tags {
			clean[i] = conversation.CleanTag(p.line(at("tags", i), t, 1, conversation.MaxTagLength))
		}
		if len(clean) > conversation.MaxTags {
			p.add("tags", "a conversation has at most 100 tags")
		}
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
