package activities

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

const (
	// mailHold is how long a mail's attempt is held without a sign of life; it is
	// renewed every holdBeat, and Temporal is told every heartbeat.
	mailHold = 20 * time.Second
	holdBeat = 5 * time.Second
	// heartbeat is well below the 10 s after which Temporal gives the attempt to
	// another worker.
	heartbeat = 2 * time.Second
	// webhookHold outlasts the longest request.
	webhookHold = delivery.WebhookAttemptTimeout + 5*time.Second
	// recordFor is how long at least the outcome of an attempt is tried to be
	// written while the database is away, recordTry how long each try may take.
	recordFor   = time.Minute
	recordTry   = 10 * time.Second
	recordPause = time.Second
)

// Deliver makes one attempt to send a delivery. It answers when nothing more is
// to be attempted here: sent, failed, cancelled, or handed_over. A second call
// while somebody else attempts it sends nothing.
//
// Errors: try again after the pause that the error carries.
func (a *Activities) Deliver(ctx context.Context, in DeliverInput) (Delivered, error) {
	id := delivery.ID(in.DeliveryID)
	hold := mailHold
	if delivery.Kind(in.Kind) == delivery.KindWebhook {
		hold = webhookHold
	}
	taken, err := a.cfg.Deliveries.Take(ctx, id, hold)
	switch {
	case errs.Is(err, errs.NotFound):
		return Delivered{DeliveryID: in.DeliveryID, Kind: in.Kind, State: "gone"}, nil
	case err != nil:
		return Delivered{}, verdict(err)
	case taken.OK:
	case taken.Delivery.State.Final(), taken.Delivery.State == delivery.StateHandedOver && !in.HandedOver:
		return delivered(taken.Delivery, 0), nil
	default:
		return Delivered{}, later(taken.Wait, "it is not this delivery's turn yet")
	}
	a.cfg.Crash("delivery-taken")
	if taken.Delivery.Kind.IsMail() {
		defer a.keepHold(ctx, taken.Delivery)()
	}
	result := a.attempt(ctx, taken)
	a.cfg.Crash("delivery-attempted")
	state, pause := next(taken, result, in.HandedOver || taken.Delivery.State == delivery.StateHandedOver)
	end := delivery.Ended{ID: id, Attempt: taken.Delivery.Attempts, Result: result, State: state, Pause: pause}
	if err := a.finish(ctx, end); err != nil {
		return Delivered{}, verdict(err)
	}
	taken.Delivery.State = state
	if state == delivery.StateWaiting || state == delivery.StateHandedOver && in.HandedOver {
		return Delivered{}, later(pause, "the other side did not take it yet")
	}
	return delivered(taken.Delivery, result.Code), nil
}

func delivered(d delivery.Delivery, code int) Delivered {
	return Delivered{DeliveryID: string(d.ID), Kind: string(d.Kind), State: string(d.State), Attempts: d.Attempts, Code: code}
}

// next decides what follows an attempt. An unknown outcome is tried again with
// the same Message-ID.
func next(t delivery.Taken, r delivery.Result, handedOver bool) (delivery.State, time.Duration) {
	switch r.State {
	case delivery.AttemptSent:
		return delivery.StateSent, 0
	case delivery.AttemptFailed:
		return delivery.StateFailed, 0
	}
	since := t.Now.Sub(t.Delivery.FirstAt)
	pause, again := delivery.Pause(t.Delivery.Kind, t.Delivery.Attempts, since, r.RetryAfter)
	switch {
	case !again:
		return delivery.StateFailed, 0
	case handedOver || since+pause > delivery.HandOverAfter:
		return delivery.StateHandedOver, pause
	default:
		return delivery.StateWaiting, pause
	}
}

// attempt sends it. It is not cut when the activity is cancelled: a connection
// that ends before the other side's answer leaves open whether it was sent. A
// panic counts as an attempt, so that it is not repeated permanently.
func (a *Activities) attempt(ctx context.Context, t delivery.Taken) (result delivery.Result) {
	d, began := t.Delivery, time.Now()
	defer func() {
		now := time.Now()
		a.first.ended(d, result, now.Sub(began), now)
	}()
	defer func() {
		if r := recover(); r != nil {
			// The value may quote the mail; its type and the stack do not.
			a.cfg.Logger.ErrorContext(ctx, "delivery attempt panicked", "delivery_id", d.ID, "type", fmt.Sprintf("%T", r), "stack",
				string(debug.Stack()))
			result = delivery.Result{State: delivery.AttemptUnknown, Reason: "the attempt ended by a mistake of ours"}
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), delivery.AttemptTimeout(d.Kind))
	defer cancel()
	switch {
	case d.Webhook != nil && d.Webhook.Endpoint != "" && d.Webhook.URL == "":
		return delivery.Result{State: delivery.AttemptFailed, Reason: "the webhook endpoint is switched off or gone"}
	case d.Webhook != nil:
		return a.cfg.Poster.Post(ctx, d.ID, t.Now, *d.Webhook)
	case d.Mail != nil:
		return a.cfg.Mailer.Send(ctx, *d.Mail, func(ctx context.Context) error {
			err := a.cfg.Deliveries.DataSent(ctx, d.ID, d.Attempts)
			a.cfg.Crash("mail-before-dot")
			return err
		})
	default:
		return delivery.Result{State: delivery.AttemptFailed, Reason: "there is nothing to send"}
	}
}

// keepHold renews the hold and tells Temporal that the attempt is alive, until
// stop is called: after the outcome was written, or somebody else would send it
// meanwhile.
func (a *Activities) keepHold(ctx context.Context, d delivery.Delivery) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		held := time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				if activity.IsActivity(ctx) {
					activity.RecordHeartbeat(ctx)
				}
				if now.Sub(held) >= holdBeat && a.renewHold(ctx, d) {
					held = now
				}
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// renewHold takes no longer than a heartbeat, also when the database is away.
func (a *Activities) renewHold(ctx context.Context, d delivery.Delivery) bool {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return a.cfg.Deliveries.Hold(ctx, d.ID, d.Attempts, mailHold) == nil
}

// finish writes outcomes, also when the activity was cancelled meanwhile.
// While the database is away it keeps trying until the activity's time is up, and
// for recordFor at least: what is not written is sent again.
func (a *Activities) finish(ctx context.Context, ended ...delivery.Ended) error {
	for began := time.Now(); ; {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTry)
		err := a.cfg.Deliveries.Finish(try, ended...)
		cancel()
		if err == nil || !errs.Is(err, errs.Unavailable) {
			return err
		}
		if ctx.Err() != nil && time.Since(began) > recordFor {
			return err
		}
		<-time.After(recordPause)
	}
}

// HandOver marks a waiting delivery as handed over to a DeliveryWorkflow of its
// own. It is safe to repeat.
func (a *Activities) HandOver(ctx context.Context, in DeliverInput) (Delivered, error) {
	d, err := a.cfg.Deliveries.HandOver(ctx, delivery.ID(in.DeliveryID))
	switch {
	case err == nil:
		return delivered(d, 0), nil
	case errs.Is(err, errs.NotFound):
		return Delivered{DeliveryID: in.DeliveryID, Kind: in.Kind, State: "gone"}, nil
	default:
		return Delivered{}, verdict(err)
	}
}
