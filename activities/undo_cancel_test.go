package activities_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// What was not attempted yet is cancelled and is never sent; what is under way and
// what was sent is told.
func TestAnUndoCancelsWhatWasNotSentYet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.User("Bob", h.support.ID)
	notify := automation.Action{Do: automation.DoNotify, To: []string{string(bob.ID)}, Body: "look"}
	h.does(notify, automation.Action{Do: automation.DoReply, Body: "Hello"},
		automation.Action{Do: automation.DoWebhook, URL: "https://erp.example/x"})
	id := h.mail("Hello", "")
	h.advance(id)
	sent, mail, hook := h.deliveryOf(id, delivery.KindNotify), h.deliveryOf(id, delivery.KindReply), h.deliveryOf(id, delivery.KindWebhook)
	taken, err := h.Store.Take(t.Context(), sent, time.Minute)
	testhouse.Must(t, err)
	testhouse.Must(t, h.Store.Finish(t.Context(),
		delivery.Ended{ID: sent, Attempt: taken.Delivery.Attempts, Result: delivery.Result{State: delivery.AttemptSent},
			State: delivery.StateSent}))
	if taken, err = h.Store.Take(t.Context(), hook, time.Minute); err != nil || !taken.OK {
		t.Fatalf("%+v, %v", taken, err)
	}

	done := h.undo(as(bob), h.runOf(id, automation.TriggerEvent))

	if d := cmp.Diff([]string{"done", "notify=cannot", "reply=cancelled", "webhook=cannot"}, outcomes(done)); d != "" {
		t.Error(d)
	}
	for i, words := range []string{"the mail was sent", "the mail is not sent", "at this moment"} {
		if !strings.Contains(done.Actions[i].Reason, words) {
			t.Errorf("%s: %q", done.Actions[i].Do, done.Actions[i].Reason)
		}
	}
	if taken, err = h.Store.Take(t.Context(), mail, time.Minute); err != nil || taken.OK || taken.Delivery.State != delivery.StateCancelled {
		t.Errorf("the reply: %+v, %v", taken.Delivery.State, err)
	}
	if got := h.advance(id); slices.ContainsFunc(got.Deliveries, func(d activities.DeliveryWaiting) bool { return d.ID == string(mail) }) {
		t.Errorf("the reply still waits: %+v", got.Deliveries)
	}
}

// An attempt that begins between the plan and the cancelling wins.
func TestADeliveryThatIsTakenMeanwhileIsNotCancelled(t *testing.T) {
	t.Parallel()
	var h *house
	var takeFirst delivery.ID
	h = newHouse(t, func(cfg *activities.Config) {
		open := cfg.Open
		cfg.Open = func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return open(ctx, id, func(ctx context.Context, c activities.Conversation) error {
				return do(ctx, taking{c, func() {
					taken, err := h.Store.Take(ctx, takeFirst, time.Minute)
					if err != nil || !taken.OK {
						t.Errorf("%+v, %v", taken, err)
					}
				}})
			})
		}
	})
	bob := h.User("Bob", h.support.ID)
	h.does(tag("a"), automation.Action{Do: automation.DoReply, Body: "Hello"})
	id := h.mail("Hello", "")
	h.advance(id)
	takeFirst = h.deliveryOf(id, delivery.KindReply)
	done := h.undo(as(bob), h.runOf(id, automation.TriggerEvent))
	if d := cmp.Diff([]string{"done", "add_tags=undone", "reply=cannot"}, outcomes(done)); d != "" {
		t.Error(d)
	}
}

// taking lets somebody take a delivery right before it would be cancelled.
type taking struct {
	activities.Conversation
	take func()
}

func (c taking) Cancel(ctx context.Context, ids []string, reason string) ([]string, error) {
	c.take()
	return c.Conversation.Cancel(ctx, ids, reason)
}

func (h *house) deliveryOf(id conversation.ID, kind delivery.Kind) delivery.ID {
	h.Helper()
	found := h.Column(`SELECT id::text FROM deliveries WHERE conversation_id = $1 AND kind = $2`, id, string(kind))
	if len(found) != 1 {
		h.Fatalf("%d deliveries of kind %s", len(found), kind)
	}
	return delivery.ID(found[0])
}
