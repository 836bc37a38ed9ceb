package activities_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

func (h *house) limits(l conversation.Limits) {
	h.Helper()
	_, err := h.Store.ChangeSettings(h.Context(), access.System(), conversation.SettingsChange{Limits: l})
	testhouse.Must(h, err)
}

func (h *house) admin(name string) conversation.User {
	h.Helper()
	u, err := h.Store.CreateUser(h.Context(), access.System(), conversation.User{
		Name: name, Email: name + "@smarticks.test", Role: conversation.RoleAdmin, Available: true,
	})
	testhouse.Must(h, err)
	return u
}

// told lists what was mailed to admins: subjects and texts.
func (h *house) told() []string {
	h.Helper()
	return h.Column(`SELECT payload -> 'mail' ->> 'subject' || ': ' || (payload -> 'mail' ->> 'text') FROM deliveries
		WHERE kind = 'notify' AND run_id IS NULL AND conversation_id IS NULL ORDER BY created_at, id`)
}

func (h *house) runsOf(id conversation.ID) int {
	h.Helper()
	return len(h.Column(`SELECT id FROM runs WHERE conversation_id = $1 AND state = 'done'`, id))
}

// everyReply is a workflow that runs at every answer of the customer.
func everyReply(name string, actions ...automation.Action) automation.Definition {
	return automation.Definition{Name: name, MaxRuns: 1000, Conditions: rows(row("customer_replied", "", nil)), Actions: actions}
}

func TestAWorkflowIsPausedWhereItRanTooOften(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{WorkflowHere: 3})
	h.workflow(everyReply("busy", tag("x")))
	other := h.mail("Other", "")
	id := h.mail("Hello", "")
	for range 3 {
		h.reply(id, id)
		h.advance(id)
	}
	if n := h.runsOf(id); n != 3 || len(h.told()) != 0 {
		t.Fatalf("%d runs within the limit of 3, told %q", n, h.told())
	}
	for range 3 {
		h.reply(id, id)
		h.advance(id)
	}
	if n := h.runsOf(id); n != 3 {
		t.Errorf("%d runs, want 3", n)
	}
	told := h.told()
	if len(told) != 1 || !strings.Contains(told[0], `"busy" is paused on conversation #`) ||
		!strings.Contains(told[0], "it ran 3 times on this conversation within an hour") {
		t.Errorf("admins were told %q", told)
	}
	if audit := h.Column(`SELECT after ->> 'limit' FROM audit WHERE verb = 'paused'`); !slices.Equal(audit, []string{"runs"}) {
		t.Errorf("audit %q", audit)
	}
	if c := h.Conversation(id); !strings.Contains(c.Attention, "paused here") {
		t.Errorf("attention %q", c.Attention)
	}
	h.reply(other, other)
	h.advance(other)
	if n := h.runsOf(other); n != 1 {
		t.Errorf("%d runs on another conversation, want 1", n)
	}
}

func TestABudgetIsOfOneHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 2})
	h.workflow(everyReply("busy", tag("x")))
	id := h.mail("Hello", "")
	answer := func(want int) {
		t.Helper()
		h.reply(id, id)
		h.advance(id)
		if n := h.runsOf(id); n != want {
			t.Fatalf("%d runs, want %d", n, want)
		}
	}
	answer(1)
	h.Later(40 * time.Minute)
	answer(2)
	h.Later(21 * time.Minute) // the first run is an hour and a minute ago
	answer(3)
	h.Later(10 * time.Minute)
	answer(3) // two within the hour: the limit
	h.Later(2 * time.Hour)
	answer(3) // a pause does not end by itself
}

func TestTheBudgetOfAConversationIsForAllItsWorkflows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Here: 5})
	for _, name := range []string{"a", "b", "c"} {
		h.workflow(everyReply(name, tag(name)))
	}
	id := h.mail("Hello", "")
	for range 3 {
		h.reply(id, id)
		h.advance(id)
	}
	if n := h.runsOf(id); n != 5 {
		t.Errorf("%d runs, want 5", n)
	}
	if kinds := h.Column(`SELECT kind FROM pauses`); !slices.Equal(kinds, []string{"all_runs", "all_runs", "all_runs"}) {
		t.Errorf("pauses %q", kinds)
	}
	if told := h.told(); len(told) != 1 {
		t.Errorf("one breach was told %d times: %q", len(told), told)
	}
}

func TestBudgetsOfAConversationAreExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{WorkflowHere: 5})
	h.workflow(everyReply("busy", tag("x")))
	id := h.mail("Hello", "")
	h.advance(id)
	for range 12 {
		h.reply(id, id)
	}
	var all sync.WaitGroup
	for range 4 {
		acts := h.another() // a process that was started again
		all.Go(func() {
			for range 5 {
				_, err := acts.Advance(context.WithoutCancel(t.Context()), activities.AdvanceInput{ConversationID: string(id)})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := h.runsOf(id); n != 5 {
		t.Errorf("%d runs, want 5", n)
	}
	if told := h.told(); len(told) != 1 {
		t.Errorf("told %q", told)
	}
}

func TestAWorkflowIsPausedEverywhereWhenItReachesItsOwnLimit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Workflow: 3})
	w := h.workflow(automation.Definition{Name: "all", MaxRuns: 2, Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("x")}})
	ran := func() int { return len(h.Column(`SELECT id FROM runs WHERE definition_id = $1`, w.ID)) }
	h.advance(h.mail("1", ""))
	h.advance(h.mail("2", ""))
	h.Later(61 * time.Minute)
	for range 5 {
		h.advance(h.mail("more", ""))
	}
	if n := ran(); n != 5 {
		t.Errorf("%d runs, want 2 before the hour and 3 in it", n)
	}
	told := h.told()
	if len(told) != 1 || !strings.Contains(told[0], `"all" is paused`) || !strings.Contains(told[0], "3 times within an hour") {
		t.Errorf("told %q", told)
	}
	if audit := h.Column(`SELECT object_id FROM audit WHERE verb = 'paused'`); !slices.Equal(audit, []string{string(w.ID)}) {
		t.Errorf("audit %q", audit)
	}
}

// An outage brings more mail than the limit: what runs once for each conversation and
// tells nobody continues, and what tells somebody is paused.
func TestWhatCannotRunAwayIsNotPausedByTheLimitOfTheInstallation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Workflow: 3})
	maria := h.User("maria", h.support.ID)
	all := func(name string, actions ...automation.Action) automation.DefinitionID {
		return h.workflow(automation.Definition{Name: name, Conditions: rows(row("new_conversation", "", nil)), Actions: actions}).ID
	}
	calm := all("tags", tag("x"), automation.Action{Do: "set_status", Status: "pending"})
	loud := all("tells", automation.Action{Do: "notify", To: []string{string(maria.ID)}, Body: "look"})
	for range 6 {
		h.advance(h.mail("The disk is full", ""))
	}
	ran := func(id automation.DefinitionID) int {
		return len(h.Column(`SELECT id FROM runs WHERE definition_id = $1 AND state = 'done'`, id))
	}
	if ran(calm) != 6 || ran(loud) != 3 {
		t.Errorf("%d runs of what tags and %d of what tells, want 6 and 3", ran(calm), ran(loud))
	}
	if paused := h.Column(`SELECT id::text FROM definitions WHERE paused_at IS NOT NULL`); !slices.Equal(paused, []string{string(loud)}) {
		t.Errorf("paused: %q", paused)
	}
}

func TestAutomaticMailToTheCustomerHasWindows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{WorkflowHere: 1000, Here: 1000, Recipient: 100, RecipientSubject: 100, RecipientDay: 100})
	d := everyReply("answers", automation.Action{Do: "reply", Body: "Thank you"}, tag("seen"))
	d.RepliesPerHour = automation.MaxReplies
	h.workflow(d)
	id := h.mail("Hello", "")
	mails := func() int { return len(h.Column(`SELECT id FROM deliveries WHERE kind = 'reply'`)) }
	for range 12 {
		h.reply(id, id)
		h.advance(id)
	}
	if n := mails(); n != 10 {
		t.Errorf("%d mails in ten minutes, want 10", n)
	}
	if n, limited := h.runsOf(id), h.Column(`SELECT id FROM runs WHERE state = 'limited'`); n != 10 || len(limited) != 2 {
		t.Errorf("%d runs and %d limited, want 10 and 2", n, len(limited))
	}
	if told := h.told(); len(told) != 1 || !strings.Contains(told[0],
		"about this conversation has reached its limit of 10 within 10 minutes") {
		t.Errorf("told %q", told)
	}
	h.Later(11 * time.Minute)
	h.reply(id, id)
	h.advance(id)
	if n := mails(); n != 11 {
		t.Errorf("%d mails when the window had opened, want 11", n)
	}
}

func TestAWorkflowWritesAboutAConversationOnceAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Recipient: 100, RecipientSubject: 100, RecipientDay: 100})
	d := everyReply("once", automation.Action{Do: "reply", Body: "We got it"}, tag("seen"))
	w := h.workflow(d)
	d.Name, d.RepliesPerHour = "twice", 2
	h.workflow(d)
	first, second := h.mail("One thing", ""), h.mail("Another thing", "")
	answer := func(id conversation.ID) {
		t.Helper()
		h.reply(id, id)
		h.advance(id)
	}
	for range 3 {
		answer(first)
	}
	h.wants(first, "once done reply=queued add_tags=done", "twice done reply=queued add_tags=unchanged", "once limited",
		"twice done reply=queued add_tags=unchanged", "once limited", "twice limited")
	answer(second) // of the same customer
	h.wants(second, "once done reply=queued add_tags=done", "twice done reply=queued add_tags=unchanged")
	h.Later(61 * time.Minute)
	answer(first)
	if got := h.did(first); got[len(got)-2] != "once done reply=queued add_tags=unchanged" {
		t.Errorf("an hour later: %q", got)
	}
	if why := h.Column(`SELECT reason FROM runs WHERE state = 'limited' AND definition_id = $1 LIMIT 1`, w.ID); len(why) != 1 ||
		!strings.Contains(why[0], "replies_per_hour") {
		t.Errorf("reason %q", why)
	}
	if told, pauses := h.told(), h.Column(`SELECT kind FROM pauses`); len(told)+len(pauses) != 0 {
		t.Errorf("a workflow's own limit told %q and paused %q", told, pauses)
	}
}

// another is the activities of another process on the same database.
func (h *house) another() *activities.Activities {
	return activities.New(activities.Config{Open: opens(h.Store), Deliveries: h.Store, NewID: store.NewID, Logger: h.logs})
}
