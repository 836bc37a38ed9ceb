package inbox

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// OpenConversation makes a conversation with its first message, its event and the
// outbox row, all or nothing; a customer who is not known is made too. One that is
// imported comes with all of its messages and is handled at once: no workflow looks at
// it and nobody is told. The repeat of a request with a key returns the conversation
// of the first.
//
// Errors: errs.Invalid (with problems; a mailbox that the caller does not see is
// one that does not exist), errs.Conflict (the key), errs.Unavailable.
func (s *Store) OpenConversation(ctx context.Context, who access.Caller, in conversation.Opening) (conversation.Record, error) {
	const op = "store.OpenConversation"
	if err := cleanOpening(op, &in); err != nil {
		return conversation.Record{}, err
	}
	r, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Record, error) {
		at, err := s.db.Now(ctx, tx)
		if err != nil {
			return conversation.Record{}, err
		}
		id := conversation.ID(pg.NewID())
		first, err := pg.Once(ctx, tx, who, string(id), at)
		if err != nil {
			return conversation.Record{}, err
		}
		if first != "" {
			return tables.ReadRecord(ctx, tx, conversation.ID(first))
		}
		if err := s.open(ctx, tx, op, who, id, in, at); err != nil {
			return conversation.Record{}, err
		}
		return tables.ReadRecord(ctx, tx, id)
	})
	if err != nil {
		return conversation.Record{}, err
	}
	s.db.Notifier.Push()
	// The conversation of a repeat may have been moved away from the caller since.
	if err := who.In(access.ReadConversation, r.MailboxID); err != nil {
		return conversation.Record{}, err
	}
	return r, nil
}

func (s *Store) open(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id conversation.ID, in conversation.Opening,
	now time.Time) error {
	mailbox, address, err := openingMailbox(ctx, tx, op, who, in)
	if err != nil {
		return err
	}
	if err := openingTimes(op, &in, now); err != nil {
		return err
	}
	customer, err := s.openingCustomer(ctx, tx, op, who, &in, now)
	if err != nil {
		return err
	}
	begins, users, err := openingUsers(ctx, tx, op, mailbox, in, now)
	if err != nil {
		return err
	}
	c := conversation.Conversation{
		ID: id, MailboxID: mailbox, CustomerID: customer, Type: in.Type, Channel: in.Channel, Imported: in.Imported,
		Status: conversation.StatusActive, State: conversation.StatePublished, Subject: in.Subject,
		StartedBy: in.StartedBy, CreatedAt: in.CreatedAt, UpdatedAt: in.CreatedAt, StatusChangedAt: in.CreatedAt,
	}
	if err := tables.InsertConversation(ctx, tx, &c); err != nil {
		return err
	}
	cause, err := s.CauseOf(ctx, tx, c, who.Cause)
	if err != nil {
		return err
	}
	ed := conversation.Edit(&c, who.Actor(), cause, in.CreatedAt)
	var messages []conversation.Message
	for i, brought := range openingMessages(who, in) {
		m := conversation.Message{ID: conversation.MessageID(pg.NewID()), Kind: brought.Kind, Subject: in.Subject, Text: brought.Body,
			Imported: in.Imported}
		switch {
		case m.Kind == conversation.MessageCustomer:
			m.Author = conversation.Actor{Kind: conversation.ActorCustomer, ID: string(customer)}
			m.From, m.To = in.CustomerEmail, []string{address}
		case brought.Author == string(who.User.ID):
			m.Author = who.Actor()
		default:
			m.Author = conversation.Actor{Kind: conversation.ActorAPI}
			if id, known := users[userKey(brought.Author)]; known {
				m.Author = conversation.Actor{Kind: conversation.ActorUser, ID: id}
			}
		}
		if m.Kind == conversation.MessageReply {
			m.From, m.To = address, []string{in.CustomerEmail}
		}
		ed.At(brought.At)
		if i == 0 {
			ed.Begin(&m, begins)
		} else {
			ed.AddMessageOf(&m)
		}
		if m.Kind == conversation.MessageCustomer {
			ed.TakePart(m.Participants(func(key string) bool { return key == conversation.AddressKey(address) }))
		}
		messages = append(messages, m)
	}
	if in.Imported {
		c.HandledSeq = c.LastSeq
	}
	if err := engine.WriteStep(ctx, tx, runs.Step{Conversation: c, Events: ed.Events(), Messages: messages}, nil, nil); err != nil ||
		in.Imported {
		return err
	}
	return s.db.WakeConversation(ctx, tx, id, c.LastSeq, false)
}

// openingMessages are what the conversation begins with. What a user began is the
// caller's: by mail a reply, any other way a note of what was said.
func openingMessages(who access.Caller, in conversation.Opening) []conversation.OpeningMessage {
	m := conversation.OpeningMessage{Kind: conversation.MessageCustomer, Body: in.Body, At: in.CreatedAt}
	switch {
	case len(in.Messages) > 0:
		return in.Messages
	case in.StartedBy != conversation.ActorUser:
	case in.Type == conversation.TypeEmail:
		m.Kind, m.Author = conversation.MessageReply, string(who.User.ID)
	default:
		m.Kind, m.Author = conversation.MessageNote, string(who.User.ID)
	}
	return []conversation.OpeningMessage{m}
}

// openingTimes fills in the times, and refuses those that have not come yet or
// contradict each other.
func openingTimes(op string, in *conversation.Opening, now time.Time) error {
	var p pg.Problems
	past := func(path string, at time.Time) {
		if at.After(now) || at.Year() < 1970 {
			p.Add(path, "this must be an instant in the past")
		}
	}
	if in.CreatedAt.IsZero() && len(in.Messages) > 0 {
		in.CreatedAt = in.Messages[0].At
	}
	if in.CreatedAt.IsZero() {
		in.CreatedAt = now
	}
	in.CreatedAt = in.CreatedAt.UTC().Truncate(time.Microsecond)
	past("created_at", in.CreatedAt)
	last := in.CreatedAt
	for i := range in.Messages {
		m := &in.Messages[i]
		m.At = m.At.UTC().Truncate(time.Microsecond)
		past(pg.At("messages", i)+".created_at", m.At)
		if m.At.Before(last) {
			p.Add(pg.At("messages", i)+".created_at", "this is before the message above it, or before the conversation began: the oldest "+
				"stands first")
		}
		last = m.At
	}
	if in.ClosedAt.IsZero() {
		in.ClosedAt = last
	}
	in.ClosedAt = in.ClosedAt.UTC().Truncate(time.Microsecond)
	past("closed_at", in.ClosedAt)
	if in.ClosedAt.Before(last) {
		p.Add("closed_at", "this is before the last message")
	}
	return p.Err(op)
}

// openingCustomer finds the customer, or makes one.
func (s *Store) openingCustomer(ctx context.Context, tx pgx.Tx, op string, who access.Caller, in *conversation.Opening,
	at time.Time) (conversation.CustomerID, error) {
	switch {
	case in.CustomerID != "":
		c, err := tables.ScanCustomer(tx.QueryRow(ctx,
			`SELECT `+tables.CustomerColumns+` FROM customers c WHERE c.id = $3 AND `+directory.SeesCustomer,
			who.All(), pg.MailboxIDs(who), in.CustomerID))
		if errors.Is(err, pgx.ErrNoRows) {
			return "", errs.Bad(op, "validation failed", []errs.Problem{{Path: "customer.id", Message: "there is no such customer"}})
		}
		in.CustomerEmail = c.Email()
		return c.ID, err
	case in.CustomerEmail == "":
		return s.CustomerWithoutAddress(ctx, tx, *in, at)
	}
	find := s.CustomerFor
	if in.Imported {
		find = s.KnownCustomer
	}
	id, err := find(ctx, tx, directory.SeenCustomer{}, in.CustomerEmail, in.CustomerName, at)
	if err == nil && in.CustomerPhone != "" {
		_, err = tx.Exec(ctx, `UPDATE customers SET phone = $2 WHERE id = $1 AND phone = ''`, id, in.CustomerPhone)
	}
	return id, err
}

// openingUsers looks up who is named, and makes what the conversation begins with.
func openingUsers(ctx context.Context, tx pgx.Tx, op string, mailbox conversation.MailboxID, in conversation.Opening,
	now time.Time) (conversation.Beginning, map[string]string, error) {
	b := conversation.Beginning{Status: in.Status, StatusAt: in.ClosedAt, Tags: in.Tags}
	if !in.Imported {
		b.StatusAt = time.Time{}
	}
	if len(in.Fields) > 0 {
		bare := conversation.Conversation{MailboxID: mailbox}
		if err := tables.ChangeFields(ctx, tx, op, mailbox, conversation.Edit(&bare, conversation.Actor{}, conversation.Cause{}, now),
			in.Fields); err != nil {
			return b, nil, err
		}
		b.Fields = bare.Fields
	}
	named := map[string]string{} // the key of a user to the path where they stand
	if in.Assignee != "" {
		named[userKey(in.Assignee)] = "assignee_id"
	}
	for i, m := range in.Messages {
		if m.Author != "" {
			named[userKey(m.Author)] = pg.At("messages", i) + ".author"
		}
	}
	users := map[string]string{}
	if len(named) == 0 {
		return b, users, nil
	}
	keys := make([]string, 0, len(named))
	for key := range named {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	rows, err := tx.Query(ctx, `SELECT u.id::text, u.email_key, u.role = 'admin' OR EXISTS (SELECT 1 FROM memberships m WHERE m.user_id =
		u.id AND m.mailbox_id = $2)
		FROM users u WHERE u.id::text = ANY($1) OR u.email_key = ANY($1)`, keys, mailbox)
	if err != nil {
		return b, nil, err
	}
	sees := map[string]bool{}
	var id, email string
	var member bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &email, &member}, func() error {
		users[id], users[email], sees[id] = id, id, member
		return nil
	}); err != nil {
		return b, nil, err
	}
	var p pg.Problems
	for _, key := range keys {
		if users[key] == "" {
			p.Add(named[key], "there is no such user: give an id or an address")
		}
	}
	if in.Assignee != "" {
		b.AssigneeID = conversation.UserID(users[userKey(in.Assignee)])
		if b.AssigneeID != "" && !sees[string(b.AssigneeID)] {
			p.Add("assignee_id", "this user is not a member of the mailbox")
		}
	}
	return b, users, p.Err(op)
}

// userKey is what users are named by: an id, or an address.
func userKey(named string) string { return conversation.AddressKey(named) }

func cleanOpening(op string, in *conversation.Opening) error {
	var p pg.Problems
	switch {
	case (in.MailboxID == "") == (in.Address == ""):
		p.Add("mailbox_id", "give mailbox_id or mailbox, one of the two")
	case in.MailboxID != "" && !pg.IsID(in.MailboxID):
		p.Add("mailbox_id", pg.NoSuchMailbox)
	}
	cleanOpeningCustomer(&p, in)
	in.Subject = p.Line("subject", in.Subject, 0, conversation.MaxSubjectLength)
	if !slices.Contains(conversation.Types, in.Type) {
		p.Add("type", "this is no type of conversation")
	}
	// How it came to us says where it came in, unless somebody knows better.
	in.Channel = cmp.Or(in.Channel, conversation.Channel(in.Type))
	if !slices.Contains(conversation.Channels, in.Channel) {
		p.Add("channel", "this is no channel")
	}
	in.StartedBy = cmp.Or(in.StartedBy, conversation.ActorAPI)
	if !slices.Contains(conversation.Starters, in.StartedBy) {
		p.Add("started_by", "this is nobody who can start a conversation by the API")
	}
	if in.Status != "" && !slices.Contains(conversation.Statuses, in.Status) {
		p.Add("status", "this is no status")
	}
	p.Tags(in.Tags)
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		if conversation.CheckFieldName(name) != "" {
			p.Add("fields."+name, "this mailbox has no such field")
		}
	}
	cleanOpeningMessages(&p, in)
	return p.Err(op)
}

// cleanOpeningCustomer wants an address where mail is to go.
func cleanOpeningCustomer(p *pg.Problems, in *conversation.Opening) {
	in.CustomerName = p.Line("customer.name", in.CustomerName, 0, 2*conversation.MaxCustomerName)
	in.CustomerPhone = p.Line("customer.phone", in.CustomerPhone, 0, conversation.MaxCustomerName)
	switch {
	case in.CustomerID != "":
		if in.CustomerEmail+in.CustomerName+in.CustomerPhone != "" {
			p.Add("customer.id", "give the id of a customer who is known, or who they are, not both")
		} else if !pg.IsID(in.CustomerID) {
			p.Add("customer.id", "there is no such customer")
		}
	case in.CustomerEmail != "" || in.Type == conversation.TypeEmail:
		in.CustomerEmail = p.Address("customer.email", in.CustomerEmail)
	case in.CustomerName == "" && in.CustomerPhone == "":
		p.Add("customer", "give an email, or a name or a phone of somebody who has none")
	}
}

// cleanOpeningMessages looks at the first message, or at those that are brought over.
func cleanOpeningMessages(p *pg.Problems, in *conversation.Opening) {
	if !in.Imported && (len(in.Messages) > 0 || !in.CreatedAt.IsZero() || !in.ClosedAt.IsZero()) {
		p.Add("imported", "only a conversation that is brought over has its own created_at, closed_at and messages: say imported")
	}
	if !in.ClosedAt.IsZero() && in.Status != conversation.StatusClosed {
		p.Add("closed_at", "the status is not closed")
	}
	if len(in.Messages) > conversation.MaxOpeningMessages {
		p.Add("messages", "these are too many")
		return
	}
	if (len(in.Messages) == 0) == (strings.TrimSpace(in.Body) == "") {
		p.Add("body", "this must not be empty; or give messages instead, not both")
	}
	for i, m := range in.Messages {
		if strings.TrimSpace(m.Body) == "" {
			p.Add(pg.At("messages", i)+".body", "this must not be empty")
		}
		if m.Kind != conversation.MessageCustomer && m.Kind != conversation.MessageReply && m.Kind != conversation.MessageNote {
			p.Add(pg.At("messages", i)+".kind", "this must be customer, reply or note")
		}
		if m.Kind == conversation.MessageCustomer && m.Author != "" {
			p.Add(pg.At("messages", i)+".author", "the customer wrote it: leave it out")
		}
	}
}

func openingMailbox(ctx context.Context, tx pgx.Tx, op string, who access.Caller, in conversation.Opening) (conversation.MailboxID,
	string, error) {
	path := "mailbox_id"
	if in.Address != "" {
		path = "mailbox"
	}
	rows, err := tx.Query(ctx, `SELECT id, email FROM mailboxes WHERE id = $1 OR id = (SELECT mailbox_id FROM mailbox_addresses
		WHERE email_key = ANY ($2::text[]) ORDER BY array_position($2::text[], email_key) LIMIT 1)`, pg.NullID(in.MailboxID),
		conversation.AddressKeys(in.Address))
	if err != nil {
		return "", "", err
	}
	var id conversation.MailboxID
	var address string
	if _, err := pgx.ForEachRow(rows, []any{&id, &address}, func() error { return nil }); err != nil {
		return "", "", err
	}
	if id == "" || who.In(access.WriteConversation, id) != nil {
		return "", "", errs.Bad(op, "validation failed", []errs.Problem{{Path: path, Message: pg.NoSuchMailbox}})
	}
	return id, address, nil
}
