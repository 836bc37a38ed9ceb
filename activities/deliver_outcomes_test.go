package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/delivery"
)

// relay is a mail relay that answers as planned; the last answer stays.
type relay struct {
	plan []delivery.Result
	sent []delivery.Mail
}

func (r *relay) Send(ctx context.Context, m delivery.Mail, beforeDot func(context.Context) error) delivery.Result {
	if err := beforeDot(ctx); err != nil {
		return delivery.Result{State: delivery.AttemptDeferred}
	}
	r.sent = append(r.sent, m)
	answer := r.plan[0]
	if len(r.plan) > 1 {
		r.plan = r.plan[1:]
	}
	return answer
}

// posting returns a house where one mail waits to be sent by the relay.
func posting(t *testing.T, plan ...delivery.Result) (*house, *relay, activities.DeliverInput) {
	t.Helper()
	r := &relay{plan: plan}
	h := newHouse(t, func(cfg *activities.Config) { cfg.Mailer = r })
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "Hi"}}})
	got := h.advance(h.mail("Hello", "Hello"))
	return h, r, activities.DeliverInput{DeliveryID: got.Deliveries[0].ID, Kind: got.Deliveries[0].Kind}
}

// deliver makes one attempt; pause is what Temporal is asked to wait, negative
// when it is asked for nothing.
func (h *house) deliver(in activities.DeliverInput) (out activities.Delivered, pause time.Duration) {
	h.Helper()
	out, err := h.acts.Deliver(h.Context(), in)
	if err == nil {
		return out, -1
	}
	var later *temporal.ApplicationError
	if !errors.As(err, &later) || later.NonRetryable() {
		h.Fatalf("unexpected error %v", err)
	}
	return out, later.NextRetryDelay()
}

func TestAMailIsSentOnceHoweverOftenItIsAttempted(t *testing.T) {
	t.Parallel()
	h, r, in := posting(t, delivery.Result{State: delivery.AttemptSent, Code: 250})
	for range 3 {
		if out, _ := h.deliver(in); out.State != "sent" || out.Attempts != 1 {
			t.Errorf("delivered %+v", out)
		}
	}
	if len(r.sent) != 1 {
		t.Errorf("sent %d times", len(r.sent))
	}
}

func TestADeferredMailWaitsAndAnUnknownOneIsSentAgainAsItWas(t *testing.T) {
	t.Parallel()
	h, r, in := posting(t,
		delivery.Result{State: delivery.AttemptDeferred, Code: 451},
		delivery.Result{State: delivery.AttemptUnknown},
		delivery.Result{State: delivery.AttemptSent, Code: 250})
	if _, pause := h.deliver(in); pause != 5*time.Second {
		t.Errorf("after the first attempt: wait %v", pause)
	}
	h.Later(5 * time.Second)
	if _, pause := h.deliver(in); pause != time.Minute {
		t.Errorf("after the second attempt: wait %v", pause)
	}
	if _, pause := h.deliver(in); pause <= 0 || pause > time.Minute || len(r.sent) != 2 {
		t.Errorf("too early: wait %v, sent %d", pause, len(r.sent))
	}
	h.Later(time.Minute)
	if out, _ := h.deliver(in); out.State != "sent" || out.Attempts != 3 {
		t.Errorf("delivered %+v", out)
	}
	if len(r.sent) != 3 || r.sent[1].MessageID != r.sent[2].MessageID || !r.sent[1].Date.Equal(r.sent[2].Date) ||
		r.sent[1].Text != r.sent[2].Text {
		t.Error("an unknown mail is sent again as another one")
	}
	if got := h.Column(`SELECT state FROM attempts ORDER BY n`); got[0] != "deferred" || got[1] != "unknown" || got[2] != "sent" {
		t.Errorf("attempts %v", got)
	}
}

func TestWhatTheOtherSideRefusesIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	h, r, in := posting(t, delivery.Result{State: delivery.AttemptFailed, Code: 550, Reason: "the relay refused it"})
	for range 2 {
		if out, _ := h.deliver(in); out.State != "failed" {
			t.Errorf("delivered %+v", out)
		}
	}
	if len(r.sent) != 1 {
		t.Errorf("tried %d times", len(r.sent))
	}
}

func TestAfterTenMinutesADeliveryIsHandedOverAndGoesOnForDaysThenFails(t *testing.T) {
	t.Parallel()
	h, r, in := posting(t, delivery.Result{State: delivery.AttemptDeferred, Code: 451})
	for attempts := 1; ; attempts++ {
		out, pause := h.deliver(in)
		if pause < 0 {
			if out.State != "handed_over" || attempts != 4 {
				t.Fatalf("after %d attempts: %+v", attempts, out)
			}
			break
		}
		h.Later(pause)
	}
	if out, _ := h.deliver(in); out.State != "handed_over" {
		t.Errorf("the conversation tries on: %+v", out)
	}
	in.HandedOver = true
	var waited time.Duration
	for {
		out, pause := h.deliver(in)
		if pause < 0 {
			if out.State != "failed" {
				t.Errorf("ended as %+v", out)
			}
			break
		}
		if pause > 4000*time.Second {
			t.Fatalf("a pause of %v", pause)
		}
		h.Later(pause)
		waited += pause
	}
	if waited < 4*24*time.Hour || waited > 6*24*time.Hour {
		t.Errorf("gave up after %v, want about five days; %d attempts", waited, len(r.sent))
	}
}
