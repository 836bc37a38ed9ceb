package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// HasMailbox tells whether mail to the address is ours to take.
//
// Errors: errs.Unavailable.
func (s *Store) HasMailbox(ctx context.Context, address string) (bool, error) {
	var has bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailboxes WHERE email_key = $1)`, emailKey(address)).Scan(&has)
	return has, classify("store.HasMailbox", err)
}

// Receive stores a mail in every mailbox that it was sent to: the raw bytes, the
// message, the event and the outbox row, all or nothing. It joins the
// conversation that the mail answers to, or begins a new one. A second call with
// the same mail finds the first and changes nothing.
//
// Errors: errs.NotFound (no recipient is ours), errs.Unavailable (try again).
func (s *Store) Receive(ctx context.Context, in conversation.Incoming) error {
	const op = "store.Receive"
	stored := false
	err := s.inTx(ctx, op, func(tx pgx.Tx) error {
		stored = false
		mailboxes, err := mailboxesOf(ctx, tx, in.Recipients)
		if err != nil {
			return err
		}
		if len(mailboxes) == 0 {
			return errs.New(op, errs.NotFound, "no such mailbox")
		}
		for _, id := range mailboxes {
			fresh, err := s.receiveIn(ctx, tx, id, in)
			if err != nil {
				return err
			}
			stored = stored || fresh
		}
		return nil
	})
	if err == nil && stored {
		s.bell.push()
	}
	return err
}

// mailboxesOf returns the mailboxes of the addresses, in the order in which they
// are locked.
func mailboxesOf(ctx context.Context, tx pgx.Tx, addresses []string) ([]conversation.MailboxID, error) {
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = emailKey(a)
	}
	rows, err := tx.Query(ctx, `SELECT id FROM mailboxes WHERE email_key = ANY($1) ORDER BY id`, keys)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[conversation.MailboxID])
}

// receiveIn stores the mail in one mailbox; false: it is there already.
func (s *Store) receiveIn(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, in conversation.Incoming) (bool, error) {
	sum := sha256.Sum256(in.Raw)
	var known bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM raw_mails WHERE mailbox_id = $1 AND message_id_header = $2 AND sha256 = $3)`,
		mailbox, in.MessageIDHeader, sum[:]).Scan(&known); err != nil || known {
		return false, err
	}
	c, err := s.conversationFor(ctx, tx, mailbox, in)
	if err != nil {
		return false, err
	}
	at, err := s.now(ctx, tx)
	if err != nil {
		return false, err
	}
	kind, author, err := s.authorOf(ctx, tx, c, in, at)
	if err != nil {
		return false, err
	}
	cause, err := s.causeOf(ctx, tx, c, in.Marks...)
	if err != nil {
		return false, err
	}
	ed := conversation.Edit(&c, author, cause, at)
	m := conversation.Message{
		ID: conversation.MessageID(NewID()), Kind: kind, Author: author,
		From: in.FromAddress, To: in.To, Cc: in.Cc, Subject: in.Subject, Text: in.Text, HTML: in.HTML,
		MessageIDHeader: in.MessageIDHeader, InReplyTo: in.InReplyTo, References: in.References,
		Machine: in.Machine, Problem: in.Problem, Quotes: in.Quotes, Sender: in.Sender, Gaps: in.Gaps,
	}
	ed.AddMessage(&m)
	m.MailboxID = mailbox // also when the conversation has moved on since
	if err := insertMessages(ctx, tx, []conversation.Message{m}, in.Headers); err != nil {
		return false, err
	}
	if err := insertRaw(ctx, tx, m, in, sum[:]); err != nil {
		return false, err
	}
	if err := insertAttachments(ctx, tx, m.ID, in.Attachments); err != nil {
		return false, err
	}
	if err := writeStep(ctx, tx, automation.Step{Conversation: c, Events: ed.Events()}, nil, nil); err != nil {
		return false, err
	}
	return true, s.ringConversation(ctx, tx, c.ID, c.LastSeq, false)
}

// authorOf says who wrote a mail. In a new conversation the writer is its
// customer. In one that is there already, one of our own users who answers a
// notification by mail writes a note: it may hold what the customer must not
// read, and nothing in it proves who sent it. Anybody else is a customer, also
// one that the conversation is not with.
func (s *Store) authorOf(ctx context.Context, tx pgx.Tx, c conversation.Conversation, in conversation.Incoming, at time.Time) (conversation.MessageKind, conversation.Actor, error) {
	customer := conversation.Actor{Kind: conversation.ActorCustomer, ID: string(c.CustomerID)}
	if c.Messages == 0 {
		return conversation.MessageCustomer, customer, nil
	}
	var user string
	err := tx.QueryRow(ctx, `SELECT id FROM users WHERE email_key = $1`, emailKey(senderOf(in))).Scan(&user)
	if err == nil {
		return conversation.MessageNote, conversation.Actor{Kind: conversation.ActorUser, ID: user}, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return "", customer, err
	}
	id, err := s.customerFor(ctx, tx, senderOf(in), in.FromName, at)
	customer.ID = string(id)
	return conversation.MessageCustomer, customer, err
}

// unknownSender stands for the author of a mail that names none (RFC 2606: the
// domain invalid exists nowhere).
const unknownSender = "unknown-sender@mail.invalid"

// maxAddress is the most bytes that an address may have (RFC 5321 4.5.3.1).
const maxAddress = 64 + 1 + 255

// senderOf is the address by which the customer is known. A mail is stored
// whatever a sender writes: what is too long for an address is none.
func senderOf(in conversation.Incoming) string {
	for _, address := range []string{in.FromAddress, in.EnvelopeFrom} {
		if address != "" && len(address) <= maxAddress {
			return address
		}
	}
	return unknownSender
}

// conversationFor locks the conversation that the mail answers to, or makes a
// new one.
func (s *Store) conversationFor(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, in conversation.Incoming) (conversation.Conversation, error) {
	id, err := threadOf(ctx, tx, mailbox, slices.Concat(in.InReplyTo, in.References))
	if err != nil {
		return conversation.Conversation{}, err
	}
	if id != "" {
		c, _, err := lockConversation(ctx, tx, id)
		erased := errors.Is(err, pgx.ErrNoRows)
		if !erased && (err != nil || c.State != conversation.StateDeleted) {
			return c, err
		}
	}
	at, err := s.now(ctx, tx)
	if err != nil {
		return conversation.Conversation{}, err
	}
	customer, err := s.customerFor(ctx, tx, senderOf(in), in.FromName, at)
	if err != nil {
		return conversation.Conversation{}, err
	}
	c := conversation.Conversation{
		ID: conversation.ID(NewID()), MailboxID: mailbox, CustomerID: customer, Type: conversation.TypeEmail, Channel: conversation.ChannelEmail,
		Status: conversation.StatusActive, State: conversation.StatePublished, Subject: in.Subject,
		StartedBy: conversation.ActorCustomer, CreatedAt: at, UpdatedAt: at, StatusChangedAt: at,
	}
	return c, insertConversation(ctx, tx, &c)
}

// threadOf finds the conversation that one of the message ids belongs to: one of
// a message that was stored in this mailbox, or one of a mail that we sent from
// it, whose Message-ID begins with the delivery's id. Ids of other mailboxes
// count for nothing. Empty: none.
func threadOf(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, ids []string) (conversation.ID, error) {
	if len(ids) == 0 {
		return "", nil
	}
	var tokens []string
	for _, id := range ids {
		local, _, _ := strings.Cut(id, "@")
		if isID(local) {
			tokens = append(tokens, local)
		}
	}
	var id conversation.ID
	err := tx.QueryRow(ctx, `
		SELECT conversation_id FROM (
			SELECT conversation_id, created_at FROM messages WHERE message_id_header = ANY($1) AND mailbox_id = $2
			UNION ALL
			SELECT conversation_id, created_at FROM deliveries WHERE id = ANY($3::uuid[]) AND mailbox_id = $2 AND conversation_id IS NOT NULL
		) known ORDER BY created_at DESC LIMIT 1`, ids, mailbox, list(tokens)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return id, err
}

func insertRaw(ctx context.Context, tx pgx.Tx, m conversation.Message, in conversation.Incoming, sum []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO raw_mails (id, mailbox_id, message_id, message_id_header, sha256, envelope_from, recipients, raw, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		NewID(), m.MailboxID, m.ID, m.MessageIDHeader, sum, in.EnvelopeFrom, list(in.Recipients), in.Raw, m.CreatedAt)
	return err
}

func insertAttachments(ctx context.Context, tx pgx.Tx, message conversation.MessageID, files []conversation.Attachment) error {
	for _, f := range files {
		if _, err := tx.Exec(ctx, `INSERT INTO attachments (id, message_id, name, content_type, size, content, content_id, inline)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, NewID(), message, f.Name, f.ContentType, f.Size, orEmpty(f.Content), f.ContentID, f.Inline); err != nil {
			return err
		}
	}
	return nil
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
