package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// maxEvents is how many events one call of Advance reads.
const maxEvents = 50

// Conversation is one locked conversation inside the transaction of
// WithConversation. It must not be used after that has returned.
type Conversation struct {
	store *Store
	Tx    pgx.Tx
	row   conversation.Conversation
	dues  []automation.Due
	now   time.Time
	read  []conversation.Happened
	left  bool
	// until, when not zero, hides the messages that were written later.
	until time.Time
	// limits are those that Surroundings read.
	limits conversation.Limits
	// locked says that nobody else writes to it, and ahead is the history that was read
	// with the surroundings.
	locked bool
	ahead  *historyAhead
	// revision is that of the workflows of the mailbox revisionOf, empty when it is not
	// known, or when this transaction may have changed them.
	revision   string
	revisionOf conversation.MailboxID
	// erased says that Save erased it.
	erased bool
}

// WithConversation locks the conversation, then reads the time and up to 50
// events that are not handled yet, and calls do. What do saved is kept if it
// returns nil, else nothing is. do may be called again after a deadlock.
//
// Errors: errs.NotFound (no such conversation any longer), errs.Unavailable (try again),
// and those of do.
func (s *Store) WithConversation(ctx context.Context, id conversation.ID, do func(context.Context, *Conversation) error) error {
	erased, err := pg.InTxWith(ctx, s.db, "store.WithConversation", pg.PlannedOnce, func(tx pgx.Tx) (bool, error) {
		c := &Conversation{store: s, Tx: tx, locked: true}
		var err error
		if c.row, c.dues, err = tables.LockConversation(ctx, tx, id); err != nil {
			return false, err
		}
		if err := c.readEvents(ctx); err != nil {
			return false, err
		}
		err = do(ctx, c)
		return c.erased, err
	})
	if erased {
		s.db.Notifier.Push() // its deliveries are on their own now
	}
	return err
}

// readEvents reads the time and the events in one statement of its own, after
// the lock; the time alone when there is no event.
func (c *Conversation) readEvents(ctx context.Context) error {
	if c.row.HandledSeq == c.row.LastSeq {
		var err error
		c.now, err = c.store.db.Now(ctx, c.Tx)
		return err
	}
	rows, err := c.Tx.Query(ctx, readHappened+` WHERE e.conversation_id = $1 AND e.seq > $3 ORDER BY e.seq LIMIT $4`,
		c.row.ID, c.store.db.Offset(), c.row.HandledSeq, maxEvents)
	if err != nil {
		return err
	}
	c.read, err = pgx.CollectRows(rows, c.scanRead)
	if err != nil {
		return err
	}
	next := c.row.HandledSeq
	for _, r := range c.read {
		if next++; r.Event.Seq != next {
			return errs.New("store.readEvents", errs.Internal, "the events of a conversation have a gap")
		}
	}
	if len(c.read) == 0 {
		return errs.New("store.readEvents", errs.Internal, "the events of a conversation have a gap")
	}
	c.left = next < c.row.LastSeq
	return c.readMissed(ctx)
}

// readHappened is what scanRead reads; $2 is the store's offset.
const readHappened = `SELECT ` + tables.EventColumns + `, clock_timestamp() + $2::interval, m.id IS NOT NULL, ` + messageColumnsOrEmpty + `
	FROM events e LEFT JOIN messages m ON m.id = e.message_id`

func (c *Conversation) scanRead(row pgx.CollectableRow) (conversation.Happened, error) {
	var (
		has    bool
		m      conversation.Message
		quotes []int32
	)
	ev, err := tables.ScanEvent(row, &c.now, &has, &m.ID, &m.MailboxID, &m.Kind, &m.Author.Kind, &m.Author.ID, &m.From, &m.To, &m.Cc,
		&m.Subject, &m.Text, &m.HTML, &m.MessageIDHeader, &m.InReplyTo, &m.References, &m.Machine, &m.CreatedAt,
		&quotes, &m.Sender.Name, &m.Sender.Address, &m.Sender.ReplyTo, &m.Sender.Envelope, &m.Sender.Authentication, &m.Sender.Claimed,
		&m.Gaps.Text, &m.Gaps.Headers, &m.Gaps.Files, &m.Imported, &m.Bcc)
	m.Quotes = tables.SpansOf(quotes)
	if !has {
		return conversation.Happened{Event: ev}, err
	}
	m.ConversationID = ev.ConversationID
	return conversation.Happened{Event: ev, Message: &m}, err
}

// messageColumnsOrEmpty are the columns of a message that may not be there,
// without HTML: nobody looks at it, and 50 mails may hold 50 MB of it.
const messageColumnsOrEmpty = `coalesce(m.id::text, ''), coalesce(m.mailbox_id::text, ''), coalesce(m.kind, ''),
	coalesce(m.author_kind, ''),
	coalesce(m.author_id, ''), coalesce(m.from_address, ''), coalesce(m.to_addresses, '{}'), coalesce(m.cc_addresses, '{}'),
	coalesce(m.subject, ''), coalesce(m.body_text, ''), '', coalesce(m.message_id_header, ''),
	coalesce(m.in_reply_to, '{}'), coalesce(m.reference_ids, '{}'), coalesce(m.machine, ''), coalesce(m.created_at, 'epoch'),
	coalesce(m.quotes, '{}'), coalesce(m.sender_name, ''), coalesce(m.sender_address, ''), coalesce(m.reply_to, '{}'),
		coalesce(m.envelope_from, ''),
	coalesce(m.authentication, ''), coalesce(m.claimed, false), coalesce(m.text_gap, ''), coalesce(m.headers_gap, ''),
	coalesce(m.files_gap, ''),
	coalesce(m.imported, false), coalesce(m.bcc_addresses, '{}')`

// Now is the time read under the lock.
func (c *Conversation) Now() time.Time { return c.now }

// Row is the conversation as it is under the lock.
func (c *Conversation) Row() conversation.Conversation { return c.row }

// Dues is the due list as it was kept.
func (c *Conversation) Dues() []automation.Due { return c.dues }

// Events are the events to handle, in seq order; more says that others follow.
func (c *Conversation) Events() (events []conversation.Happened, more bool) { return c.read, c.left }

// oldestOrigin is the origin that lies farthest back of the events to handle.
func (c *Conversation) oldestOrigin() int64 {
	oldest := c.row.LastSeq + 1
	for _, h := range c.read {
		oldest = min(oldest, h.Event.OriginSeq())
	}
	return oldest
}

// Save writes the step and the deliveries. It may be called several times; each
// time it writes what it is given, on top of what it wrote before.
func (c *Conversation) Save(ctx context.Context, step runs.Step, out []delivery.Delivery) error {
	var handled *time.Time
	if step.Done {
		handled = &c.now
	}
	c.erased = c.erased || step.Erase != ""
	c.revision, c.ahead = "", nil
	if err := WriteStep(ctx, c.Tx, step, out, handled); err != nil || step.Erase != "" {
		return pg.Classify("store.Save", err)
	}
	return pg.Classify("store.Save", passOver(ctx, c.Tx, c.row.ID, step.PassedOver, c.now))
}

// Try calls do within a savepoint: when it fails, what it wrote is undone and
// the transaction continues.
func (c *Conversation) Try(ctx context.Context, do func() error) error {
	outer := c.Tx
	inner, err := outer.Begin(ctx)
	if err != nil {
		return pg.Classify("store.Try", err)
	}
	c.Tx = inner
	defer func() { c.Tx = outer }()
	if err := do(); err != nil {
		if undo := inner.Rollback(ctx); undo != nil {
			return pg.Classify("store.Try", undo)
		}
		return err
	}
	return pg.Classify("store.Try", inner.Commit(ctx))
}
