package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

const (
	exampleConversation = "01935a6e-0000-7000-8000-000000000001"
	exampleSupport      = "01935a6e-0000-7000-8000-0000000000a1"
	exampleBilling      = "01935a6e-0000-7000-8000-0000000000a2"
	exampleUser         = "01935a6e-0000-7000-8000-0000000000b1"
	exampleCustomer     = "01935a6e-0000-7000-8000-0000000000c1"
	exampleMessage      = "01935a6e-0000-7000-8000-0000000000d1"
	exampleWorkflow     = "01935a6e-0000-7000-8000-0000000000e1"
	exampleRun          = "01935a6e-0000-7000-8000-0000000000f1"
)

// told are the bodies that the page shows, one of each event, made by the code
// that makes those that are sent.
func told() map[string]delivery.OutgoingData {
	user := conversation.Actor{Kind: conversation.ActorUser, ID: exampleUser}
	customer := conversation.Actor{Kind: conversation.ActorCustomer, ID: exampleCustomer}
	message := func(kind conversation.MessageKind, from, text string) *conversation.Message {
		return &conversation.Message{ID: exampleMessage, Kind: kind, From: from, Subject: "Refund please", Text: text}
	}
	out := map[string]delivery.OutgoingData{}
	for _, h := range []conversation.Happened{
		{Event: conversation.Event{Seq: 1, Kind: conversation.KindCustomerMessage, First: true, Actor: customer},
			Message: message(conversation.MessageCustomer, "ann@example.com", "I want my money back.")},
		{Event: conversation.Event{Seq: 2, Kind: conversation.KindAssigneeChanged, Actor: user, To: exampleUser}},
		{Event: conversation.Event{Seq: 3, Kind: conversation.KindStatusChanged, Actor: user, From: "active", To: "pending"}},
		{Event: conversation.Event{Seq: 4, Kind: conversation.KindMoved, Actor: user, From: exampleSupport, To: exampleBilling}},
		{Event: conversation.Event{Seq: 5, Kind: conversation.KindTagsChanged,
			Actor: conversation.Actor{Kind: conversation.ActorWorkflow, ID: exampleWorkflow}, Added: []string{"refund"}}},
		{Event: conversation.Event{Seq: 6, Kind: conversation.KindStateChanged, Actor: user, From: "published", To: "deleted"}},
		{Event: conversation.Event{Seq: 7, Kind: conversation.KindStateChanged, Actor: user, From: "deleted", To: "published"}},
		{Event: conversation.Event{Seq: 8, Kind: conversation.KindFieldChanged, Actor: user, Field: "Plan", From: "free", To: "paid"}},
		{Event: conversation.Event{Seq: 9, Kind: conversation.KindCustomerMessage, Actor: customer},
			Message: message(conversation.MessageCustomer, "ann@example.com", "And?")},
		{Event: conversation.Event{Seq: 10, Kind: conversation.KindAgentReply, Actor: user},
			Message: message(conversation.MessageReply, "support@smarticks.test", "On its way.")},
		{Event: conversation.Event{Seq: 11, Kind: conversation.KindNoteAdded, Actor: user},
			Message: message(conversation.MessageNote, "", "Check the ERP.")},
	} {
		event, data := delivery.EventTold(h)
		out[event] = data
	}
	run := func(state, reason string, actions ...delivery.OutgoingAction) delivery.OutgoingData {
		return delivery.OutgoingData{
			Seq: 1, Workflow: &delivery.OutgoingWorkflow{ID: exampleWorkflow, Name: "Refund requests", Version: 3},
			Run: &delivery.OutgoingRun{ID: exampleRun, Trigger: "event", State: state, Reason: reason, Actions: actions},
		}
	}
	out[delivery.ToldRunFinished] = run("done", "", delivery.OutgoingAction{Do: "add_tags", State: "done"},
		delivery.OutgoingAction{Do: "reply", State: "queued"})
	out[delivery.ToldRunFailed] = run("failed", "an action failed: there is no such mailbox any more",
		delivery.OutgoingAction{Do: "move", State: "failed", Reason: "there is no such mailbox any more"})
	out[delivery.ToldRunLimited] = run("limited",
		"automatic mail to one address has reached its limit of 10 within 3 hours (mails_per_recipient)")
	for event, data := range out {
		data.Conversation = delivery.ToldConversation(conversation.Conversation{
			ID: exampleConversation, Number: 1042, MailboxID: exampleSupport, Type: conversation.TypeEmail, Status: conversation.StatusActive,
			State: conversation.StatePublished, Subject: "Refund please", Tags: []string{"refund"},
			CreatedAt: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC),
		}, "https://desk.example/v1/conversations/"+exampleConversation)
		out[event] = data
	}
	out[delivery.ToldCustomerCreated], out[delivery.ToldCustomerUpdated] = delivery.OutgoingData{}, delivery.OutgoingData{}
	for event, data := range out {
		data.Customer = delivery.ToldCustomer(conversation.Customer{ID: exampleCustomer, FirstName: "Ann", LastName: "Example",
			Emails: []string{"ann@example.com"}})
		out[event] = data
	}
	return out
}

// TestWebhooksAreAsThePageShowsThem compares webhooks.md with the code: each event
// has a heading and its body, which is what the code makes, byte for byte but for
// the white space.
func TestWebhooksAreAsThePageShowsThem(t *testing.T) {
	t.Parallel()
	shown := map[string]string{}
	for _, b := range blocks(t, "webhooks.md", "The events", "json") {
		var head struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal([]byte(b.text), &head); err != nil {
			t.Fatalf("webhooks.md:%d: %v", b.line, err)
		}
		shown[head.Type] = b.text
	}
	headings := lines(t, "webhooks.md")
	bodies := told()
	for _, event := range delivery.OutgoingEvents {
		data, ok := bodies[event]
		if !ok {
			t.Errorf("%s has no example in this test", event)
			continue
		}
		if !slices.Contains(headings, fmt.Sprintf("### `%s`", event)) {
			t.Errorf("webhooks.md has no heading of %s", event)
		}
		made := delivery.Tell(conversation.Endpoint{}, event, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), data)
		var want, got bytes.Buffer
		if err := json.Indent(&want, made.Body, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&got, bytes.TrimSpace([]byte(shown[event])), "", "  "); err != nil && shown[event] != "" {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("webhooks.md shows of %s\n%s\nand it is\n%s", event, got.String(), want.String())
		}
	}
	if len(bodies) != len(delivery.OutgoingEvents) {
		t.Errorf("%d examples of %d events", len(bodies), len(delivery.OutgoingEvents))
	}
}
