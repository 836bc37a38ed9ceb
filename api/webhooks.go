package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// webhookStore keeps the webhook endpoints.
type webhookStore interface {
	// Endpoints lists all in the order of their ids.
	Endpoints(ctx context.Context) ([]conversation.Endpoint, error)
	Endpoint(ctx context.Context, id conversation.EndpointID) (conversation.Endpoint, error)
	CreateEndpoint(ctx context.Context, who access.Caller, e conversation.Endpoint) (conversation.Endpoint, error)
	ChangeEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID,
		ch conversation.EndpointChange) (conversation.Endpoint, error)
	RotateEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID) (conversation.Endpoint, error)
	DeleteEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID) error
}

// Webhook is an endpoint as callers see it.
type Webhook struct {
	ID        conversation.EndpointID `json:"id"`
	MailboxID *conversation.MailboxID `json:"mailbox_id" doc:"Null: of the whole installation."`
	Name      string                  `json:"name" doc:"By which workflows call it."`
	URL       string                  `json:"url"`
	Events    []string                `json:"events" doc:"What it is told: see docs/webhooks.md."`
	Enabled   bool                    `json:"enabled"`
	Secret    string                  `json:"secret,omitempty" doc:"Signs what is sent (Standard Webhooks). Shown when it is made and when it is rotated."`
	CreatedAt time.Time               `json:"created_at"`
	UpdatedAt time.Time               `json:"updated_at"`
	revision  int64
}

func (w Webhook) entity() (int64, any) {
	w.Secret = ""
	return w.revision, w
}

func showWebhook(e conversation.Endpoint) Webhook {
	w := revealWebhook(e)
	w.Secret = ""
	return w
}

func revealWebhook(e conversation.Endpoint) Webhook {
	return Webhook{
		ID: e.ID, MailboxID: idOrNull(e.MailboxID), Name: e.Name, URL: e.URL, Events: append([]string{}, e.Events...), Enabled: e.Enabled,
		Secret: e.Secret, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt, revision: e.Revision,
	}
}

type webhooks struct{ store webhookStore }

func (h webhooks) list(ctx context.Context, _ access.Caller, in *PageInput) (page[Webhook], error) {
	all, err := h.store.Endpoints(ctx)
	if err != nil {
		return page[Webhook]{}, err
	}
	return renderPart(*in, all, func(e conversation.Endpoint) string { return string(e.ID) }, showWebhook)
}

func (h webhooks) get(ctx context.Context, _ access.Caller, in *ByID) (Webhook, error) {
	e, err := h.store.Endpoint(ctx, conversation.EndpointID(in.ID))
	return showWebhook(e), err
}

type newWebhook struct {
	Body struct {
		MailboxID conversation.MailboxID `json:"mailbox_id,omitempty" doc:"The whole installation when missing."`
		Name      string                 `json:"name" minLength:"1" maxLength:"75"`
		URL       string                 `json:"url" minLength:"1" maxLength:"2000"`
		Events    []string               `json:"events,omitempty" maxItems:"50"`
		Enabled   *bool                  `json:"enabled,omitempty" doc:"True when missing."`
	}
}

func (h webhooks) create(ctx context.Context, who access.Caller, in *newWebhook) (Webhook, error) {
	b := in.Body
	e, err := h.store.CreateEndpoint(ctx, who, conversation.Endpoint{
		MailboxID: b.MailboxID, Name: b.Name, URL: b.URL, Events: b.Events, Enabled: b.Enabled == nil || *b.Enabled,
	})
	return revealWebhook(e), err
}

type webhookPatch struct {
	ByID
	Body struct {
		Name    *string   `json:"name,omitempty" minLength:"1" maxLength:"75"`
		URL     *string   `json:"url,omitempty" minLength:"1" maxLength:"2000"`
		Events  *[]string `json:"events,omitempty" maxItems:"50" doc:"All of them."`
		Enabled *bool     `json:"enabled,omitempty"`
	}
}

func (h webhooks) patch(ctx context.Context, who access.Caller, in *webhookPatch) (Webhook, error) {
	b := in.Body
	e, err := h.store.ChangeEndpoint(ctx, who, conversation.EndpointID(in.ID),
		conversation.EndpointChange{Name: b.Name, URL: b.URL, Events: b.Events, Enabled: b.Enabled})
	return showWebhook(e), err
}

func (h webhooks) rotate(ctx context.Context, who access.Caller, in *ByID) (Webhook, error) {
	e, err := h.store.RotateEndpoint(ctx, who, conversation.EndpointID(in.ID))
	return revealWebhook(e), err
}

func (h webhooks) delete(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteEndpoint(ctx, who, conversation.EndpointID(in.ID))
}
