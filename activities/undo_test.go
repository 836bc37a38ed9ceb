package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// runOf returns the newest run of a workflow on a conversation.
func (h *house) runOf(id conversation.ID, trigger automation.Trigger) automation.RunID {
	h.Helper()
	found := h.Column(`SELECT id::text FROM runs WHERE conversation_id = $1 AND trigger = $2 ORDER BY seq DESC, id DESC LIMIT 1`, id,
		string(trigger))
	if len(found) == 0 {
		h.Fatalf("there is no run by %s", trigger)
	}
	return automation.RunID(found[0])
}

// undo undoes a run as the user, and returns the undo with its outcome.
func (h *house) undo(who access.Caller, run automation.RunID) runs.Run {
	h.Helper()
	asked, err := h.Store.AskUndo(h.Context(), who, run)
	testhouse.Must(h, err)
	if asked.State != automation.RunAsked || asked.Undoes != run {
		h.Fatalf("asked: %+v", asked)
	}
	h.advance(asked.ConversationID)
	done, err := h.Store.Run(h.Context(), who, asked.ID)
	testhouse.Must(h, err)
	return done
}

func outcomes(r runs.Run) []string {
	out := []string{string(r.State)}
	for _, a := range r.Actions {
		out = append(out, a.Do+"="+string(a.State))
	}
	return out
}

// as is who asks.
func as(u conversation.User) access.Caller { return access.Caller{User: u} }

// uncounted are the fields that an undo does not take back: counts, seqs and times.
func uncounted() cmp.Option {
	return cmpopts.IgnoreFields(conversation.Conversation{}, "LastSeq", "HandledSeq", "UpdatedAt", "StatusChangedAt", "ClosedAt", "Messages")
}

// everything is a manual workflow with each action that changes the conversation.
func (h *house) everything(billing conversation.MailboxID, old, carol conversation.User) automation.DefinitionID {
	for _, mailbox := range []conversation.MailboxID{h.support.ID, billing} {
		_, err := h.Store.CreateField(h.Context(), access.System(),
			conversation.Field{MailboxID: mailbox, Name: "plan", Type: conversation.FieldText})
		testhouse.Must(h, err)
	}
	return h.workflow(automation.Definition{Name: "everything", Type: automation.TypeManual, Actions: []automation.Action{
		tag("new", "kept"), {Do: automation.DoRemoveTags, Tags: []string{"gone"}}, {Do: automation.DoSetSubject, Subject: "Changed"},
		{Do: automation.DoFollow, User: string(carol.ID)}, {Do: automation.DoUnfollow, User: string(old.ID)},
		{Do: automation.DoSetField, Field: "plan", Value: "gold"}, {Do: automation.DoAssign, To: []string{string(old.ID)}},
		{Do: automation.DoSnooze, Until: "2h"}, {Do: automation.DoMove, Mailbox: string(billing)},
		{Do: automation.DoAssign, To: []string{string(carol.ID)}},
		{Do: automation.DoDisableAutoReply}, {Do: automation.DoSetStatus, Status: "closed"}, {Do: automation.DoDelete},
		{Do: automation.DoNote, Body: "done"},
		{Do: automation.DoStop},
	}}).ID
}

// prepared is a conversation that has something of everything, as before the run.
func (h *house) prepared(carol, old conversation.User) conversation.ID {
	h.Helper()
	id := h.mail("Hello", "")
	h.advance(id)
	h.change(id, conversation.Change{
		Tags: &[]string{"gone", "kept"}, AssigneeID: &carol.ID, Followers: &[]conversation.UserID{old.ID},
		Fields: map[string]string{"plan": "free"},
	})
	h.advance(id)
	return id
}

// A run of everything, undone at once: the conversation is as it was.
func TestAnUndoTakesEverythingBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	billing := h.Mailbox("billing@smarticks.test")
	old, carol := h.User("Old", h.support.ID), h.User("Carol", h.support.ID, billing.ID)
	everything := h.everything(billing.ID, old, carol)
	id := h.prepared(carol, old)
	before := h.Conversation(id)
	h.run(id, everything, carol)
	h.advance(id)
	ran := h.Conversation(id)
	if ran.MailboxID != billing.ID || ran.Status != conversation.StatusClosed || ran.State != conversation.StateDeleted ||
		ran.SnoozedUntil.IsZero() {
		t.Fatalf("the run did little: %+v", ran)
	}

	run := h.runOf(id, automation.TriggerManual)
	_, plan, err := h.Store.PreviewUndo(t.Context(), as(carol), run)
	testhouse.Must(t, err)
	done := h.undo(as(carol), run)

	if d := cmp.Diff(before, h.Conversation(id), cmpopts.EquateEmpty(), uncounted()); d != "" {
		t.Errorf("not as before (-before +undone):\n%s", d)
	}
	want := []string{
		"done", "add_tags=undone", "remove_tags=undone", "set_subject=undone", "follow=undone", "unfollow=undone", "set_field=undone",
		"assign=undone",
		"snooze=undone", "move=undone", "assign=undone", "disable_auto_reply=undone", "set_status=undone", "delete=undone", "note=cannot",
		"stop=unchanged",
	}
	// The first assign was taken back by the move and given to Carol again: as before.
	want[7], want[9], want[10] = "assign=unchanged", "move=undone", "assign=unchanged"
	if d := cmp.Diff(want, outcomes(done)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(plan.Outcomes(), done.Actions, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("the preview said otherwise (-preview +undo):\n%s", d)
	}
	events := h.Column(`SELECT kind || ' ' || actor_kind || ' ' || depth FROM events WHERE conversation_id = $1 AND cause_run = $2 ORDER BY
		seq`, id, string(done.ID))
	if len(events) != 9 || slices.ContainsFunc(events, func(e string) bool { return !strings.HasSuffix(e, " user 1") }) {
		t.Errorf("the undo's events: %q", events)
	}
}

func TestWhatWasChangedSinceStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob, carol := h.User("Bob", h.support.ID), h.User("Carol", h.support.ID)
	h.workflow(automation.Definition{Name: "sorts", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		tag("a", "b"), {Do: automation.DoSetStatus, Status: "pending"}, {Do: automation.DoAssign, To: []string{string(carol.ID)}},
	}})
	id := h.mail("Hello", "")
	h.advance(id)
	run := h.runOf(id, automation.TriggerEvent)
	closed := conversation.StatusClosed
	_, err := h.Store.ChangeConversation(t.Context(), as(bob), id, conversation.Change{Tags: &[]string{"b", "c"}, Status: &closed})
	testhouse.Must(t, err)

	asked, err := h.Store.AskUndo(t.Context(), as(carol), run)
	testhouse.Must(t, err)
	// After it was asked for, and before it is done: that stays too.
	_, err = h.Store.ChangeConversation(t.Context(), as(bob), id, conversation.Change{AssigneeID: &bob.ID})
	testhouse.Must(t, err)
	h.advance(id)

	done, err := h.Store.Run(t.Context(), as(carol), asked.ID)
	testhouse.Must(t, err)
	if d := cmp.Diff([]string{"done", "add_tags=changed_since", "set_status=changed_since", "assign=changed_since"}, outcomes(done)); d != "" {
		t.Error(d)
	}
	if words := done.Actions[0].Words(); !strings.Contains(words, "not undone, the tag “a” was changed since, by Bob at 20") ||
		!strings.Contains(words, "the tag “b” is off again") {
		t.Errorf("in words: %s", words)
	}
	c := h.Conversation(id)
	if c.Status != closed || c.AssigneeID != bob.ID || !slices.Equal(c.Tags, []string{"c"}) {
		t.Errorf("the conversation is %s, of %s, tagged %v", c.Status, c.AssigneeID, c.Tags)
	}
}

func TestAnUndoIsDoneOnceAndIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob, elsewhere := h.User("Bob", h.support.ID), h.User("Else")
	tags := h.workflow(automation.Definition{Name: "tags", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("a")}})
	h.workflow(automation.Definition{Name: "notes", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoNote, Body: "x"}}})
	h.Workflow(h.support.ID, automation.ModeWatch,
		automation.Definition{Name: "watches", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{tag("b")}})
	id := h.mail("Hello", "")
	h.advance(id)
	runs := map[string]automation.RunID{}
	for _, name := range []string{"tags", "notes", "watches"} {
		runs[name] = automation.RunID(h.Column(`SELECT id::text FROM runs WHERE name = $1`, name)[0])
	}
	first, err := h.Store.AskUndo(t.Context(), as(bob), runs["tags"])
	testhouse.Must(t, err)
	refused := func(what string, who access.Caller, run automation.RunID, kind errs.Kind, words string) {
		t.Helper()
		_, err := h.Store.AskUndo(t.Context(), who, run)
		if errs.KindOf(err) != kind || !strings.Contains(errs.Message(err), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("asked for twice", as(bob), runs["tags"], errs.Conflict, string(first.ID))
	refused("an undo that is not done yet", as(bob), first.ID, errs.Conflict, "an undo itself")
	h.advance(id)
	refused("done already", as(bob), runs["tags"], errs.Conflict, string(first.ID))
	refused("an undo", as(bob), first.ID, errs.Conflict, "an undo itself")
	refused("a note alone", as(bob), runs["notes"], errs.Conflict, "nothing of this run can be undone")
	refused("a trial", as(bob), runs["watches"], errs.Conflict, "did nothing")
	refused("of a mailbox that he does not see", as(elsewhere), runs["notes"], errs.NotFound, "not found")
	undone, err := h.Store.Run(t.Context(), as(bob), runs["tags"])
	testhouse.Must(t, err)
	if undone.UndoneBy != first.ID {
		t.Errorf("the run is undone by %q, want %q", undone.UndoneBy, first.ID)
	}
	q, err := h.Store.Inquire(t.Context(), as(bob), id, tags.ID)
	testhouse.Must(t, err)
	if answer := explain.Explain(q).Answer; !strings.HasPrefix(answer, "It ran at ") ||
		!strings.HasSuffix(answer, " for event 1. Somebody undid it since.") {
		t.Errorf("explained: %s", answer)
	}
}

// The workflow that is undone does not answer to the undo, however often it may run;
// another one does, as to what a user does.
func TestTheUndoneWorkflowDoesNotFireAgainAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.User("Bob", h.support.ID)
	h.workflow(automation.Definition{Name: "waits", MaxRuns: 100,
		Actions:    []automation.Action{{Do: automation.DoSetStatus, Status: "pending"}},
		Conditions: rows(row("status", "is", "active"))})
	h.workflow(automation.Definition{Name: "other", MaxRuns: 100, Actions: []automation.Action{tag("seen")},
		Conditions: rows(automation.Condition{Field: "status_changed", To: "active"}, row("user_action", "", nil))})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "waits done set_status=done")
	h.undo(as(bob), h.runOf(id, automation.TriggerEvent))
	if c := h.Conversation(id); c.Status != conversation.StatusActive {
		t.Fatalf("the status is %s", c.Status)
	}
	h.wants(id, "waits done set_status=done", "waits done set_status=undone", "other done add_tags=done")
	for _, status := range []conversation.Status{conversation.StatusPending, conversation.StatusActive} {
		h.change(id, conversation.Change{Status: &status})
	}
	h.advance(id)
	h.wants(id, "waits done set_status=done", "waits done set_status=undone", "other done add_tags=done", "waits done set_status=done")
}

// A due time that would have come meanwhile, had the run not been, does not come
// because of the undo.
func TestAnUndoMakesNothingOfItsWorkflowDueAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.User("Bob", h.support.ID)
	h.workflow(automation.Definition{Name: "ages", MaxRuns: 100, Actions: []automation.Action{{Do: automation.DoSetStatus, Status: "pending"}},
		Conditions: []automation.Group{{Any: []automation.Condition{row("status", "is", "active")}}, {Any: []automation.Condition{
			row("created", "not_in_the_last", "1h"), row("waiting_since", "longer_than", "2h"),
		}}}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(time.Hour + time.Second)
	h.advance(id)
	h.wants(id, "ages done set_status=done")
	h.Later(2 * time.Hour)
	h.undo(as(bob), h.runOf(id, automation.TriggerTime))
	if c := h.Conversation(id); c.Status != conversation.StatusActive {
		t.Fatalf("the status is %s", c.Status)
	}
	if got := h.advance(id); got.HasDue {
		t.Errorf("something is due: %+v", got)
	}
	h.wants(id, "ages done set_status=done", "ages done set_status=undone")
}

// The move back goes only where who asks sees, and where the assignee of now sees.
func TestAnUndoMovesBackOnlyIntoSight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	billing := h.Mailbox("billing@smarticks.test")
	both, inBilling := h.User("Both", h.support.ID, billing.ID), h.User("Inb", billing.ID)
	moves := h.workflow(automation.Definition{Name: "moves", Type: automation.TypeManual, Actions: []automation.Action{
		tag("moved"), {Do: automation.DoMove, Mailbox: string(billing.ID)},
	}}).ID
	id := h.mail("Hello", "")
	h.advance(id)
	h.run(id, moves, both)
	h.advance(id)
	run := h.runOf(id, automation.TriggerManual)
	_, plan, err := h.Store.PreviewUndo(t.Context(), as(inBilling), run)
	testhouse.Must(t, err)
	if got := plan.Outcomes()[1]; got.State != automation.ActionCannot || !strings.Contains(got.Reason, "who asks does not see that mailbox") {
		t.Errorf("for one who does not see it: %+v", got)
	}
	_, err = h.Store.ChangeConversation(t.Context(), as(inBilling), id, conversation.Change{AssigneeID: &inBilling.ID})
	testhouse.Must(t, err)
	done := h.undo(as(both), run)
	if d := cmp.Diff([]string{"done", "add_tags=undone", "move=cannot"}, outcomes(done)); d != "" {
		t.Error(d)
	}
	if c := h.Conversation(id); c.MailboxID != billing.ID || c.AssigneeID != inBilling.ID || len(c.Tags) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestAnUndoOfWhatWasDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.User("Bob", h.support.ID)
	h.does(tag("a"))
	forever := h.workflow(automation.Definition{Name: "forever", Type: automation.TypeManual,
		Actions: []automation.Action{{Do: automation.DoDeleteForever}}}).ID
	id := h.mail("Hello", "")
	h.advance(id)
	run := h.runOf(id, automation.TriggerEvent)
	asked, err := h.Store.AskUndo(t.Context(), as(bob), run)
	testhouse.Must(t, err)
	testhouse.Must(t, h.Store.DeleteConversation(t.Context(), as(bob), id))
	h.advance(id)
	got, err := h.Store.Run(t.Context(), as(bob), asked.ID)
	testhouse.Must(t, err)
	if got.State != automation.RunRefused || !strings.Contains(got.Reason, "deleted before the undo began") {
		t.Errorf("%s: %s", got.State, got.Reason)
	}
	if _, err := h.Store.AskUndo(t.Context(), as(bob), run); !errs.Is(err, errs.Conflict) ||
		!strings.Contains(errs.Message(err), "is deleted") {
		t.Errorf("of a deleted one: %v", err)
	}

	id = h.mail("Another", "")
	h.advance(id)
	h.run(id, forever, bob)
	h.advance(id)
	run = h.runOf(id, automation.TriggerManual)
	_, plan, err := h.Store.PreviewUndo(t.Context(), as(bob), run)
	testhouse.Must(t, err)
	if plan.Possible() || plan.Outcomes()[0].State != automation.ActionCannot {
		t.Errorf("the preview: %+v", plan)
	}
	if _, err := h.Store.AskUndo(t.Context(), as(bob), run); !errs.Is(err, errs.Conflict) || !strings.Contains(errs.Message(err), "for ever") {
		t.Errorf("of one deleted for ever: %v", err)
	}
}
