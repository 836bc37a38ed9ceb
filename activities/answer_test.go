package activities_test

import (
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

func TestAnAnswerNamesADeliveryThatSomebodyHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoReply, Body: "Hello"}}})
	id := h.mail("Hello", "Hello")
	waiting := h.advance(id).Deliveries
	if len(waiting) != 1 {
		t.Fatalf("%v", waiting)
	}
	// The attempt's Temporal workflow may be terminated or reset while it lasts.
	taken, err := h.Store.Take(t.Context(), delivery.ID(waiting[0].ID), time.Minute)
	testhouse.Must(t, err)
	if again := h.advance(id).Deliveries; !taken.OK || !slices.Equal(again, waiting) {
		t.Errorf("%v, want %v", again, waiting)
	}
}

func TestAnAnswerNamesAFewWebhooksAndTheMailBehindThem(t *testing.T) {
	t.Parallel()
	const most = 65
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 1000, Here: 1000})
	h.workflow(automation.Definition{Name: "report", MaxRuns: 1000, Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{{Do: automation.DoWebhook, URL: "https://example.com/"}}})
	h.workflow(automation.Definition{Name: "answer", MaxRuns: 1000, Conditions: rows(row("body", "contains", "answer")),
		Actions: []automation.Action{{Do: automation.DoReply, Body: "Hello"}}})
	id := h.mail("Hello", "Hello")
	first := h.Column(`SELECT message_id_header FROM messages`)
	threaded := func(in *conversation.Incoming) { in.InReplyTo = first }
	for range most + 5 {
		h.mail("Re: Hello", "More", threaded)
	}
	h.advance(id)
	h.mail("Re: Hello", "Please answer", threaded)
	for _, when := range []string{"written now", "written before"} {
		counts := map[string]int{}
		for _, d := range h.advance(id).Deliveries {
			counts[d.Kind]++
		}
		if counts["webhook"] != most || counts["reply"] != 1 {
			t.Errorf("%s: %v, want %d webhooks and the reply", when, counts, most)
		}
	}
}
