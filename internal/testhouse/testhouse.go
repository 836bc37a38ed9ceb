// Package testhouse gives a test a helpdesk on a Postgres of its own: a store whose
// clock can be moved on, a pool to look at its tables, and in one line each a mailbox, a
// user, a workflow and a mail.
//
// What fails ends the test. Everything is closed with the test.
package testhouse

import (
	"cmp"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store"
)

// House is a helpdesk without mailboxes and users.
type House struct {
	testing.TB
	Store *store.Store
	DSN   string
	Pool  *pgxpool.Pool // to look, and to break things
	ahead atomic.Int64  // nanoseconds that Later moved the clock on
}

// New opens a house. The changes are made to how its store is opened.
func New(t testing.TB, changes ...func(*store.Config)) *House {
	t.Helper()
	h := &House{TB: t, DSN: pgtest.New(t)}
	h.Store = h.Open(changes...)
	var err error
	h.Pool, err = pgxpool.New(t.Context(), h.DSN)
	Must(t, err)
	t.Cleanup(h.Pool.Close)
	return h
}

// Open opens one more store on the same database, as another process would. It has the
// clock of the house.
func (h *House) Open(changes ...func(*store.Config)) *store.Store {
	h.Helper()
	cfg := store.Config{DSN: h.DSN, Offset: func() time.Duration { return time.Duration(h.ahead.Load()) }}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := store.Open(h.Context(), cfg)
	Must(h, err)
	h.Cleanup(s.Close)
	return s
}

// Traced is a change for New and Open: what the store asks is seen.
func Traced(seen *Statements) func(*store.Config) {
	return func(cfg *store.Config) { cfg.Tracer = seen }
}

// Later moves the clock of the stores on.
func (h *House) Later(d time.Duration) { h.ahead.Add(int64(d)) }

// Now is the time by that clock, as far as this machine's agrees with the database's.
func (h *House) Now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// SetClock moves the clock to an instant.
func (h *House) SetClock(at time.Time) { h.ahead.Store(int64(time.Until(at))) }

// Must ends the test unless err is nil.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Got is Must for a call that returns a value too:
//
//	user := testhouse.Got(s.User(ctx, who, id))(t)
func Got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		Must(t, err)
		return v
	}
}

// Mailbox makes a mailbox of the address. A name alone stands for that name, with the
// address name@smarticks.test in lower case.
func (h *House) Mailbox(address string) conversation.Mailbox {
	h.Helper()
	name, _, isAddress := strings.Cut(address, "@")
	if !isAddress {
		address = strings.ToLower(name) + "@smarticks.test"
	}
	return Got(h.Store.CreateMailbox(h.Context(), access.System(), conversation.Mailbox{Name: name, Email: address, TimeZone: "UTC"}))(h)
}

// User makes a user of the name, with the address name@smarticks.test: an agent who is
// available and sees the mailboxes.
func (h *House) User(name string, mailboxes ...conversation.MailboxID) conversation.User {
	h.Helper()
	return h.Person(conversation.User{Name: name, Role: conversation.RoleAgent, Available: true, Mailboxes: mailboxes})
}

// Person makes a user as they are described. Without an address theirs is
// name@smarticks.test.
func (h *House) Person(u conversation.User) conversation.User {
	h.Helper()
	u.Email = cmp.Or(u.Email, strings.ToLower(u.Name)+"@smarticks.test")
	return Got(h.Store.CreateUser(h.Context(), access.System(), u))(h)
}

// Workflow makes a workflow, and publishes it in the mode. It is automatic and runs once
// in a conversation unless the definition says otherwise.
func (h *House) Workflow(mailbox conversation.MailboxID, mode automation.Mode, d automation.Definition) automation.Workflow {
	h.Helper()
	d.Type, d.MaxRuns = cmp.Or(d.Type, automation.TypeAutomatic), cmp.Or(d.MaxRuns, 1)
	return Got(h.Store.CreateDefinition(h.Context(), access.System(), mailbox, d, mode))(h)
}

// Mail receives a mail from Ann to the mailbox and returns its conversation.
func (h *House) Mail(to conversation.Mailbox, subject, body string, changes ...func(*conversation.Incoming)) conversation.ID {
	h.Helper()
	id := store.NewID()
	in := conversation.Incoming{
		EnvelopeFrom: "ann@example.com", Recipients: []string{to.Email}, Raw: []byte(id), FromName: "Ann Example", FromAddress: "ann@example.com",
		To: []string{to.Email}, Subject: subject, Text: body, MessageIDHeader: id + "@example.com",
	}
	for _, change := range changes {
		change(&in)
	}
	Must(h, h.Store.Receive(h.Context(), in))
	return conversation.ID(h.Text(`SELECT conversation_id FROM messages WHERE message_id_header = $1`, in.MessageIDHeader))
}

// Conversation reads a conversation.
func (h *House) Conversation(id conversation.ID) (c conversation.Conversation) {
	h.Helper()
	Must(h, h.Store.WithConversation(h.Context(), id, func(_ context.Context, sc *store.Conversation) error {
		c = sc.Row()
		return nil
	}))
	return c
}
