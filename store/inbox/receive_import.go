package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/directory"
)

// inHouse reports whether one of us wrote the mail. From alone proves it for mail that
// is brought over: whoever switches the import on feeds it.
func (w writer) inHouse() bool { return w.user != "" || w.ours }

// elsewhere is when a mail that is brought over was written: its Date, and now where
// that cannot be or is no date.
func elsewhere(in conversation.Incoming, now time.Time) time.Time {
	if _, at := dateOf(in); at.Year() >= 1980 && at.Before(now) {
		return at.UTC()
	}
	return now
}

// begunElsewhere makes c a conversation that was brought over, and returns its
// customer: who wrote the mail or, where one of us did, to whom.
func (s *Store) begunElsewhere(ctx context.Context, tx pgx.Tx, a *arrival, w writer, seen directory.SeenCustomer,
	c *conversation.Conversation) (conversation.CustomerID, error) {
	at := elsewhere(a.in, c.CreatedAt)
	c.Imported, c.CreatedAt, c.UpdatedAt, c.StatusChangedAt = true, at, at, at
	address, name := senderOf(a.in), a.in.FromName
	if w.inHouse() {
		c.StartedBy = conversation.ActorUser
		outside := func(to string) bool { return len(to) <= maxAddress && to != "" && !a.own.Has(to) }
		if i := slices.IndexFunc(a.in.To, outside); i >= 0 {
			address, name = a.in.To[i], ""
		}
	}
	return s.KnownCustomer(ctx, tx, seen, address, name, at)
}

// bringOver stores an old mail. All of it is handled already: nothing leaves the
// house, and nothing comes due.
func (s *Store) bringOver(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, a *arrival, c conversation.Conversation,
	begun bool, m conversation.Message, now time.Time,
) error {
	handled := c.HandledSeq == c.LastSeq
	updated, customer, agent := c.UpdatedAt, c.LastCustomerReplyAt, c.LastAgentReplyAt
	ed := conversation.Edit(&c, m.Author, conversation.Cause{}, elsewhere(a.in, now))
	ed.AddImported(&m)
	if m.Kind == conversation.MessageCustomer {
		ed.TakePart(m.Participants(a.own.Has))
	}
	// Old mails come in any order.
	c.UpdatedAt, c.LastCustomerReplyAt, c.LastAgentReplyAt = latest(c.UpdatedAt, updated), latest(c.LastCustomerReplyAt, customer),
		latest(c.LastAgentReplyAt, agent)
	if handled {
		c.HandledSeq = c.LastSeq
	}
	m.MailboxID = mailbox // also when the conversation has moved on since
	return s.writeReceived(ctx, tx, a, received{c: c, begun: begun, m: m, events: ed.Events()})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
