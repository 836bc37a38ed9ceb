package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Receive stores a mail in every mailbox that it was sent to: the raw bytes, the
// message, the event and the outbox row, all or nothing. It joins the
// conversation that the mail answers to, or begins a new one. A second call with
// the same mail, however it came, finds the first and changes nothing.
//
// Errors: errs.NotFound (no recipient is ours), errs.Unavailable (try again).
func (s *Store) Receive(ctx context.Context, in conversation.Incoming) error {
	const op = "store.Receive"
	stored, err := pg.InTxWith(ctx, s.db, op, pg.PlannedOnce, func(tx pgx.Tx) (bool, error) {
		a, err := arrive(ctx, tx, in)
		if err != nil {
			return false, err
		}
		if len(a.mailboxes) == 0 {
			return false, errs.New(op, errs.NotFound, "no such mailbox")
		}
		stored := false
		for _, id := range a.mailboxes {
			fresh, err := s.receiveIn(ctx, tx, id, a)
			if err != nil {
				return false, err
			}
			stored = stored || fresh
		}
		return stored, nil
	})
	if stored {
		s.db.Notifier.Push()
	}
	return err
}

// arrival is a mail on its way in.
type arrival struct {
	in        conversation.Incoming
	identity  []byte // the same for each copy of the mail
	sum       [sha256.Size]byte
	own       engine.OwnKeys                                       // which of the addresses in it are ours
	mailboxes []conversation.MailboxID                             // that it goes to, in the order in which they are locked
	settings  map[conversation.MailboxID]conversation.MailSettings // of them, but for aliases
}

// maxAsked is how many addresses of a mail's header are looked up.
const maxAsked = 300

// arrive finds out which of a mail's addresses are ours. Mails of which one answers
// the other, and copies of one mail, go one after another from here on: each sees
// what the one before it has written.
func arrive(ctx context.Context, tx pgx.Tx, in conversation.Incoming) (*arrival, error) {
	a := &arrival{in: in, identity: identityOf(in), sum: sha256.Sum256(in.Raw), own: engine.OwnKeys{},
		settings: map[conversation.MailboxID]conversation.MailSettings{}}
	asked := slices.Concat([]string{in.FromAddress, in.Sender.Address}, in.To, in.Cc)
	var keys []string
	for _, address := range slices.Concat(in.Recipients, asked[:min(len(asked), maxAsked)]) {
		keys = append(keys, conversation.AddressKeys(address)...)
	}
	rows, err := tx.Query(ctx, `
		WITH one_by_one AS MATERIALIZED (
			SELECT pg_advisory_xact_lock(id) FROM (SELECT DISTINCT unnest($2::bigint[]) AS id ORDER BY id) ids)
		SELECT a.email_key, mb.id, mb.personal_senders, mb.import_mode, mb.mail_answers
		FROM (SELECT count(*) FROM one_by_one) locked, mailbox_addresses a JOIN mailboxes mb ON mb.id = a.mailbox_id WHERE a.email_key = ANY
		($1)`,
		keys, locksOf(in))
	if err != nil {
		return nil, err
	}
	var key string
	var mailbox conversation.MailboxID
	var set conversation.MailSettings
	if _, err := pgx.ForEachRow(rows, []any{&key, &mailbox, &set.PersonalSenders, &set.ImportMode, &set.Answers}, func() error {
		a.own[key], a.settings[mailbox] = mailbox, set
		return nil
	}); err != nil {
		return nil, err
	}
	for _, r := range in.Recipients {
		if id, ok := a.own.Mailbox(r); ok {
			a.mailboxes = append(a.mailboxes, id)
		}
	}
	slices.Sort(a.mailboxes)
	a.mailboxes = slices.Compact(a.mailboxes)
	return a, nil
}

// maxLocks is how many of the mails that a mail answers are locked.
const maxLocks = 4

// locksOf are the locks of a mail: its own, and those of what it answers.
func locksOf(in conversation.Incoming) []int64 {
	ids := append([]string{in.MessageIDHeader}, in.InReplyTo[:min(len(in.InReplyTo), maxLocks)]...)
	if n := len(in.References); n > 0 {
		ids = append(ids, in.References[n-1])
	}
	locks := make([]int64, len(ids))
	for i, id := range ids {
		sum := sha256.Sum256([]byte("mail " + id))
		locks[i] = int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any number will do
	}
	return locks
}

// identityOf is the same for each copy of a mail: a path adds trace fields, a
// list's footer, a tag to the subject, but leaves Message-ID, From and Date. Nil:
// nothing tells a copy from another mail but the bytes.
func identityOf(in conversation.Incoming) []byte {
	date, at := dateOf(in)
	if date == "" || in.MessageIDHeader == "" {
		return nil
	}
	if !at.IsZero() {
		date = strconv.FormatInt(at.Unix(), 10)
	}
	from := conversation.AddressKey(cmp.Or(in.Sender.Address, in.FromAddress))
	sum := sha256.Sum256([]byte(in.MessageIDHeader + "\x00" + from + "\x00" + date))
	return sum[:]
}

// dateOf is the mail's Date as it was written, and as an instant; zero when it is
// none.
func dateOf(in conversation.Incoming) (string, time.Time) {
	for _, h := range in.Headers {
		if strings.EqualFold(h.Name, "Date") {
			date := strings.Join(strings.Fields(h.Value), " ")
			at, err := mail.ParseDate(date)
			if err != nil {
				return date, time.Time{}
			}
			return date, at
		}
	}
	return "", time.Time{}
}

// receiveIn stores the mail in one mailbox; false: it is there already.
func (s *Store) receiveIn(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, a *arrival) (bool, error) {
	in, set := a.in, a.settings[mailbox]
	w := writerOf(in)
	found, err := s.lookUp(ctx, tx, mailbox, a, w)
	if err != nil || found.known {
		return false, err
	}
	w.user, w.personal, w.importing, w.ours = found.user, isPersonal(set.PersonalSenders, w.from, w.person), set.ImportMode, a.own.Has(w.from)
	c, joined, at, err := s.joinOrBegin(ctx, tx, mailbox, a, w, found)
	if err != nil {
		return false, err
	}
	m := conversation.Message{
		ID:   conversation.MessageID(pg.NewID()),
		From: in.FromAddress, To: in.To, Cc: in.Cc, Subject: in.Subject, Text: in.Text, HTML: in.HTML,
		MessageIDHeader: in.MessageIDHeader, InReplyTo: in.InReplyTo, References: in.References,
		Machine: machineOf(in, w, joined), Problem: in.Problem, Quotes: in.Quotes, Sender: in.Sender, Gaps: in.Gaps,
	}
	if m.Kind, m.Author, err = s.authorOf(ctx, tx, c, in, w, joined, found.customer, at); err != nil {
		return false, err
	}
	if m.Kind == conversation.MessageNote && set.Answers == conversation.AnswersReply {
		if err := answersCustomer(ctx, tx, c, &m); err != nil {
			return false, err
		}
	}
	if w.importing {
		return true, s.bringOver(ctx, tx, mailbox, a, c, joined == nil, m, at)
	}
	var cause conversation.Cause
	if m.Machine.GivesBack() {
		cause = engine.CauseIn(found.causeKey, c, in.Marks)
	}
	if m.GivesBack, err = bounced(ctx, tx, &c, in, at); err != nil {
		return false, err
	}
	ed := conversation.Edit(&c, m.Author, cause, at)
	ed.AddMessage(&m)
	if m.Kind == conversation.MessageCustomer {
		ed.TakePart(m.Participants(a.own.Has))
	}
	m.MailboxID = mailbox // also when the conversation has moved on since
	return true, s.writeReceived(ctx, tx, a, received{c: c, begun: joined == nil, m: m, events: ed.Events(), wakes: true})
}

// joinOrBegin locks the conversation that the mail belongs to, or makes a new one,
// which is still to be written, and says when. One that somebody deleted in the
// meantime is none.
func (s *Store) joinOrBegin(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, a *arrival, w writer, found lookedUp) (
	conversation.Conversation, *candidate, time.Time, error,
) {
	for {
		joined, linked, because := found.choose(w)
		if joined == nil {
			c, err := s.begin(ctx, tx, mailbox, a, w, found, linked, because)
			return c, nil, found.at, err
		}
		id := joined.id
		c, at, err := s.lockForMail(ctx, tx, id)
		switch {
		case err == nil && c.State != conversation.StateDeleted:
			return c, joined, at, nil
		case err == nil:
			joined.deleted = true
		case pg.IsNoRows(err):
			found.candidates = slices.DeleteFunc(found.candidates, func(other candidate) bool { return other.id == id })
		default:
			return c, nil, at, err
		}
	}
}

// lockForMail locks the conversation and reads it and, once it is locked, the time.
// (Beside FOR NO KEY UPDATE itself the clock would be read before the wait.)
func (s *Store) lockForMail(ctx context.Context, tx pgx.Tx, id conversation.ID) (conversation.Conversation, time.Time, error) {
	var at time.Time
	c, err := tables.ScanConversation(tx.QueryRow(ctx, `
		WITH locked AS MATERIALIZED (SELECT c.* FROM conversations c WHERE c.id = $1 AND c.erased_at IS NULL FOR NO KEY UPDATE)
		SELECT `+tables.ConversationColumns+`, clock_timestamp() + $2::interval FROM locked c`, id, s.db.Offset()), &at)
	return c, at, err
}

// begin makes a new conversation with whoever wrote the mail.
func (s *Store) begin(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, a *arrival, w writer, found lookedUp,
	linked conversation.ID, because conversation.Linked,
) (c conversation.Conversation, err error) {
	at := found.at
	c = conversation.Conversation{
		ID: conversation.ID(pg.NewID()), MailboxID: mailbox, Type: conversation.TypeEmail, Channel: conversation.ChannelEmail,
		Status: conversation.StatusActive, State: conversation.StatePublished, Subject: a.in.Subject, LinkedID: linked, LinkedBecause: because,
		StartedBy: conversation.ActorCustomer, CreatedAt: at, UpdatedAt: at, StatusChangedAt: at,
	}
	if w.importing {
		c.CustomerID, err = s.begunElsewhere(ctx, tx, a, w, found.customer, &c)
	} else {
		c.CustomerID, err = s.CustomerFor(ctx, tx, found.customer, senderOf(a.in), a.in.FromName, at)
	}
	return c, err
}
