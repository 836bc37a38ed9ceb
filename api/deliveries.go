package api

import (
	"context"
	"net/url"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// deliveryStore keeps what leaves the house.
type deliveryStore interface {
	Delivery(ctx context.Context, who access.Caller, id delivery.ID) (delivery.Delivery, []delivery.Attempt, error)
	// Deliveries lists them newest first.
	Deliveries(ctx context.Context, who access.Caller, f delivery.Filter, p conversation.Page) ([]delivery.Delivery, error)
	Redeliver(ctx context.Context, who access.Caller, id delivery.ID) (delivery.Delivery, error)
}

// Delivery is a mail, a notification or a webhook on its way. What it says stands
// in the conversation.
type Delivery struct {
	ID             delivery.ID             `json:"id" doc:"Also the local part of a mail's Message-ID, and a webhook's webhook-id."`
	ConversationID *conversation.ID        `json:"conversation_id"`
	MailboxID      *conversation.MailboxID `json:"mailbox_id" doc:"Null: of no mailbox."`
	RunID          *string                 `json:"run_id" doc:"The run that decided it; null when an agent did."`
	ActionIndex    int                     `json:"action_index"`
	Kind           delivery.Kind           `json:"kind" enum:"reply,email,forward,notify,webhook"`
	State          delivery.State          `json:"state" enum:"waiting,handed_over,sent,failed,bounced,cancelled" doc:"bounced: the other side took it and gave it back."`
	Reason         string                  `json:"reason,omitempty" doc:"Of the last attempt that did not succeed."`
	Attempts       int                     `json:"attempts" doc:"How many were begun."`
	NextAt         *time.Time              `json:"next_at" doc:"Not before then; null when nothing more is attempted."`
	CreatedAt      time.Time               `json:"created_at"`
	FinishedAt     *time.Time              `json:"finished_at"`
	Mail           *DeliveryMail           `json:"mail,omitempty"`
	Webhook        *DeliveryWebhook        `json:"webhook,omitempty"`
}

// DeliveryMail says where a mail goes.
type DeliveryMail struct {
	From      string   `json:"from"`
	To        []string `json:"to"`
	Cc        []string `json:"cc"`
	Subject   string   `json:"subject"`
	MessageID string   `json:"message_id"`
}

// DeliveryWebhook says where a request goes; a query is not shown, since it may
// hold a secret.
type DeliveryWebhook struct {
	URL      string `json:"url,omitempty"`
	Endpoint string `json:"endpoint,omitempty" doc:"The name of the endpoint that it goes to, instead of an address."`
	Method   string `json:"method"`
	Event    string `json:"event"`
}

// DeliveryDetail is a delivery with its attempts.
type DeliveryDetail struct {
	Delivery
	Tries []DeliveryAttempt `json:"tries" doc:"The attempts, the first one first."`
}

// DeliveryAttempt is one try.
type DeliveryAttempt struct {
	N         int                   `json:"n"`
	State     delivery.AttemptState `json:"state" enum:"started,data_sent,sent,deferred,failed,unknown"`
	Code      int                   `json:"code" doc:"SMTP reply or HTTP status; 0 when there was none."`
	Reason    string                `json:"reason,omitempty"`
	StartedAt time.Time             `json:"started_at"`
	EndedAt   *time.Time            `json:"ended_at"`
}

func showDelivery(d delivery.Delivery) Delivery {
	out := Delivery{
		ID: d.ID, ConversationID: idOrNull(d.ConversationID), MailboxID: idOrNull(d.MailboxID), RunID: idOrNull(d.RunID),
		ActionIndex: d.ActionIndex,
		Kind:        d.Kind, State: d.State, Reason: d.Reason, Attempts: d.Attempts, CreatedAt: d.CreatedAt, FinishedAt: orNull(d.FinishedAt),
	}
	if !d.State.Final() {
		out.NextAt = orNull(d.NextAt)
	}
	if m := d.Mail; m != nil {
		out.Mail = &DeliveryMail{From: m.FromAddress, To: m.To, Cc: m.Cc, Subject: m.Subject, MessageID: m.MessageID}
	}
	if w := d.Webhook; w != nil {
		out.Webhook = &DeliveryWebhook{URL: withoutQuery(w.URL), Endpoint: w.EndpointName, Method: w.Method, Event: w.Event}
		if w.Method == "" {
			out.Webhook.Method = "POST"
		}
	}
	return out
}

func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// idOrNull shows the empty id as null.
func idOrNull[T ~string](id T) *T {
	if id == "" {
		return nil
	}
	return &id
}

type deliveries struct{ store deliveryStore }

type deliveryFilter struct {
	PageInput
	ConversationID conversation.ID `query:"conversation_id"`
	State          delivery.State  `query:"state" enum:"waiting,handed_over,sent,failed,bounced,cancelled"`
	Kind           delivery.Kind   `query:"kind" enum:"reply,email,forward,notify,webhook"`
}

func (h deliveries) list(ctx context.Context, who access.Caller, in *deliveryFilter) (page[Delivery], error) {
	p, err := in.page()
	if err != nil {
		return page[Delivery]{}, err
	}
	list, err := h.store.Deliveries(ctx, who, delivery.Filter{ConversationID: in.ConversationID, State: in.State, Kind: in.Kind}, p)
	return render(in.PageInput, list, func(d delivery.Delivery) string { return string(d.ID) }, showDelivery), err
}

func (h deliveries) get(ctx context.Context, who access.Caller, in *ByID) (DeliveryDetail, error) {
	d, attempts, err := h.store.Delivery(ctx, who, delivery.ID(in.ID))
	if err != nil {
		return DeliveryDetail{}, err
	}
	out := DeliveryDetail{Delivery: showDelivery(d), Tries: make([]DeliveryAttempt, len(attempts))}
	for i, a := range attempts {
		out.Tries[i] = DeliveryAttempt{a.N, a.State, a.Code, a.Reason, a.StartedAt, orNull(a.EndedAt)}
	}
	return out, nil
}

func (h deliveries) redeliver(ctx context.Context, who access.Caller, in *ByID) (Delivery, error) {
	d, err := h.store.Redeliver(ctx, who, delivery.ID(in.ID))
	if err != nil {
		return Delivery{}, err
	}
	return showDelivery(d), nil
}
