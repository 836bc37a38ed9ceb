package engine

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Facts returns all that conditions may look at, as of one moment: now. Event is
// the newest one that came from outside, Message its message if it has one. What
// workflows did since is in the conversation itself; manual runs, due times and
// redeliveries are nothing that a condition looks at.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) Facts(ctx context.Context, id conversation.ID) (conversation.Facts, error) {
	const op = "store.Facts"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Facts, error) {
		var f conversation.Facts
		c, err := s.ReadConversation(ctx, tx, op, id)
		if err != nil {
			return f, err
		}
		f, err = c.Facts(ctx, everything)
		return f, err
	})
}

// ReadConversation reads the conversation and the time without a lock.
func (s *Store) ReadConversation(ctx context.Context, tx pgx.Tx, op string, id conversation.ID) (*Conversation, error) {
	const missing = "there is no such conversation"
	if !pg.IsID(id) {
		return nil, errs.New(op, errs.NotFound, missing)
	}
	c := &Conversation{store: s, Tx: tx}
	var err error
	c.row, err = tables.ScanConversation(tx.QueryRow(ctx,
		`SELECT `+tables.ConversationColumns+` FROM conversations c WHERE c.id = $1 AND c.erased_at IS NULL`, id))
	if err != nil {
		return nil, pg.NotFound(op, missing, err)
	}
	c.now, err = s.db.Now(ctx, tx)
	return c, err
}

// everything is what any condition may look at.
const everything automation.Needs = ^automation.Needs(0)

// Facts returns what conditions may look at, as of the lock and now, as far as needs name it.
func (c *Conversation) Facts(ctx context.Context, needs automation.Needs) (conversation.Facts, error) {
	f := conversation.Facts{Now: c.now, Conversation: c.row}
	around, _, err := c.Surroundings(ctx)
	if err != nil {
		return f, err
	}
	f.Customer, f.Mailbox = around.Customer, around.Mailbox
	if f.Event, err = c.newestEvent(ctx); err != nil {
		return f, err
	}
	if f.Event != nil && f.Event.MessageID != "" {
		m, err := tables.ScanMessage(c.Tx.QueryRow(ctx, `SELECT `+tables.MessageColumns+` FROM messages m WHERE m.id = $1`, f.Event.MessageID))
		if err != nil {
			return f, err
		}
		f.Message = &m
	}
	err = c.look(ctx, needs, &f)
	return f, err
}

// look reads what the needs say. Whoever asks also asks what comes when no event
// leads to it: what stands beside the event's message is read in any case.
func (c *Conversation) look(ctx context.Context, needs automation.Needs, f *conversation.Facts) (err error) {
	if needs.Any(automation.NeedsBodies | automation.NeedsMails) {
		if f.Recent, err = c.Recent(ctx); err != nil {
			return err
		}
	}
	if needs.Any(automation.NeedsNotes) {
		if f.Notes, err = c.Notes(ctx); err != nil {
			return err
		}
	}
	if needs.Any(automation.NeedsRecipients) {
		if f.Last, err = c.Last(ctx); err != nil {
			return err
		}
	}
	headers, files := needs.Any(automation.NeedsHeaders), needs.Any(automation.NeedsFiles)
	if !headers && !files {
		return nil
	}
	var messages []*conversation.Message
	for i := range f.Recent {
		messages = append(messages, &f.Recent[i])
	}
	if err := c.Details(ctx, messages, headers, files); err != nil || f.Message == nil {
		return err
	}
	return c.Details(ctx, []*conversation.Message{f.Message}, headers, files)
}

// newestEvent returns the newest event from outside, nil when there is none.
func (c *Conversation) newestEvent(ctx context.Context) (*conversation.Event, error) {
	e, err := tables.ScanEvent(c.Tx.QueryRow(ctx, `SELECT `+tables.EventColumns+` FROM events e
		WHERE e.conversation_id = $1 AND e.origin IN (0, e.seq) AND e.kind <> ALL ($2)
		ORDER BY e.seq DESC LIMIT 1`, c.row.ID, []string{
		string(conversation.KindManualRun), string(conversation.KindDue), string(conversation.KindConsider), string(conversation.KindRedeliver),
		string(conversation.KindUndelivered), string(conversation.KindUndo),
	}))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	default:
		return &e, nil
	}
}

// MailboxOf returns the mailbox of a conversation, if the caller may do the verb
// there.
func MailboxOf(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb,
	id conversation.ID) (conversation.MailboxID, error) {
	const missing = "there is no such conversation"
	if !pg.IsID(id) {
		return "", errs.New(op, errs.NotFound, missing)
	}
	var mailbox conversation.MailboxID
	if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM conversations WHERE id = $1 AND erased_at IS NULL`, id).Scan(&mailbox); err != nil {
		return "", pg.NotFound(op, missing, err)
	}
	return mailbox, who.In(verb, mailbox)
}
