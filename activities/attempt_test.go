package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// outside is the relay and all endpoints: what they got, and how long they take.
type outside struct {
	mu     sync.Mutex
	got    []string // subjects and addresses
	answer delivery.Result
	wait   chan struct{} // nil: they answer at once
}

func (o *outside) take(what string) delivery.Result {
	o.mu.Lock()
	o.got = append(o.got, what)
	wait, answer := o.wait, o.answer
	o.mu.Unlock()
	if wait != nil {
		<-wait
	}
	return answer
}

func (o *outside) Send(ctx context.Context, m delivery.Mail, beforeDot func(context.Context) error) delivery.Result {
	if err := beforeDot(ctx); err != nil {
		return delivery.Result{State: delivery.AttemptDeferred}
	}
	return o.take(m.Subject)
}

func (o *outside) Post(_ context.Context, _ delivery.ID, _ time.Time, w delivery.Webhook) delivery.Result {
	return o.take(w.URL)
}

func (o *outside) received() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(slices.Values(o.got))
}

// prompt returns a house that makes first attempts at once.
func prompt(t *testing.T, slots int, change ...func(*activities.Config)) (*house, *outside) {
	t.Helper()
	o := &outside{answer: delivery.Result{State: delivery.AttemptSent, Code: 250}}
	defaults := func(cfg *activities.Config) {
		cfg.Mailer, cfg.Poster, cfg.FirstAttempts, cfg.FirstBudget = o, o, slots, time.Minute
	}
	return newHouse(t, append([]func(*activities.Config){defaults}, change...)...), o
}

// answering lets each mail be answered by mails and webhooks.
func (h *house) answering(actions ...automation.Action) {
	h.Helper()
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)), Actions: actions})
}

var (
	replies = automation.Action{Do: "reply", Body: "Hi"}
	emails  = automation.Action{Do: "email", Subject: "And another thing", Body: "Hi"}
	posts   = automation.Action{Do: "webhook", URL: "https://example.com/hook"}
)

// attempt asks for the first attempts of an answer, and returns the states by kind.
func (h *house) attempt(got activities.Advanced) (states map[string]string) {
	h.Helper()
	var in activities.AttemptInput
	for _, d := range got.Deliveries {
		if d.Begun {
			in.Deliveries = append(in.Deliveries, d)
		}
	}
	out, err := h.acts.Attempt(h.Context(), in)
	testhouse.Must(h, err)
	states = map[string]string{}
	for i, d := range out.Deliveries {
		if d.DeliveryID != in.Deliveries[i].ID {
			h.Fatalf("answered for %v, asked for %v", out.Deliveries, in.Deliveries)
		}
		states[d.Kind] = d.State
	}
	return states
}

func TestFirstAttemptsAreBegunWithAdvanceAndMadeOnce(t *testing.T) {
	t.Parallel()
	h, o := prompt(t, 8)
	h.answering(replies, posts, emails)
	got := h.advance(h.mail("Hello", "Hello"))
	if n := len(h.Column(`SELECT id FROM deliveries WHERE held_until > clock_timestamp() AND attempts = 1`)); n != 2 {
		t.Errorf("%d are held, want the first mail and the webhook", n)
	}
	if len(o.received()) != 0 {
		t.Error("something was sent before it was kept")
	}
	if states := h.attempt(got); states["reply"] != "sent" || states["webhook"] != "sent" || states["email"] != "sent" {
		t.Errorf("states %v", states)
	}
	for _, state := range h.attempt(got) { // a second time nothing is known of them
		if state != "waiting" {
			t.Errorf("the second time: %s", state)
		}
	}
	for _, d := range got.Deliveries {
		if out, _ := h.deliver(activities.DeliverInput{DeliveryID: d.ID, Kind: d.Kind}); out.State != "sent" || out.Attempts != 1 {
			t.Errorf("the regular way finds %+v", out)
		}
	}
	if got := o.received(); len(got) != 3 {
		t.Errorf("sent %v", got)
	}
	if got := h.Column(`SELECT state FROM attempts`); !slices.Equal(got, []string{"sent", "sent", "sent"}) {
		t.Errorf("attempts %v", got)
	}
}

// The mails of one call go in their order, each after the end of the one before.
func TestMailsOfOneCallGoInOrderAndNotPastOneThatWaits(t *testing.T) {
	t.Parallel()
	h, o := prompt(t, 8)
	h.answering(replies, emails)
	h.attempt(h.advance(h.mail("Hello", "Hello")))
	if !slices.Equal(o.got, []string{"Re: Hello", "And another thing"}) {
		t.Errorf("sent %v", o.got)
	}
	o.answer = delivery.Result{State: delivery.AttemptDeferred, Code: 451}
	id := h.mail("Again", "Hello")
	if states := h.attempt(h.advance(id)); states["reply"] != "waiting" || states["email"] != "waiting" || len(o.got) != 3 {
		t.Errorf("states %v, sent %v: the second waits for the first", states, o.got)
	}
	if n := len(h.Column(`SELECT n FROM attempts WHERE ended_at IS NULL`)); n != 0 {
		t.Errorf("%d attempts are under way", n)
	}
	h.agentReplies(id, "We are at it")
	got := h.advance(id)
	if len(got.Deliveries) != 3 || slices.ContainsFunc(got.Deliveries, func(d activities.DeliveryWaiting) bool { return d.Begun }) {
		t.Errorf("deliveries %+v: an agent's reply does not overtake what waits", got.Deliveries)
	}
}

// Whoever was to make the attempt is gone: it is made when the hold has run out.
func TestAnAttemptThatWasBegunByAWorkerThatIsGoneIsMadeWithinTheHold(t *testing.T) {
	t.Parallel()
	h, o := prompt(t, 8)
	h.answering(replies, posts)
	got := h.advance(h.mail("Hello", "Hello"))
	h.restart()
	for kind, state := range h.attempt(got) {
		if state != "waiting" {
			t.Errorf("%s is %s", kind, state)
		}
	}
	for _, d := range got.Deliveries {
		in := activities.DeliverInput{DeliveryID: d.ID, Kind: d.Kind}
		if _, pause := h.deliver(in); pause <= 0 || pause > 20*time.Second || len(o.received()) > 0 && d.Kind == "reply" {
			t.Errorf("%s: asked again in %v, sent %v", d.Kind, pause, o.received())
		}
	}
	h.Later(20 * time.Second)
	for _, d := range got.Deliveries {
		if out, _ := h.deliver(activities.DeliverInput{DeliveryID: d.ID, Kind: d.Kind}); out.State != "sent" || out.Attempts != 2 {
			t.Errorf("became %+v", out)
		}
	}
	if got := h.Column(`SELECT state FROM attempts WHERE n = 1`); !slices.Equal(got, []string{"deferred", "deferred"}) {
		t.Errorf("the first attempts are %v: nothing was out", got)
	}
}

// A relay that takes long costs its workflow task a moment, nobody else's a thing, and
// soon it gets no first attempts.
func TestASlowRelayIsWaitedForAMomentAndThenLeftOut(t *testing.T) {
	t.Parallel()
	h, o := prompt(t, 8, func(cfg *activities.Config) { cfg.FirstBudget = time.Millisecond })
	h.answering(replies, posts)
	o.wait = make(chan struct{})
	got := h.advance(h.mail("Hello", "Hello"))
	for kind, state := range h.attempt(got) {
		if state != "waiting" {
			t.Errorf("%s is %s though nobody has answered", kind, state)
		}
	}
	in := activities.DeliverInput{DeliveryID: got.Deliveries[0].ID, Kind: got.Deliveries[0].Kind}
	if _, pause := h.deliver(in); pause <= 0 {
		t.Error("what is under way was sent a second time")
	}
	again := h.advance(h.mail("Another", "Hello")) // one slow attempt is no habit
	h.attempt(again)
	if third := h.advance(h.mail("A third", "Hello")); slices.ContainsFunc(third.Deliveries,
		func(d activities.DeliveryWaiting) bool { return d.Begun }) {
		t.Error("a first attempt is begun though two are under way for too long")
	}
	close(o.wait)
	h.acts.AwaitAttempts(t.Context())
	if got := h.Column(`SELECT state FROM deliveries WHERE attempts = 1`); !slices.Equal(got, []string{"sent", "sent", "sent", "sent"}) {
		t.Errorf("deliveries are %v: an attempt is never cut", got)
	}
	if len(o.received()) != 4 {
		t.Errorf("sent %v", o.received())
	}
}

// What was not written was not begun: its place is free again.
func TestWhatIsUndoneIsNotBegun(t *testing.T) {
	t.Parallel()
	broken := errors.New("no")
	fail := true
	h, o := prompt(t, 1, func(cfg *activities.Config) {
		open := cfg.Open
		cfg.Open = func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return open(ctx, id, func(ctx context.Context, c activities.Conversation) error {
				if err := do(ctx, c); err != nil || !fail {
					return err
				}
				return broken
			})
		}
	})
	h.answering(replies)
	id := h.mail("Hello", "Hello")
	if _, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: string(id)}); err == nil {
		t.Fatal("the transaction did not fail")
	}
	fail = false
	if states := h.attempt(h.advance(id)); states["reply"] != "sent" || len(o.received()) != 1 {
		t.Errorf("states %v: the only place is taken", states)
	}
}
