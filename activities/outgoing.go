package activities

import (
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// tell adds a delivery for each endpoint that asked to be told what happened. A
// move is heard in both mailboxes.
func (x *advance) tell(h conversation.Happened) {
	if len(x.around.Endpoints) == 0 {
		return
	}
	event, data := delivery.EventTold(h)
	if event == "" {
		return
	}
	heard := func(e conversation.Endpoint) bool {
		return e.Hears(h.Event.MailboxID) || event == delivery.ToldMoved && e.Hears(conversation.MailboxID(h.Event.From))
	}
	x.tellAll(event, h.Event, data, heard)
}

// tellRun adds a delivery for each endpoint that asked to be told of runs. Trials
// are not told: they did nothing.
func (x *advance) tellRun(run runs.Run) {
	event := ""
	switch {
	case len(x.around.Endpoints) == 0 || run.Mode == automation.ModeWatch:
		return
	case run.State == automation.RunDone:
		event = delivery.ToldRunFinished
	case run.State == automation.RunFailed:
		event = delivery.ToldRunFailed
	case run.State == automation.RunLimited:
		event = delivery.ToldRunLimited
	default:
		return
	}
	data := delivery.OutgoingData{
		Seq:      run.Seq,
		Workflow: &delivery.OutgoingWorkflow{ID: string(run.DefinitionID), Name: run.Name, Version: run.VersionNumber},
		Run: &delivery.OutgoingRun{
			ID: string(run.ID), Trigger: string(run.Trigger), State: string(run.State), Reason: run.Reason,
		},
	}
	for _, a := range run.Actions {
		data.Run.Actions = append(data.Run.Actions, delivery.OutgoingAction{Do: a.Do, State: string(a.State), Reason: a.Reason})
	}
	cause := conversation.Cause{
		Origin: run.Cause.Origin, Depth: run.Cause.Depth + 1, Path: append(slices.Clone(run.Cause.Path), string(run.DefinitionID)),
		Run: string(run.ID),
	}
	at := conversation.Event{Cause: cause, Seq: run.Seq, MailboxID: run.MailboxID, At: x.now}
	x.tellAll(event, at, data, func(e conversation.Endpoint) bool { return e.Hears(run.MailboxID) })
}

// tellAll adds one delivery per endpoint that is subscribed and hears it. What is
// told belongs to no run: nothing that a workflow decided.
func (x *advance) tellAll(event string, e conversation.Event, data delivery.OutgoingData, heard func(conversation.Endpoint) bool) {
	cause := ""
	if e.Cause.Depth > 0 { // what a workflow led to: who answers to it continues with the chain
		cause = conversation.Mark{ConversationID: x.conv.ID, Cause: e.Cause}.Sign(x.around.CauseKey)
	}
	for _, to := range x.around.Endpoints {
		if !to.Wants(event) || !heard(to) {
			continue
		}
		if data.Conversation == nil {
			data.Conversation = delivery.ToldConversation(x.conv, x.url())
			data.Customer = delivery.ToldCustomer(x.around.Customer)
		}
		d := x.newDelivery(delivery.KindWebhook)
		d.Seq, d.MailboxID, d.Webhook = e.Seq, e.MailboxID, delivery.Tell(to, event, e.At, data)
		d.Webhook.Cause = cause
		x.out = append(x.out, d)
	}
}
