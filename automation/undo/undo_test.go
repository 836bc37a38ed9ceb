package undo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
)

// did is an action of the run, with its outcome.
func did(index int, do string, state automation.ActionState, deliveries ...string) runs.ActionOutcome {
	return runs.ActionOutcome{Index: index, Do: do, State: state, Delivery: deliveries}
}

// TestPlanUndo says for each case what becomes of the run's actions, and what of the
// conversation is restored.
func TestPlanUndo(t *testing.T) {
	t.Parallel()
	run := conversation.Cause{Origin: 1, Depth: 1, Run: "r"}
	bob := conversation.Actor{Kind: conversation.ActorUser, ID: "bob"}
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	event := func(kind conversation.Kind, from, to string, cause conversation.Cause) conversation.Event {
		return conversation.Event{Kind: kind, From: from, To: to, Cause: cause, Actor: bob, At: at}
	}
	const done, queued = automation.ActionDone, automation.ActionQueued
	for _, c := range []struct {
		name    string
		now     conversation.Conversation
		actions []runs.ActionOutcome
		events  []conversation.Event
		sent    []undo.Delivery
		asker   conversation.Actor
		want    []string // the state of each action
		says    string   // of the first action
		back    []string // aspects
	}{
		{
			name: "a status comes back", now: conversation.Conversation{Status: "closed"},
			actions: []runs.ActionOutcome{did(0, "set_status", done)},
			events:  []conversation.Event{event(conversation.KindStatusChanged, "active", "closed", run)},
			want:    []string{"undone"}, says: "the status is active again", back: []string{"status"},
		},
		{
			name: "what did nothing is nothing to take back", now: conversation.Conversation{Status: "closed"},
			actions: []runs.ActionOutcome{did(0, "set_status", "unchanged"), did(1, "assign", "failed"), did(2, "stop", done)},
			want:    []string{"unchanged", "unchanged", "unchanged"}, says: "it did nothing",
		},
		{
			name: "who changed it since is named", now: conversation.Conversation{Status: "pending"},
			actions: []runs.ActionOutcome{did(0, "set_status", done)},
			events: []conversation.Event{
				event(conversation.KindStatusChanged, "active", "closed", run),
				event(conversation.KindStatusChanged, "closed", "pending", conversation.Cause{}),
			},
			want: []string{"changed_since"}, says: "the status was changed since, by Bob at 2026-11-02 09:00:00 UTC",
		},
		{
			name: "what changed without an event is not overwritten", now: conversation.Conversation{Status: "spam"},
			actions: []runs.ActionOutcome{did(0, "set_status", done)},
			events:  []conversation.Event{event(conversation.KindStatusChanged, "active", "closed", run)},
			want:    []string{"changed_since"}, says: "the status was changed since",
		},
		{
			name:    "each action has its own events, the status of a snooze among them",
			now:     conversation.Conversation{Status: "closed", SnoozedUntil: at},
			actions: []runs.ActionOutcome{did(0, "snooze", done), did(1, "set_status", done)},
			events: []conversation.Event{
				{Kind: conversation.KindSnoozed, Due: at, Cause: run}, event(conversation.KindStatusChanged, "active", "pending", run),
				event(conversation.KindStatusChanged, "pending", "closed", run),
			},
			want: []string{"undone", "undone"}, says: "the snooze is none again; the status is active again", back: []string{"status", "snooze"},
		},
		{
			name: "a snooze of what was pending has no status of its own", now: conversation.Conversation{Status: "closed", SnoozedUntil: at},
			actions: []runs.ActionOutcome{did(0, "snooze", done), did(1, "set_status", done)},
			events: []conversation.Event{
				{Kind: conversation.KindSnoozed, Due: at, Cause: run}, event(conversation.KindStatusChanged, "pending", "closed", run),
			},
			want: []string{"undone", "undone"}, says: "the snooze is none again", back: []string{"status", "snooze"},
		},
		{
			name: "nobody is given what they cannot see", now: conversation.Conversation{MailboxID: "billing"},
			actions: []runs.ActionOutcome{did(0, "assign", done)},
			events:  []conversation.Event{event(conversation.KindAssigneeChanged, "bob", "", run)},
			want:    []string{"cannot"}, says: "the assignee cannot be restored: the user does not see the mailbox",
		},
		{
			name: "who is gone is not assigned, and follows no more", now: conversation.Conversation{MailboxID: "support"},
			actions: []runs.ActionOutcome{did(0, "assign", done), did(1, "unfollow", done)},
			events: []conversation.Event{
				event(conversation.KindAssigneeChanged, "gone", "", run),
				{Kind: conversation.KindFollowersChanged, Removed: []string{"gone"}, Cause: run},
			},
			want: []string{"cannot", "cannot"}, says: "there is no such user any more",
		},
		{
			name: "a mailbox that is gone", now: conversation.Conversation{MailboxID: "billing"},
			actions: []runs.ActionOutcome{did(0, "move", done)},
			events:  []conversation.Event{event(conversation.KindMoved, "gone", "billing", run)},
			want:    []string{"cannot"}, says: "there is no such mailbox any more",
		},
		{
			name: "a mailbox out of sight of who asks", now: conversation.Conversation{MailboxID: "support"}, asker: bob,
			actions: []runs.ActionOutcome{did(0, "move", done)},
			events:  []conversation.Event{event(conversation.KindMoved, "billing", "support", run)},
			want:    []string{"cannot"}, says: "who asks does not see that mailbox",
		},
		{
			name: "the move back brings the assignee back whom it took off", now: conversation.Conversation{MailboxID: "billing"},
			asker:   conversation.Actor{Kind: conversation.ActorSystem},
			actions: []runs.ActionOutcome{did(0, "move", done)},
			events: []conversation.Event{event(conversation.KindMoved, "support", "billing", run),
				event(conversation.KindAssigneeChanged, "bob", "", run)},
			want: []string{"undone"}, says: "the mailbox is Support again; the assignee is Bob again", back: []string{"mailbox", "assignee"},
		},
		{
			name: "an option that is gone", now: conversation.Conversation{MailboxID: "support", Fields: map[string]string{"Plan": "gold"}},
			actions: []runs.ActionOutcome{did(0, "set_field", done)},
			events:  []conversation.Event{{Kind: conversation.KindFieldChanged, Field: "Plan", From: "free", To: "gold", Cause: run}},
			want:    []string{"cannot"}, says: "the field “Plan” cannot be restored: the field does not take that value any more",
		},
		{
			name: "what was sent is out, what was not is cancelled", actions: []runs.ActionOutcome{
				did(0, "notify", queued, "a", "b"), did(1, "email", queued, "c"), did(2, "webhook", queued, "d"), did(3, "reply", queued, "e"),
				did(4, "note", done),
			},
			sent: []undo.Delivery{
				{ID: "a", Sent: true, Over: true}, {ID: "b"}, {ID: "c", Over: true}, {ID: "d", Webhook: true, Attempts: 2},
				{ID: "e", Held: true, Attempts: 1},
			},
			want: []string{"cannot", "unchanged", "cancelled", "cannot", "cannot"}, says: "the mail was sent; the mail is not sent",
		},
	} {
		q := undo.Inquiry{
			Run: runs.Run{ID: "r", Actions: c.actions}, Conversation: c.now, Events: c.events, Deliveries: c.sent, Asker: c.asker,
			Mailboxes: map[conversation.MailboxID]conversation.Mailbox{
				"support": {ID: "support", Fields: []conversation.Field{{Name: "Plan", Type: conversation.FieldDropdown,
					Options: []string{"gold"}}}}, "billing": {ID: "billing"},
			},
			Users: map[conversation.UserID]conversation.User{"bob": {ID: "bob", Role: conversation.RoleAgent,
				Mailboxes: []conversation.MailboxID{"support"}}},
			Names: map[string]string{"bob": "Bob", "support": "Support"},
		}
		u := undo.Make(q)
		states, back := []string{}, []string(nil)
		for _, a := range u.Outcomes() {
			states = append(states, string(a.State))
		}
		for _, r := range u.Back {
			back = append(back, string(r.Aspect))
		}
		if d := cmp.Diff(c.want, states); d != "" {
			t.Errorf("%s: states (-want +got):\n%s", c.name, d)
		}
		if d := cmp.Diff(c.back, back); d != "" {
			t.Errorf("%s: restored (-want +got):\n%s", c.name, d)
		}
		if reason := u.Actions[0].Reason(); !strings.Contains(reason, c.says) {
			t.Errorf("%s: says %q, want %q", c.name, reason, c.says)
		}
	}
}

// TestPlanUndo_KnowsEveryAction holds that each action of the catalogue says how it is
// undone, and that it is undone so.
func TestPlanUndo_KnowsEveryAction(t *testing.T) {
	t.Parallel()
	for _, do := range automation.ActionNames() {
		e := automation.Action{Do: do}.Effects()
		q := undo.Inquiry{Run: runs.Run{ID: "r", Actions: []runs.ActionOutcome{did(0, do, automation.ActionDone)}}}
		want := automation.ActionUnchanged
		switch e.Undo {
		case automation.UndoRestores:
			q.Events = []conversation.Event{{Kind: e.Event, From: "a", To: "b", Cause: conversation.Cause{Run: "r"}}}
		case automation.UndoCancels:
			q.Run.Actions[0].Delivery, q.Deliveries = []string{"d"}, []undo.Delivery{{ID: "d"}}
			want = automation.ActionCancelled
		case automation.UndoNever:
			want = automation.ActionCannot
		}
		got := undo.Make(q).Actions[0]
		if strings.Contains(got.Reason(), "this build does not know") {
			t.Errorf("%s: %s: say in its entry in automation/actions.go how it is undone", do, got.Reason())
		}
		if e.Undo != automation.UndoRestores && got.State() != want {
			t.Errorf("%s: %s (%s), want %s", do, got.State(), got.Reason(), want)
		}
	}
}
