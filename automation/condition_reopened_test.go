package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// reopening is an answer of the customer to what was closed for so long.
func reopening(closed time.Duration) func(*conversation.Facts) {
	return event(conversation.KindCustomerMessage, func(e *conversation.Event) {
		e.At, e.Before = t0, &conversation.Anchors{ClosedAt: t0.Add(-closed)}
	})
}

var reopenedRowCases = []rowCase{
	{"an answer to what was closed", cond("customer_reopened", "", nil), facts(reopening(time.Hour)), True,
		"closed since 2026-11-23 08:00:00 UTC", ""},
	{"an answer to what was open", cond("customer_reopened", "", nil), facts(event(conversation.KindCustomerMessage)), False,
		"it was not closed", ""},
	{"a first message", cond("customer_reopened", "", nil),
		facts(reopening(time.Hour), func(f *conversation.Facts) { f.Event.First = true }), False, "a new conversation", ""},
	{"a holiday note opens nothing", cond("customer_reopened", "", nil),
		facts(reopening(time.Hour), marked(conversation.MessageCustomer, conversation.MachineAutoReply)), False, "it was not closed", ""},
	{"a list's mail may hold a person's words", cond("customer_reopened", "", nil),
		facts(reopening(time.Hour), marked(conversation.MessageCustomer, conversation.MachineList)), True, "", ""},
	{"an agent opens it", cond("customer_reopened", "", nil), facts(event(conversation.KindStatusChanged)), False, "the status changed", ""},
	{"time opens nothing", cond("customer_reopened", "", nil), facts(), False, "no event", ""},
	{"closed for as long", cond("customer_reopened", "", "3d"), facts(reopening(72 * time.Hour)), True, "closed since 2026-11-20", ""},
	{"closed for less long", cond("customer_reopened", "", "3d"), facts(reopening(72*time.Hour - time.Second)), False,
		"closed since 2026-11-20", ""},
	{"how long counts to the answer, not to now", cond("customer_reopened", "", "2h"),
		facts(reopening(time.Hour), now(t0.Add(24*time.Hour))), False, "", ""},
	{"closed for business hours", cond("customer_reopened", "", "2bh"), facts(office("UTC"), reopening(68*time.Hour)), True, "", ""},
	{"closed for less business hours", cond("customer_reopened", "", "8bh"), facts(office("UTC"), reopening(68*time.Hour)), False, "", ""},
}
