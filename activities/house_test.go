package activities_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// house is a helpdesk with one mailbox on a real Postgres: mails come in, Advance
// handles them, nothing is sent.
type house struct {
	*testhouse.House
	acts    *activities.Activities
	restart func() // as after a restart of the worker, which forgets all that it kept
	support conversation.Mailbox
	log     testhouse.Log
	logs    *slog.Logger
	bot     conversation.User // whom an endpoint calls back as
}

func newHouse(t *testing.T, change ...func(*activities.Config)) *house {
	t.Helper()
	h := &house{House: testhouse.New(t)}
	h.logs = slog.New(slog.NewTextHandler(&h.log, nil))
	cfg := activities.Config{
		Open:       opens(h.Store),
		Deliveries: h.Store, Rollouts: h.Store, NewID: store.NewID, Logger: h.logs,
	}
	for _, c := range change {
		c(&cfg)
	}
	h.restart = func() { h.acts = activities.New(cfg) }
	h.restart()
	h.support = h.Mailbox("support")
	return h
}

// opens is how the activities come to a conversation of the store.
func opens(s *store.Store) func(context.Context, conversation.ID, func(context.Context, activities.Conversation) error) error {
	return func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
		return s.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
	}
}

// workflow publishes a workflow of the support mailbox and switches it on.
func (h *house) workflow(d automation.Definition) automation.Workflow {
	h.Helper()
	return h.Workflow(h.support.ID, automation.ModeOn, d)
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

// mail receives a mail from Ann to the support mailbox and returns its conversation.
func (h *house) mail(subject, body string, change ...func(*conversation.Incoming)) conversation.ID {
	h.Helper()
	return h.Mail(h.support, subject, body, change...)
}

// advance handles everything that there is to handle.
func (h *house) advance(id conversation.ID) activities.Advanced {
	h.Helper()
	var all activities.Advanced
	for range 20 {
		got, err := h.acts.Advance(h.Context(), activities.AdvanceInput{ConversationID: string(id)})
		testhouse.Must(h, err)
		got.Runs = append(all.Runs, got.Runs...)
		all = got
		if !all.More {
			return all
		}
	}
	h.Fatal("Advance never ends")
	return all
}

// rollOut brings the rollouts under way to their end.
func (h *house) rollOut() {
	h.Helper()
	for _, id := range h.Column(`SELECT id::text FROM rollouts WHERE state = 'running' ORDER BY id`) {
		for state := "running"; state == "running"; {
			page, err := h.acts.RollOut(h.Context(), activities.RollOutInput{RolloutID: id})
			testhouse.Must(h, err)
			state = page.State
		}
	}
}

// deliveries of a conversation, in their order.
func (h *house) deliveries(id conversation.ID) []delivery.Delivery {
	h.Helper()
	var out []delivery.Delivery
	for _, d := range h.Column(`SELECT id::text FROM deliveries WHERE conversation_id = $1 ORDER BY seq, id`, id) {
		taken, err := h.Store.Take(h.Context(), delivery.ID(d), 0)
		testhouse.Must(h, err)
		out = append(out, taken.Delivery)
	}
	return out
}

// did says what a run's actions came to: name of the workflow, its state, and
// the actions' states.
func (h *house) did(id conversation.ID) []string {
	h.Helper()
	return h.Column(`SELECT r.name || ' ' || r.state || coalesce((SELECT string_agg(' ' || a.do_kind || '=' || a.state, '' ORDER BY a.index)
		FROM run_actions a WHERE a.run_id = r.id), '') FROM runs r WHERE r.conversation_id = $1 ORDER BY r.seq, r.id`, id)
}
