package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

func (h *house) wants(id conversation.ID, want ...string) {
	h.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, h.did(id)); diff != "" {
		h.Errorf("runs (-want +got):\n%s", diff)
	}
}

func (h *house) reply(id conversation.ID, thread conversation.ID) {
	h.Helper()
	header := h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND message_id_header <> '' ORDER BY created_at
		LIMIT 1`, thread)
	if got := h.mail("Re: it", "and another thing", func(in *conversation.Incoming) { in.InReplyTo = header }); got != id {
		h.Fatalf("the answer went to conversation %s, not %s", got, id)
	}
}

func TestALaterWorkflowSeesWhatAnEarlierOneDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("vip")}})
	h.workflow(automation.Definition{Name: "second",
		Conditions: rows(row("new_conversation", "", nil), row("tags", "has_any", []any{"vip"})), Actions: []automation.Action{tag("seen")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "first done add_tags=done", "second done add_tags=done")
}

func TestStopKeepsLaterWorkflowsFromTheEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "stop"}}})
	h.workflow(automation.Definition{Name: "second", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("never")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "first done stop=done")
}

func TestARunIsMadeOncePerOriginAndWithinMaxRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "twice", MaxRuns: 2, Conditions: rows(row("customer_replied", "", nil)), Actions: []automation.Action{tag("again")},
	})
	id := h.mail("Hello", "")
	for range 3 {
		h.reply(id, id)
		h.advance(id)
	}
	h.wants(id, "twice done add_tags=done", "twice done add_tags=unchanged")
}

func TestWorkflowsThatChaseEachOtherEndAtTheirOrigin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "close", MaxRuns: 1000, Conditions: rows(row("status", "is", "active")),
		Actions: []automation.Action{{Do: "set_status", Status: "closed"}},
	})
	h.workflow(automation.Definition{
		Name: "open", MaxRuns: 1000, Conditions: rows(row("status", "is", "closed")),
		Actions: []automation.Action{{Do: "set_status", Status: "active"}},
	})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "close done set_status=done", "open done set_status=done")
	if c := h.Conversation(id); c.HandledSeq != c.LastSeq {
		t.Errorf("handled %d of %d events", c.HandledSeq, c.LastSeq)
	}
}

func TestAMoveEndsTheEventForTheOldMailboxAndIsSeenByTheNew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	billing := h.Mailbox("billing@smarticks.test")
	h.workflow(automation.Definition{Name: "move", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "move", Mailbox: string(billing.ID)}}})
	h.workflow(automation.Definition{Name: "old", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("old")}})
	h.Workflow(billing.ID, automation.ModeOn, automation.Definition{Name: "any", Conditions: rows(row("subject", "contains", "o")),
		Actions: []automation.Action{tag("any")}})
	h.Workflow(billing.ID, automation.ModeOn, automation.Definition{Name: "here", Conditions: rows(row("moved_here", "", nil)),
		Actions: []automation.Action{tag("here"), {Do: "note", Body: "from {%mailbox.name%}"}}})
	id := h.mail("Invoice, o my", "")
	h.advance(id)
	h.wants(id, "move done move=done", "here done add_tags=done note=done")
	if notes := h.Column(`SELECT body_text FROM messages WHERE kind = 'note'`); len(notes) != 1 || notes[0] != "from billing" {
		t.Errorf("notes %q", notes)
	}
}

func TestADateRowFiresWhenItIsDueAndOncePerEpisode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "overdue", MaxRuns: 10, Conditions: rows(row("waiting_since", "longer_than", "24h"), row("status", "is", "active")),
		Actions: []automation.Action{tag("overdue")},
	})
	id := h.mail("Hello", "")
	got := h.advance(id)
	wait := time.Duration(got.DueInMicros) * time.Microsecond
	if !got.HasDue || wait > 24*time.Hour || wait < 24*time.Hour-time.Minute || len(got.Workflows) != 1 {
		t.Fatalf("due in %v (%v), workflows %v", wait, got.HasDue, got.Workflows)
	}
	h.Later(24*time.Hour - time.Second*30)
	h.advance(id)
	h.wants(id)
	h.Later(time.Minute)
	h.advance(id)
	h.wants(id, "overdue done add_tags=done")
	h.Later(48 * time.Hour)
	if got := h.advance(id); got.HasDue {
		t.Errorf("the episode is used up and is due again: %+v", got)
	}
	h.wants(id, "overdue done add_tags=done")
	h.agentReplies(id, "we are on it")
	h.advance(id)
	h.reply(id, id)
	if got := h.advance(id); !got.HasDue {
		t.Error("a new wait is a new episode: nothing is due")
	}
	h.Later(25 * time.Hour)
	h.advance(id)
	h.wants(id, "overdue done add_tags=done", "overdue done add_tags=unchanged")
}

func (h *house) agentReplies(id conversation.ID, text string) {
	h.Helper()
	_, err := h.Store.PostMessage(h.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageReply, Body: text})
	testhouse.Must(h, err)
}

func TestADueTimeThatNoLongerHoldsIsSkippedWithItsReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.workflow(automation.Definition{
		Name: "overdue", Conditions: rows(row("waiting_since", "longer_than", "1h")), Actions: []automation.Action{tag("overdue")},
	})
	id := h.mail("Hello", "")
	h.advance(id)
	off := automation.ModeOff
	_, err := h.Store.PatchDefinition(t.Context(), access.System(), r.ID, automation.WorkflowPatch{Mode: &off})
	testhouse.Must(t, err)
	h.Later(2 * time.Hour)
	h.advance(id)
	if got := h.Column(`SELECT state || ' ' || reason FROM runs`); len(got) != 1 || got[0] != "skipped workflow_off" {
		t.Errorf("runs %q", got)
	}
	h.advance(id)
	if got := h.Column(`SELECT state FROM runs`); len(got) != 1 {
		t.Errorf("skipped again: %q", got)
	}
}

func TestWatchModeDecidesAndRecordsAndDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Workflow(h.support.ID, automation.ModeWatch, automation.Definition{
		Name: "trial", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{tag("trial"), {Do: "reply", Body: "Hi"}},
	})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "trial done add_tags=watched reply=watched")
	if c := h.Conversation(id); len(c.Tags) != 0 || len(h.deliveries(id)) != 0 {
		t.Error("watch mode did something")
	}
}

func TestConversationsBeforeTheWorkflowAreLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.mail("Hello", "")
	h.advance(id)
	d := automation.Definition{Name: "new only", Conditions: rows(row("customer_replied", "", nil)), Actions: []automation.Action{tag("new")}}
	h.workflow(d)
	d.Name, d.ApplyToEarlier = "earlier too", true
	h.workflow(d)
	h.reply(id, id)
	h.advance(id)
	h.wants(id, "earlier too done add_tags=done")
}

func TestMachineMailIsNeverAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	agent := h.User("maria", h.support.ID)
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: "reply", Body: "Hi"}, {Do: "email", Subject: "S", Body: "Hi"}, {Do: "notify", To: []string{string(agent.ID)}, Body: "look"},
		tag("done"),
	}})
	for _, mark := range []conversation.Machine{
		conversation.MachineAutoReply, conversation.MachineBounce, conversation.MachineList, conversation.MachineNullSender,
		conversation.MachineOwn,
	} {
		id := h.mail("Out of office", "", func(in *conversation.Incoming) { in.Machine = mark })
		h.advance(id)
		h.wants(id, "answer done reply=skipped email=skipped notify=queued add_tags=done")
		if got := h.Column(`SELECT a.reason FROM run_actions a JOIN runs r ON r.id = a.run_id WHERE r.conversation_id = $1 AND a.do_kind =
			'reply'`, id); got[0] != "machine mail" {
			t.Errorf("%s: reason %q", mark, got)
		}
	}
}

func TestAManualRunIsDoneOnceByTheAgentAndNotCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	agent := h.User("maria", h.support.ID)
	r := h.workflow(automation.Definition{Name: "take", Type: automation.TypeManual, Actions: []automation.Action{
		{Do: "assign", To: []string{"me"}}, {Do: "note", Body: "taken by {%agent.firstName%}"},
	}})
	id := h.mail("Hello", "")
	for range 2 {
		_, err := h.Store.AskRun(t.Context(), access.Caller{User: agent}, id, automation.Ask{DefinitionID: r.ID, Confirmed: true})
		testhouse.Must(t, err)
		h.advance(id)
	}
	h.wants(id, "take done assign=done note=done", "take done assign=unchanged note=done")
	if c := h.Conversation(id); c.AssigneeID != agent.ID {
		t.Errorf("assignee %q", c.AssigneeID)
	}
	if notes := h.Column(`SELECT body_text FROM messages WHERE kind = 'note'`); notes[0] != "taken by maria" {
		t.Errorf("notes %q", notes)
	}
}

func TestAnAgentsReplyGoesOutOnceAndIsNotAutomatic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.mail("Where is it", "my parcel")
	h.advance(id)
	h.agentReplies(id, "It is on its way")
	h.advance(id)
	h.advance(id)
	out := h.deliveries(id)
	if len(out) != 1 || out[0].Mail.AutoSubmitted != "" || out[0].Mail.Subject != "Re: Where is it" || out[0].Mail.InReplyTo == "" {
		t.Fatalf("deliveries %+v", out)
	}
	if text := out[0].Mail.Text; !strings.HasPrefix(text, "It is on its way") || !strings.Contains(text, "> my parcel") ||
		strings.Count(text, "It is on its way") != 1 {
		t.Errorf("text:\n%s", text)
	}
	if c := h.Conversation(id); !c.WaitingSince.IsZero() || c.LastAgentReplyAt.IsZero() {
		t.Error("an agent's reply ends the wait")
	}
}

func TestAWorkflowsReplyNeitherEndsTheWaitNorMovesAnchors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "ack", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "Hi"}}})
	h.workflow(automation.Definition{Name: "on reply", Conditions: rows(row("agent_replied", "", nil)),
		Actions: []automation.Action{tag("wrong")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "ack done reply=queued")
	if c := h.Conversation(id); c.WaitingSince.IsZero() || !c.LastAgentReplyAt.IsZero() || c.Messages != 2 {
		t.Errorf("conversation %+v", c)
	}
}

func TestABurstIsHandledInOrderWithoutGaps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 1000, Here: 1000})
	h.workflow(automation.Definition{Name: "count", MaxRuns: 1000, Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{{Do: "note", Body: "n"}}})
	id := h.mail("Hello", "")
	for range 120 {
		h.reply(id, id)
	}
	h.advance(id)
	if got := len(h.did(id)); got != 120 {
		t.Errorf("%d runs, want 120", got)
	}
	c := h.Conversation(id)
	if seqs := h.Column(`SELECT seq FROM events WHERE conversation_id = $1 ORDER BY seq`, id); int64(len(seqs)) != c.LastSeq ||
		c.HandledSeq != c.LastSeq {
		t.Errorf("%d events, last %d, handled %d", len(seqs), c.LastSeq, c.HandledSeq)
	}
}
