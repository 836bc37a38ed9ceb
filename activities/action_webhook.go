package activities

import (
	"context"
	"encoding/json"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// defaultWebhookEvent names what happened when the action names nothing.
const defaultWebhookEvent = "workflow.run"

// webhook adds a request to an address of the action's own, signed with the
// mailbox's secret, or to an endpoint, which has its own. Its body is fixed now:
// each attempt sends the same.
func webhook(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error) {
	event := a.Event
	if event == "" {
		event = defaultWebhookEvent
	}
	tree := s.defaultBody(event)
	if a.JSON != nil {
		rendered, err := s.renderTree(ctx, a.JSON)
		if err != nil {
			return runs.ActionOutcome{}, err
		}
		tree = rendered
	}
	body, err := json.Marshal(tree)
	if err != nil {
		return runs.ActionOutcome{}, errs.Wrap("activities.webhook", errs.Invalid, "the body cannot be written as JSON", err)
	}
	d := s.newDelivery(delivery.KindWebhook)
	if a.Endpoint != "" {
		to, ok := s.endpoint(a.Endpoint)
		if !ok {
			return failed("the webhook endpoint is switched off or gone"), nil
		}
		d.Webhook = s.toEndpoint(to, a, event, body)
		return runs.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}, nil
	}
	d.Webhook = &delivery.Webhook{
		URL: a.URL, Method: a.Method, Headers: a.Headers, Body: body, Event: event, Cause: s.loopMark(),
	}
	return runs.ActionOutcome{State: automation.ActionQueued, Delivery: []string{s.deliver(d, index)}}, nil
}

// endpoint finds an endpoint by its name, among those that workflows of this
// mailbox may call.
func (s *acting) endpoint(name string) (conversation.Endpoint, bool) {
	for _, e := range s.around.Endpoints {
		if e.Named(name) && e.Hears(s.version.MailboxID) {
			return e, true
		}
	}
	return conversation.Endpoint{}, false
}

// toEndpoint makes the request to an endpoint: with the action's own body, or one
// in the form of what endpoints are told.
func (s *acting) toEndpoint(to conversation.Endpoint, a automation.Action, event string, body []byte) *delivery.Webhook {
	w := delivery.Tell(to, event, s.now, delivery.OutgoingData{
		Seq:          s.run.Seq,
		Workflow:     &delivery.OutgoingWorkflow{ID: string(s.version.DefinitionID), Name: s.version.Definition.Name, Version: s.version.Number},
		Run:          &delivery.OutgoingRun{ID: string(s.run.ID), Trigger: string(s.run.Trigger)},
		Conversation: delivery.ToldConversation(s.conv, s.url()), Customer: delivery.ToldCustomer(s.around.Customer),
	})
	w.Cause = s.loopMark()
	if w.Headers = a.Headers; a.JSON != nil {
		w.Body = body
	}
	return w
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
