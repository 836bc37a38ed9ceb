package activities

import (
	"context"
	"encoding/json"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// defaultWebhookEvent names what happened when the action names nothing.
const defaultWebhookEvent = "workflow.run"

// webhook adds a request to an endpoint, signed with the mailbox's secret. Its
// body is fixed now: each attempt sends the same.
func webhook(ctx context.Context, s *acting, a automation.Action, index int) (automation.ActionOutcome, error) {
	event := a.Event
	if event == "" {
		event = defaultWebhookEvent
	}
	tree := s.defaultBody(event)
	if a.JSON != nil {
		rendered, err := s.renderTree(ctx, a.JSON)
		if err != nil {
			return automation.ActionOutcome{}, err
		}
		tree = rendered
	}
	body, err := json.Marshal(tree)
	if err != nil {
		return automation.ActionOutcome{}, errs.Wrap("activities.webhook", errs.Invalid, "the body cannot be written as JSON", err)
	}
	d := s.newDelivery(delivery.KindWebhook)
	d.Webhook = &delivery.Webhook{
		URL: a.URL, Method: a.Method, Headers: a.Headers, Body: body, Event: event, Secret: s.around.Mailbox.Secret, Cause: s.loopMark(),
	}
	return automation.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}, nil
}

// defaultBody says which workflow ran on which conversation.
func (s *acting) defaultBody(event string) any {
	return map[string]any{
		"event": event,
		"conversation": map[string]any{
			"id": s.conv.ID, "number": s.conv.Number, "url": s.url(), "subject": s.conv.Subject, "status": s.conv.Status,
			"mailbox_id": s.conv.MailboxID, "tags": append([]string{}, s.conv.Tags...),
		},
		"customer": map[string]any{"id": s.around.Customer.ID, "email": s.around.Customer.Email(), "name": s.around.Customer.FullName()},
		"workflow": map[string]any{"id": s.version.DefinitionID, "name": s.version.Definition.Name, "version": s.version.Number},
		"run":      map[string]any{"id": s.run.ID, "trigger": s.run.Trigger},
	}
}
