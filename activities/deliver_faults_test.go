package activities_test

import (
	"context"
	"testing"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// cutRelay sends unless the connection is cut after the dot.
type cutRelay struct{ sending func() }

func (r cutRelay) Send(ctx context.Context, _ delivery.Mail, beforeDot func(context.Context) error) delivery.Result {
	if err := beforeDot(ctx); err != nil {
		return delivery.Result{State: delivery.AttemptDeferred}
	}
	r.sending()
	if ctx.Err() != nil {
		return delivery.Result{State: delivery.AttemptUnknown}
	}
	return delivery.Result{State: delivery.AttemptSent, Code: 250}
}

// A Temporal run that gives way to a new one cancels what is in flight: a mail
// whose connection is cut for it would go out twice.
func TestAnAttemptUnderWayIsNotCutByACancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h := newHouse(t, func(cfg *activities.Config) { cfg.Mailer = cutRelay{cancel} })
	out, err := h.acts.Deliver(ctx, h.answered())
	if err != nil || out.State != "sent" {
		t.Errorf("delivered %+v, %v", out, err)
	}
}

// answered makes a conversation that a workflow answered by mail.
func (h *house) answered() activities.DeliverInput {
	h.Helper()
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "Hi"}}})
	got := h.advance(h.mail("Hello", "Hello"))
	return activities.DeliverInput{DeliveryID: got.Deliveries[0].ID, Kind: got.Deliveries[0].Kind}
}

type panicky struct{}

func (panicky) Send(context.Context, delivery.Mail, func(context.Context) error) delivery.Result {
	panic("a bug in a mail")
}

func TestAMailThatCannotBeComposedFailsInTheEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(cfg *activities.Config) { cfg.Mailer = panicky{} })
	in := h.answered()
	in.HandedOver = true
	for range 200 {
		out, pause := h.deliver(in)
		if out.State == "failed" {
			return
		}
		h.Later(pause)
	}
	t.Error("it is tried for ever")
}

// Nobody sees to a delivery that was handed over to a Temporal workflow that
// somebody has terminated since.
func TestADeliveryHandedOverToNobodyIsFoundAgain(t *testing.T) {
	t.Parallel()
	r := &relay{plan: []delivery.Result{{State: delivery.AttemptDeferred}, {State: delivery.AttemptSent, Code: 250}}}
	h := newHouse(t, func(cfg *activities.Config) { cfg.Mailer = r })
	in := h.answered()
	id := h.Column(`SELECT conversation_id::text FROM deliveries`)[0]
	in.HandedOver = true
	_, pause := h.deliver(in)
	in.HandedOver = false
	if got := h.advance(conversation.ID(id)); len(got.Deliveries) != 0 {
		t.Errorf("answered %v: its own Temporal workflow sees to it", got.Deliveries)
	}
	h.Later(pause + delivery.HandOverAfter)
	if got := h.advance(conversation.ID(id)); len(got.Deliveries) != 1 {
		t.Fatalf("answered %v: it is long overdue", got.Deliveries)
	}
	if out, _ := h.deliver(in); out.State != "sent" || len(r.sent) != 2 {
		t.Errorf("delivered %+v, sent %d times", out, len(r.sent))
	}
}
