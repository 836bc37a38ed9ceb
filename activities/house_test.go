package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store"
)

// house is a helpdesk with one mailbox on a real Postgres: mails come in, Advance
// handles them, nothing is sent.
type house struct {
	t       *testing.T
	store   *store.Store
	pool    *pgxpool.Pool // to look, and to break things
	acts    *activities.Activities
	restart func() // as after a restart of the worker, which forgets all that it kept
	support conversation.Mailbox
	skip    *atomic.Int64 // nanoseconds that time was moved on
	log     *strings.Builder
	logs    *slog.Logger
	bot     conversation.User // whom an endpoint calls back as
}

func newHouse(t *testing.T, change ...func(*activities.Config)) *house {
	t.Helper()
	h := &house{t: t, skip: &atomic.Int64{}, log: &strings.Builder{}}
	dsn := pgtest.New(t)
	var err error
	h.store, err = store.Open(t.Context(), store.Config{DSN: dsn, Offset: func() time.Duration { return time.Duration(h.skip.Load()) }})
	must(t, err)
	t.Cleanup(h.store.Close)
	h.pool, err = pgxpool.New(t.Context(), dsn)
	must(t, err)
	t.Cleanup(h.pool.Close)
	cfg := activities.Config{
		Open: func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return h.store.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
		},
		Deliveries: h.store, Rollouts: h.store, NewID: store.NewID, Logger: h.logger(),
	}
	for _, c := range change {
		c(&cfg)
	}
	h.restart = func() { h.acts = activities.New(cfg) }
	h.restart()
	h.support = h.mailbox("support@smarticks.test")
	return h
}

// logger writes into the house's log. It is safe for concurrent use.
func (h *house) logger() *slog.Logger {
	if h.logs == nil {
		h.logs = slog.New(slog.NewTextHandler(h.log, nil))
	}
	return h.logs
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) mailbox(address string) conversation.Mailbox {
	h.t.Helper()
	name, _, _ := strings.Cut(address, "@")
	m, err := h.store.CreateMailbox(h.t.Context(), access.System(), conversation.Mailbox{Name: name, Email: address, TimeZone: "UTC"})
	must(h.t, err)
	return m
}

func (h *house) user(name string, mailboxes ...conversation.MailboxID) conversation.User {
	h.t.Helper()
	u, err := h.store.CreateUser(h.t.Context(), access.System(), conversation.User{
		Name: name, Email: name + "@smarticks.test", Role: conversation.RoleAgent, Available: true, Mailboxes: mailboxes,
	})
	must(h.t, err)
	return u
}

// workflow publishes a workflow of the support mailbox and switches it on.
func (h *house) workflow(d automation.Definition) automation.Workflow {
	h.t.Helper()
	return h.workflowIn(h.support.ID, automation.ModeOn, d)
}

func (h *house) workflowIn(mailbox conversation.MailboxID, mode automation.Mode, d automation.Definition) automation.Workflow {
	h.t.Helper()
	if d.Type == "" {
		d.Type = automation.TypeAutomatic
	}
	if d.MaxRuns == 0 {
		d.MaxRuns = 1
	}
	r, err := h.store.CreateDefinition(h.t.Context(), access.System(), mailbox, d, mode)
	must(h.t, err)
	return r
}

// rows is the conditions of a workflow: all of them must hold.
func rows(list ...automation.Condition) []automation.Group {
	groups := make([]automation.Group, len(list))
	for i, c := range list {
		groups[i] = automation.Group{Any: []automation.Condition{c}}
	}
	return groups
}

func row(field, op string, value any) automation.Condition {
	return automation.Condition{Field: field, Op: op, Value: value}
}

func tag(names ...string) automation.Action {
	return automation.Action{Do: automation.DoAddTags, Tags: names}
}

// mail receives a mail from ann and returns its conversation.
func (h *house) mail(subject, body string, change ...func(*conversation.Incoming)) conversation.ID {
	h.t.Helper()
	id := store.NewID()
	in := conversation.Incoming{
		EnvelopeFrom: "ann@example.com", Recipients: []string{h.support.Email}, Raw: []byte(id), FromName: "Ann Example", FromAddress: "ann@example.com",
		To: []string{h.support.Email}, Subject: subject, Text: body, MessageIDHeader: id + "@example.com",
	}
	for _, c := range change {
		c(&in)
	}
	must(h.t, h.store.Receive(h.t.Context(), in))
	var conv conversation.ID
	must(h.t, h.pool.QueryRow(h.t.Context(), `SELECT conversation_id FROM messages WHERE message_id_header = $1`, in.MessageIDHeader).Scan(&conv))
	return conv
}

// advance handles everything that there is to handle.
func (h *house) advance(id conversation.ID) activities.Advanced {
	h.t.Helper()
	var all activities.Advanced
	for range 20 {
		got, err := h.acts.Advance(h.t.Context(), activities.AdvanceInput{ConversationID: string(id)})
		must(h.t, err)
		got.Runs = append(all.Runs, got.Runs...)
		all = got
		if !all.More {
			return all
		}
	}
	h.t.Fatal("Advance never ends")
	return all
}

// rollOut brings the rollouts under way to their end.
func (h *house) rollOut() {
	h.t.Helper()
	for _, id := range h.column(`SELECT id::text FROM rollouts WHERE state = 'running' ORDER BY id`) {
		for state := "running"; state == "running"; {
			page, err := h.acts.RollOut(h.t.Context(), activities.RollOutInput{RolloutID: id})
			must(h.t, err)
			state = page.State
		}
	}
}

// later moves the clock of the store on.
func (h *house) later(d time.Duration) { h.skip.Add(int64(d)) }

func (h *house) conversation(id conversation.ID) conversation.Conversation {
	h.t.Helper()
	var c conversation.Conversation
	must(h.t, h.store.WithConversation(h.t.Context(), id, func(_ context.Context, sc *store.Conversation) error {
		c = sc.Row()
		return nil
	}))
	return c
}

// strings of one column.
func (h *house) column(sql string, args ...any) []string {
	h.t.Helper()
	r, err := h.pool.Query(h.t.Context(), sql, args...)
	must(h.t, err)
	defer r.Close()
	out := []string{}
	for r.Next() {
		v, err := r.Values()
		must(h.t, err)
		out = append(out, fmt.Sprint(v[0]))
	}
	must(h.t, r.Err())
	return out
}

// deliveries of a conversation, in their order.
func (h *house) deliveries(id conversation.ID) []delivery.Delivery {
	h.t.Helper()
	var out []delivery.Delivery
	for _, d := range h.column(`SELECT id::text FROM deliveries WHERE conversation_id = $1 ORDER BY seq, id`, id) {
		taken, err := h.store.Take(h.t.Context(), delivery.ID(d), 0)
		must(h.t, err)
		out = append(out, taken.Delivery)
	}
	return out
}

// did says what a run's actions came to: name of the workflow, its state, and
// the actions' states.
func (h *house) did(id conversation.ID) []string {
	h.t.Helper()
	return h.column(`SELECT r.name || ' ' || r.state || coalesce((SELECT string_agg(' ' || a.do_kind || '=' || a.state, '' ORDER BY a.index)
		FROM run_actions a WHERE a.run_id = r.id), '') FROM runs r WHERE r.conversation_id = $1 ORDER BY r.seq, r.id`, id)
}
