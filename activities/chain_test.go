package activities_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
)

// sent are the deliveries of a kind, in their order.
func (h *house) sent(kind delivery.Kind) []delivery.Delivery {
	h.Helper()
	var out []delivery.Delivery
	for _, id := range h.Column(`SELECT id::text FROM deliveries WHERE kind = $1 ORDER BY created_at, id`, kind) {
		d, _, err := h.Store.Delivery(h.Context(), access.System(), delivery.ID(id))
		testhouse.Must(h, err)
		out = append(out, d)
	}
	return out
}

// callsBack does what an endpoint does that answers each webhook with a note, and
// returns how often it was called.
func (h *house) callsBack(id conversation.ID, echo func(cause string) string) int {
	h.Helper()
	answered := 0
	for range 100 {
		h.advance(id)
		calls := h.sent(delivery.KindWebhook)
		if len(calls) == answered {
			return answered
		}
		for _, c := range calls[answered:] {
			who := access.System()
			who.User, who.Cause = h.bot, echo(c.Webhook.Cause)
			_, err := h.Store.PostMessage(h.Context(), who, id, conversation.Post{Kind: conversation.MessageNote, Body: "seen"})
			testhouse.Must(h, err)
			answered++
		}
	}
	h.Fatal("it never ends")
	return 0
}

func TestAnEndpointThatCallsBackIsBlockedByItsCauseOrByTheLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		echo func(string) string
		want int
	}{
		"gives the cause back":   {func(cause string) string { return cause }, 1},
		"drops it":               {func(string) string { return "" }, conversation.DefaultLimits.WorkflowHere},
		"forges it":              {func(cause string) string { return cause + "x" }, conversation.DefaultLimits.WorkflowHere},
		"gives back what is old": {func(string) string { return "v1.e30.AAAA" }, conversation.DefaultLimits.WorkflowHere},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.admin("root")
			h.bot = h.admin("bot")
			h.workflow(automation.Definition{Name: "report", MaxRuns: 1000, Conditions: []automation.Group{{Any: []automation.Condition{
				row("new_conversation", "", nil), row("note_added", "", nil),
			}}}, Actions: []automation.Action{{Do: automation.DoWebhook, URL: "https://example.com/"}}})
			id := h.mail("Hello", "")
			if n := h.callsBack(id, c.echo); n != c.want {
				t.Errorf("%d calls, want %d", n, c.want)
			}
		})
	}
}

func TestAChainThatGoesOnInOtherConversationsEndsAtItsDepth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 1000, Here: 1000})
	h.workflow(automation.Definition{Name: "report", MaxRuns: 1000, Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoWebhook, URL: "https://example.com/"}}})
	id := h.mail("Hello", "")
	calls := 0
	for range 50 {
		h.advance(id)
		all := h.sent(delivery.KindWebhook)
		if len(all) == calls {
			break
		}
		calls = len(all)
		who := access.System()
		who.Cause = all[calls-1].Webhook.Cause
		r, err := h.Store.OpenConversation(t.Context(), who, conversation.Opening{
			MailboxID: h.support.ID, CustomerEmail: "ann@example.com", Type: conversation.TypeAPI, Body: "again",
		})
		testhouse.Must(t, err)
		id = r.ID
	}
	if calls != conversation.MaxDepth {
		t.Errorf("%d calls, want %d", calls, conversation.MaxDepth)
	}
}

func TestWorkflowsThatTagAgainstEachOtherEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "add", MaxRuns: 1000, Conditions: rows(row("tags", "has_none", []any{"x"})),
		Actions: []automation.Action{tag("x")}})
	h.workflow(automation.Definition{Name: "remove", MaxRuns: 1000, Conditions: rows(row("tags", "has_any", []any{"x"})),
		Actions: []automation.Action{{Do: automation.DoRemoveTags, Tags: []string{"x"}}}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "add done add_tags=done", "remove done remove_tags=done")
	for range 20 {
		_, err := h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageCustomer, Body: "hello?"})
		testhouse.Must(t, err)
		h.advance(id)
	}
	if n := h.runsOf(id); n > 2*21 {
		t.Errorf("%d runs for 21 events", n)
	}
}

func TestAnAnswerThatCarriesOurMarkGoesOnWithTheChain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workflow(automation.Definition{Name: "hello", MaxRuns: 1000, RepliesPerHour: 60,
		Conditions: []automation.Group{{Any: []automation.Condition{
			row("new_conversation", "", nil), row("customer_replied", "", nil),
		}}}, Actions: []automation.Action{{Do: "reply", Body: "We got it"}}})
	id := h.mail("Hello", "")
	h.advance(id)
	replies := h.sent(delivery.KindReply)
	if len(replies) != 1 {
		t.Fatalf("%d replies", len(replies))
	}
	answer := func(machine conversation.Machine, mark string) {
		h.mail("Re: Hello", "I am away", func(in *conversation.Incoming) {
			in.InReplyTo, in.Marks, in.Machine = []string{replies[0].Mail.MessageID}, []string{"", mark}, machine
		})
		h.advance(id)
	}
	machines := []conversation.Machine{conversation.MachineAutoReply, conversation.MachineGenerated, conversation.MachineList,
		conversation.MachineNullSender}
	for _, machine := range machines {
		if answer(machine, replies[0].Mail.Loop); h.runsOf(id) != 1 {
			t.Errorf("%d runs: the answer of a machine (%s) belongs to the chain of the first mail", h.runsOf(id), machine)
		}
	}
	if path := h.Column(`SELECT path[1] || ' ' || depth FROM events WHERE kind = 'customer_message' AND depth >
		0`); len(path) != len(machines) || path[0] != string(w.ID)+" 1" {
		t.Errorf("path %q", path)
	}
	// A person who got the mark can set it on whatever they write.
	for i, person := range []conversation.Machine{"", conversation.MachineSuppressed} {
		if answer(person, replies[0].Mail.Loop); h.runsOf(id) != 2+i {
			t.Errorf("%d runs: what a person (%q) writes is an event of its own", h.runsOf(id), person)
		}
	}
	if answer(conversation.MachineGenerated, strings.ToUpper(replies[0].Mail.Loop)); h.runsOf(id) != 4 {
		t.Errorf("%d runs: a forged mark is none", h.runsOf(id))
	}
}

func TestTheMarkSurvivesTheMailAndItsBounce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "hello", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "We got it"}}})
	h.advance(h.mail("Hello", ""))
	m := h.sent(delivery.KindReply)[0].Mail
	if m.Loop == "" {
		t.Fatal("the reply carries no mark")
	}
	raw, err := mail.Compose(*m)
	testhouse.Must(t, err)
	if in := mail.Parse(raw, mail.Envelope{}); len(in.Marks) != 1 || in.Marks[0] != m.Loop {
		t.Errorf("read back %q, want %q", in.Marks, m.Loop)
	}
	header, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	bounce := strings.ReplaceAll(`From: mailer-daemon@example.com
To: support@smarticks.test
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

`, "\n", "\r\n") + header + "\r\n\r\n--b--\r\n"
	if in := mail.Parse([]byte(bounce), mail.Envelope{}); len(in.Marks) != 1 || in.Marks[0] != m.Loop ||
		in.Machine != conversation.MachineBounce {
		t.Errorf("of the bounce %q, machine %q", in.Marks, in.Machine)
	}
}
