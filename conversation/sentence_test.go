package conversation_test

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestEventsInWords(t *testing.T) {
	t.Parallel()
	names := map[string]string{"b": "Bob", "c": "Carol", "a": "Ann Smith", "s": "Support", "x": "Billing", "w": "Refund requests"}
	bob := conversation.Actor{Kind: conversation.ActorUser, ID: "b"}
	ann := conversation.Actor{Kind: conversation.ActorCustomer, ID: "a"}
	flow := conversation.Actor{Kind: conversation.ActorWorkflow, ID: "w"}
	for _, c := range []struct {
		event conversation.Event
		want  string
	}{
		{conversation.Event{Kind: conversation.KindCustomerMessage, First: true, Actor: ann}, "Ann Smith wrote the first message"},
		{conversation.Event{Kind: conversation.KindCustomerMessage, Actor: ann}, "Ann Smith wrote"},
		{conversation.Event{Kind: conversation.KindAgentReply, Actor: bob}, "Bob replied"},
		{conversation.Event{Kind: conversation.KindNoteAdded, Actor: flow}, "The workflow “Refund requests” added a note"},
		{conversation.Event{Kind: conversation.KindWorkflowMessage, Actor: flow}, "The workflow “Refund requests” wrote to the customer"},
		{conversation.Event{Kind: conversation.KindStatusChanged, Actor: bob, From: "active", To: "closed"},
			"Bob set the status from active to closed"},
		{conversation.Event{Kind: conversation.KindAssigneeChanged, Actor: bob, To: "c"}, "Bob assigned it to Carol"},
		{conversation.Event{Kind: conversation.KindAssigneeChanged, Actor: bob, From: "c"}, "Bob took it off Carol"},
		{conversation.Event{Kind: conversation.KindAssigneeChanged, Actor: bob, From: "c", To: "b"}, "Bob assigned it to Bob instead of Carol"},
		{conversation.Event{Kind: conversation.KindFollowersChanged, Actor: bob, Added: []string{"x"}, Removed: []string{"s"}},
			"Bob added the follower Billing and removed the follower Support"},
		{conversation.Event{Kind: conversation.KindTagsChanged, Actor: bob, Added: []string{"refund"}}, "Bob added the tag refund"},
		{conversation.Event{Kind: conversation.KindTagsChanged, Actor: bob, Added: []string{"p", "q"}, Removed: []string{"r"}},
			"Bob added the tags p, q and removed the tag r"},
		{conversation.Event{Kind: conversation.KindFieldChanged, Actor: bob, Field: "Plan", From: "free", To: "paid"},
			"Bob changed the field “Plan” from “free” to “paid”"},
		{conversation.Event{Kind: conversation.KindMoved, Actor: bob, From: "s", To: "x"}, "Bob moved it from Support to Billing"},
		{conversation.Event{Kind: conversation.KindSubjectChanged, Actor: bob, From: "A", To: "B"}, "Bob changed the subject from “A” to “B”"},
		{conversation.Event{Kind: conversation.KindStateChanged, Actor: bob, From: "published", To: "deleted"}, "Bob deleted it"},
		{conversation.Event{Kind: conversation.KindStateChanged, Actor: bob, From: "deleted", To: "published"}, "Bob brought it back"},
		{conversation.Event{Kind: conversation.KindManualRun, Actor: bob}, "Bob asked for a workflow to be run"},
		{conversation.Event{Kind: conversation.KindUndo, Actor: bob, Definition: "w"},
			"Bob asked to undo what the workflow “Refund requests” did"},
		{conversation.Event{Kind: conversation.KindAutoReplyOn, Actor: bob}, "Bob switched on the automatic reply"},
		{conversation.Event{Kind: conversation.KindDue, Definition: "w"}, "The time came for the workflow “Refund requests”"},
		{conversation.Event{Kind: conversation.KindConsider, Definition: "w"}, "The system asked whether the workflow “Refund requests” applies"},
		{conversation.Event{Kind: conversation.KindRated, Actor: ann, To: "not_good", Comment: "too slow"},
			"Ann Smith rated it not good: “too slow”"},
		{conversation.Event{Kind: conversation.KindRated, Actor: ann, From: "okay", To: "great"}, "Ann Smith rated it great instead of okay"},
		{conversation.Event{Kind: conversation.KindViewed, Actor: ann}, "Ann Smith saw a message of ours"},
		{conversation.Event{Kind: conversation.KindRedeliver, Actor: bob}, "Bob asked for a delivery to be sent again"},
	} {
		if got := c.event.Sentence(func(id string) string { return names[id] }); got != c.want {
			t.Errorf("%s: %q, want %q", c.event.Kind, got, c.want)
		}
	}
}
