package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// losing returns a house whose relay answers as planned, with an agent of the support
// mailbox.
func losing(t *testing.T, plan ...delivery.Result) (*house, conversation.User) {
	t.Helper()
	h := newHouse(t, func(cfg *activities.Config) { cfg.Mailer = &relay{plan: plan} })
	return h, h.User("maria", h.support.ID)
}

var (
	refusedMail = delivery.Result{State: delivery.AttemptFailed, Code: 550, Reason: "the relay refused it: 550"}
	sentMail    = delivery.Result{State: delivery.AttemptSent, Code: 250}
)

// written has the agent write into the conversation, and returns the mail that waits.
func (h *house) written(id conversation.ID, agent conversation.User) activities.DeliverInput {
	h.Helper()
	_, err := h.Store.PostMessage(h.Context(), access.Caller{User: agent}, id,
		conversation.Post{Kind: conversation.MessageReply, Body: "It comes."})
	testhouse.Must(h, err)
	h.advance(id)
	return h.newest(id, delivery.KindReply)
}

// newest is the newest mail of the kind.
func (h *house) newest(id conversation.ID, kind delivery.Kind) activities.DeliverInput {
	h.Helper()
	return activities.DeliverInput{Kind: string(kind), DeliveryID: h.Column(
		`SELECT id::text FROM deliveries WHERE conversation_id = $1 AND kind = $2 ORDER BY seq DESC, id DESC LIMIT 1`, id, kind)[0]}
}

// giveUp attempts a delivery until nothing more is tried.
func (h *house) giveUp(in activities.DeliverInput) {
	h.Helper()
	for range 400 {
		out, pause := h.deliver(in)
		switch out.State {
		case "handed_over":
			in.HandedOver = true
		case "failed":
			return
		default:
			h.Later(pause)
		}
	}
	h.Fatal("it is tried for ever")
}

// noticed are the texts of the notices to our users.
func (h *house) noticed(id conversation.ID) []string {
	h.Helper()
	return h.Column(`SELECT (payload -> 'mail' -> 'to' ->> 0) || ' ' || (payload -> 'mail' ->> 'subject') || ' ' || (payload -> 'mail' ->>
		'text')
		FROM deliveries WHERE conversation_id = $1 AND kind = 'notify' ORDER BY id`, id)
}

func TestAnAgentIsToldOnceOfAMailThatDidNotArrive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		plan   []delivery.Result
		reason string
	}{
		{"refused", []delivery.Result{refusedMail}, "the relay refused it: 550"},
		{"refused without a word", []delivery.Result{{State: delivery.AttemptFailed}}, "the other side refused it"},
		{"refused at the second attempt", []delivery.Result{{State: delivery.AttemptDeferred, Code: 451}, refusedMail},
			"the relay refused it: 550"},
		{"given up", []delivery.Result{{State: delivery.AttemptDeferred, Code: 451, Reason: "the relay is busy: 451"}},
			"it was tried long enough; the last attempt: the relay is busy: 451"},
		{"given up without an answer", []delivery.Result{{State: delivery.AttemptUnknown}}, "it was tried long enough"},
	} {
		h, maria := losing(t, c.plan...)
		id := h.mail("Secret subject", "secret text")
		h.advance(id)
		in := h.written(id, maria)
		h.giveUp(in)
		h.advance(id)
		h.deliver(in) // nothing is attempted, and nobody told, again
		h.advance(id)
		if got := h.Conversation(id).Attention; got != "a mail did not arrive: "+c.reason {
			t.Errorf("%s: attention %q", c.name, got)
		}
		if got := h.events(id); got != "customer_message agent_reply undelivered" {
			t.Errorf("%s: events %s", c.name, got)
		}
		told := h.noticed(id)
		if len(told) != 1 || !strings.HasPrefix(told[0], maria.Email+" [#1] Your mail did not arrive ") ||
			strings.Contains(strings.ToLower(told[0]), "secret") ||
			!strings.Contains(told[0], in.DeliveryID) {
			t.Errorf("%s: told %q", c.name, told)
		}
	}
}

// The relay takes a mail without one of its recipients: the agent must know, and the
// others have it.
func TestAnAgentIsToldOfARecipientWhomTheRelayRefused(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, delivery.Result{State: delivery.AttemptSent, Code: 250, Reason: "the relay refused 1 of 3 recipients: 550"},
		sentMail)
	id := h.mail("Secret subject", "secret text")
	h.advance(id)
	in := h.written(id, maria)
	if out, _ := h.deliver(in); out.State != "sent" {
		t.Errorf("the delivery is %s", out.State)
	}
	h.advance(id)
	h.deliver(in)
	h.advance(id)
	attention := func(when string) {
		t.Helper()
		if got := h.Conversation(id).Attention; got != "a mail did not arrive: the relay refused 1 of 3 recipients: 550" {
			t.Errorf("%s: attention %q", when, got)
		}
	}
	attention("refused")
	if out, _ := h.deliver(h.newest(id, delivery.KindNotify)); out.State != "sent" {
		t.Errorf("the notice is %s", out.State)
	}
	attention("the agent was told")
	if got := h.events(id); got != "customer_message agent_reply undelivered" {
		t.Errorf("events %s", got)
	}
	if told := h.noticed(id); len(told) != 1 || !strings.HasPrefix(told[0], maria.Email+" [#1] Your mail did not arrive everywhere ") ||
		!strings.Contains(told[0], "The others have it.") || strings.Contains(strings.ToLower(told[0]), "secret") {
		t.Errorf("told %q", told)
	}
}

// The notice itself is refused: nothing more comes of it, whether at once or as a
// bounce.
func TestANoticeThatDoesNotArriveBreedsNone(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, refusedMail)
	id := h.mail("Hello", "text")
	h.advance(id)
	h.giveUp(h.written(id, maria))
	h.advance(id)
	notice := h.newest(id, delivery.KindNotify)
	attention := h.Conversation(id).Attention
	h.giveUp(notice)
	h.advance(id)
	if got := h.events(id); got != "customer_message agent_reply undelivered" || len(h.noticed(id)) != 1 ||
		h.Conversation(id).Attention != attention {
		t.Errorf("refused: events %s, %d notices, attention %q", got, len(h.noticed(id)), h.Conversation(id).Attention)
	}

	other, maria := losing(t, refusedMail, sentMail)
	id = other.mail("Hello", "text")
	other.advance(id)
	other.giveUp(other.written(id, maria))
	other.advance(id)
	notice = other.newest(id, delivery.KindNotify)
	other.deliver(notice)
	attention = other.Conversation(id).Attention
	ours := other.ours(id, "notify")
	if got := other.real("24-bounce-of-a-reply.eml", "", other.support.Email, "@@REPLY-ID@@", ours, "support@example.com",
		other.support.Email); got != id {
		t.Fatal("the bounce begins a conversation")
	}
	other.advance(id)
	if got := other.Column(`SELECT state FROM deliveries WHERE id = $1`, notice.DeliveryID)[0]; got != "bounced" {
		t.Errorf("the notice is %s", got)
	}
	if c := other.Conversation(id); len(other.noticed(id)) != 1 || c.Attention != attention {
		t.Errorf("bounced: %d notices, attention %q", len(other.noticed(id)), c.Attention)
	}
}

func TestAnAgentIsToldOfABounce(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, sentMail)
	id := h.mail("Refund", "please")
	h.advance(id)
	in := h.written(id, maria)
	h.deliver(in)
	for _, again := range []string{"dsn-24", "dsn-25"} { // some servers report twice
		h.real("24-bounce-of-a-reply.eml", "", h.support.Email, "@@REPLY-ID@@", h.ours(id, "reply"), "support@example.com", h.support.Email,
			"dsn-24", again)
		h.advance(id)
	}
	if c := h.Conversation(id); c.Attention != "a mail did not arrive: 5.1.1: there is no such address" {
		t.Errorf("attention %q", c.Attention)
	}
	if told := h.noticed(id); len(told) != 1 || !strings.HasPrefix(told[0], maria.Email+" ") ||
		!strings.Contains(told[0], "there is no such address") {
		t.Errorf("told %q", told)
	}
}

func TestOfAWorkflowsMailNobodyIsTold(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, refusedMail)
	h.workflow(automation.Definition{Name: "too", Conditions: rows(row("agent_replied", "", nil)), Actions: []automation.Action{
		{Do: automation.DoForward, To: []string{"sales@factory.example"}, Body: "look"},
		{Do: automation.DoEmail, Subject: "News", Body: "none"}, {Do: automation.DoNotify, To: []string{string(maria.ID)}, Body: "look"},
	}})
	id := h.mail("Hello", "text")
	h.advance(id)
	h.written(id, maria)
	for i, kind := range []delivery.Kind{delivery.KindForward, delivery.KindEmail, delivery.KindNotify} {
		_, err := h.Pool.Exec(t.Context(), `UPDATE deliveries SET attempts = 1 WHERE conversation_id = $1`, id) // nobody waits for an earlier one
		testhouse.Must(t, err)
		h.giveUp(h.newest(id, kind))
		h.advance(id)
		if c := h.Conversation(id); !strings.HasPrefix(c.Attention, "a mail did not arrive: ") || len(h.noticed(id)) != 1 {
			t.Errorf("%s: attention %q, notices %q", kind, c.Attention, h.noticed(id))
		}
		if got := strings.Count(h.events(id), "undelivered"); got != i+1 {
			t.Errorf("%s: %d events", kind, got)
		}
	}
}

// What is sent again well needs no attention any longer; what is refused again does,
// and is told once.
func TestWhatIsSentAgainNeedsNoAttention(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, refusedMail, refusedMail, sentMail)
	id := h.mail("Hello", "text")
	h.advance(id)
	in := h.written(id, maria)
	h.giveUp(in)
	h.advance(id)
	for _, c := range []struct {
		state, attention string
	}{{"failed", "a mail did not arrive: the relay refused it: 550"}, {"sent", ""}} {
		_, err := h.Store.Redeliver(t.Context(), access.Caller{User: maria}, delivery.ID(in.DeliveryID))
		testhouse.Must(t, err)
		h.advance(id)
		if out, _ := h.deliver(in); out.State != c.state {
			t.Fatalf("it is %s, want %s", out.State, c.state)
		}
		h.advance(id)
		if got := h.Conversation(id).Attention; got != c.attention || len(h.noticed(id)) != 1 {
			t.Errorf("%s again: attention %q, %d notices", c.state, got, len(h.noticed(id)))
		}
	}
}

func TestAnotherAttentionStays(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, sentMail)
	id := h.mail("Hello", "text")
	h.advance(id)
	in := h.written(id, maria)
	_, err := h.Pool.Exec(t.Context(), `UPDATE conversations SET attention = 'a workflow failed and is paused here' WHERE id = $1`, id)
	testhouse.Must(t, err)
	h.deliver(in)
	if got := h.Conversation(id).Attention; got == "" {
		t.Error("a mail that was sent took back what a workflow asked for")
	}
}

// A relay that refuses everything must not flood who writes much.
func TestNoticesOfLostMailAreBounded(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, refusedMail)
	lose := func() {
		t.Helper()
		id := h.mail("Hello", "text")
		h.advance(id)
		h.giveUp(h.written(id, maria))
		h.advance(id)
		if h.Conversation(id).Attention == "" {
			t.Fatal("it needs no attention")
		}
	}
	notices := func() int { return len(h.Column(`SELECT 1 FROM deliveries WHERE kind = 'notify'`)) }
	for range delivery.MaxTold + 2 {
		lose()
	}
	if n := notices(); n != delivery.MaxTold {
		t.Errorf("%d notices within an hour, want %d", n, delivery.MaxTold)
	}
	h.Later(time.Hour + time.Minute)
	lose()
	if n := notices(); n != delivery.MaxTold+1 {
		t.Errorf("%d notices, want one more after an hour", n)
	}
}

// What a run writes in an agent's name is a run's mail all the same.
func TestOfARunsMailInAnAgentsNameNobodyIsTold(t *testing.T) {
	t.Parallel()
	h, maria := losing(t, refusedMail)
	w := h.workflow(asAgent(automation.AsAgent))
	id := h.mail("Hello", "text")
	h.advance(id)
	h.runs(id, maria, w.ID)
	for _, kind := range []delivery.Kind{delivery.KindReply, delivery.KindEmail} {
		h.giveUp(h.newest(id, kind))
		h.advance(id)
	}
	if c := h.Conversation(id); c.Attention == "" || len(h.noticed(id)) != 0 {
		t.Errorf("attention %q, notices %q", c.Attention, h.noticed(id))
	}
}
