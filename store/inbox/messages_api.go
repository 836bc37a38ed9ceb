package inbox

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// maxPageBytes bounds the texts of one page of messages: any mail may hold a
// megabyte of each.
const maxPageBytes = 4 << 20

// Messages lists at most page.Limit of a conversation's messages, the oldest
// first, with the names of their attachments, and reports whether there are more. A
// page of long messages has fewer, but never none.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see).
func (s *Store) Messages(ctx context.Context, who access.Caller, id conversation.ID, page conversation.Page) ([]conversation.Message,
	bool, error) {
	const op = "store.Messages"
	type messages struct {
		list []conversation.Message
		more bool
	}
	out, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (messages, error) {
		if _, err := engine.MailboxOf(ctx, tx, op, who, access.ReadConversation, id); err != nil {
			return messages{}, err
		}
		ids, all, err := pageOfMessages(ctx, tx, id, page)
		if err != nil {
			return messages{}, err
		}
		rows, err := tx.Query(ctx, `SELECT `+tables.MessageColumns+` FROM messages m WHERE m.id = ANY($1::uuid[]) ORDER BY m.created_at, m.id`,
			pg.List(ids))
		if err != nil {
			return messages{}, err
		}
		list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Message, error) { return tables.ScanMessage(r) })
		if err != nil {
			return messages{}, err
		}
		return messages{list, !all}, listAttachments(ctx, tx, list)
	})
	return out.list, out.more, err
}

// pageOfMessages picks the messages of a page by their sizes, which are known
// without reading them.
func pageOfMessages(ctx context.Context, tx pgx.Tx, id conversation.ID, page conversation.Page) (ids []string, all bool, err error) {
	rows, err := tx.Query(ctx, `
		SELECT m.id::text, octet_length(m.body_text) + octet_length(m.body_html) FROM messages m
		WHERE m.conversation_id = $1
			AND ($2::uuid IS NULL OR (m.created_at, m.id) > (SELECT a.created_at, a.id FROM messages a WHERE a.id = $2 AND a.conversation_id = $1))
		ORDER BY m.created_at, m.id LIMIT $3`, id, pg.NullID(page.After), page.Limit+1)
	if err != nil {
		return nil, false, err
	}
	all = true
	total, size, message := 0, 0, ""
	_, err = pgx.ForEachRow(rows, []any{&message, &size}, func() error {
		total += size
		if all = all && len(ids) < page.Limit && (len(ids) == 0 || total <= maxPageBytes); all {
			ids = append(ids, message)
		}
		return nil
	})
	return ids, all, err
}

// listAttachments fills in the attachments' names, without their content.
func listAttachments(ctx context.Context, tx pgx.Tx, messages []conversation.Message) error {
	index := make(map[conversation.MessageID]int, len(messages))
	ids := make([]string, len(messages))
	for i, m := range messages {
		index[m.ID], ids[i] = i, string(m.ID)
	}
	rows, err := tx.Query(ctx, `SELECT message_id, name, content_type, size, content_id, inline FROM attachments WHERE message_id =
		ANY($1::uuid[]) ORDER BY id`, ids)
	if err != nil {
		return err
	}
	var message conversation.MessageID
	var a conversation.Attachment
	_, err = pgx.ForEachRow(rows, []any{&message, &a.Name, &a.ContentType, &a.Size, &a.ContentID, &a.Inline}, func() error {
		m := &messages[index[message]]
		m.Attachments = append(m.Attachments, a)
		return nil
	})
	return err
}

// PostMessage adds a message with its event and the outbox row, all or nothing.
// A reply is sent by whoever handles its event. The repeat of a request with a
// key returns the message of the first.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see),
// errs.Invalid (with problems), errs.Conflict (it is deleted; the key),
// errs.Unavailable.
func (s *Store) PostMessage(ctx context.Context, who access.Caller, id conversation.ID, in conversation.Post) (conversation.Message,
	error) {
	const op = "store.PostMessage"
	if strings.TrimSpace(in.Body) == "" {
		return conversation.Message{}, errs.Bad(op, "validation failed", []errs.Problem{{Path: "body", Message: "this must not be empty"}})
	}
	actor := who.Actor()
	if in.Kind == conversation.MessageCustomer {
		// What the customer said, the customer did, whoever typed it.
		actor.Kind = conversation.ActorCustomer
		if err := s.db.Pool.QueryRow(ctx, `SELECT customer_id FROM conversations WHERE id = $1`, id).Scan(&actor.ID); err != nil {
			return conversation.Message{}, pg.Classify(op, err)
		}
	}
	type posted struct {
		conversation.Message
		first string // of the request that came before, with the same key
	}
	out, err := engine.EditFor(ctx, s.db, op, id, actor,
		func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (posted, runs.Step, error) {
			if err := mayWrite(op, who, *c); err != nil {
				return posted{}, runs.Step{}, err
			}
			m, err := compose(ctx, tx, op, actor, *c, in)
			if err != nil {
				return posted{}, runs.Step{}, err
			}
			at, err := s.db.Now(ctx, tx)
			if err != nil {
				return posted{}, runs.Step{}, err
			}
			first, err := pg.Once(ctx, tx, who, string(m.ID), at)
			if err != nil || first != "" {
				return posted{first: first}, runs.Step{}, err
			}
			cause, err := s.CauseOf(ctx, tx, *c, who.Cause)
			if err != nil {
				return posted{}, runs.Step{}, err
			}
			ed.Because(cause)
			ed.AddMessage(&m)
			if m.Kind == conversation.MessageCustomer {
				ed.TakePart(m.Participants(func(key string) bool { return key == conversation.AddressKey(m.To[0]) }))
			}
			return posted{Message: m}, runs.Step{Messages: []conversation.Message{m}}, nil
		})
	if out.first != "" {
		out.Message, err = tables.ScanMessage(s.db.Pool.QueryRow(ctx, `SELECT `+tables.MessageColumns+` FROM messages m WHERE m.id = $1`,
			out.first))
	}
	return out.Message, pg.Classify(op, err)
}

// compose makes the message with its author and addresses.
func compose(ctx context.Context, tx pgx.Tx, op string, author conversation.Actor, c conversation.Conversation,
	in conversation.Post) (conversation.Message, error) {
	m := conversation.Message{ID: conversation.MessageID(pg.NewID()), Kind: in.Kind, Author: author, Subject: c.Subject, Text: in.Body}
	customer, mailbox, last, err := correspondents(ctx, tx, c)
	if err != nil {
		return m, err
	}
	var p pg.Problems
	switch in.Kind {
	case conversation.MessageCustomer:
		m.From, m.To = customer, []string{mailbox}
	case conversation.MessageReply:
		to, err := replyRecipients(ctx, tx, op, in, customer, last)
		m.From, m.To, m.Cc, m.Bcc = mailbox, to.To, to.Cc, to.Bcc
		return m, err
	case conversation.MessageNote:
	default:
		p.Add("kind", "this must be customer, reply or note")
	}
	if in.To != nil || in.Cc != nil || in.Bcc != nil {
		p.Add("kind", "only a reply goes to somebody: leave out to, cc and bcc")
	}
	return m, p.Err(op)
}
