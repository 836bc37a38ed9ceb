package activities_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// mode is the workflow's mode and why it is off by itself.
func (h *house) mode(w automation.DefinitionID) string {
	h.Helper()
	return strings.Join(h.Column(`SELECT mode || ' ' || off_reason FROM definitions WHERE id = $1`, w), "")
}

func (h *house) switchOn(w automation.DefinitionID) error {
	h.Helper()
	on := automation.ModeOn
	_, err := h.Store.PatchDefinition(h.Context(), access.System(), w, automation.WorkflowPatch{Mode: &on})
	return err
}

func TestAUserWhoGoesSwitchesOffWhatNamesHim(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	bea, tom := h.User("bea", h.support.ID), h.User("tom", h.support.ID)
	always := rows(row("new_conversation", "", nil))
	assigns := h.workflow(automation.Definition{Name: "to bea", Conditions: always,
		Actions: []automation.Action{{Do: "assign", To: []string{string(bea.ID)}}}})
	tells := h.workflow(automation.Definition{Name: "tell bea", Conditions: rows(row("note_added", "", nil)),
		Actions: []automation.Action{{Do: "notify", To: []string{string(tom.ID), string(bea.ID)}, Body: "x"}}})
	asks := h.workflow(automation.Definition{Name: "is bea's", Conditions: rows(row("assignee", "is", string(bea.ID))),
		Actions: []automation.Action{tag("x")}})
	other := h.workflow(automation.Definition{Name: "other", Conditions: always, Actions: []automation.Action{tag("y")}})
	id := h.mail("Hello", "")
	h.advance(id)
	if c := h.Conversation(id); c.AssigneeID != bea.ID {
		t.Fatalf("assigned to %s", c.AssigneeID)
	}
	testhouse.Must(t, h.Store.DeleteUser(t.Context(), access.System(), bea.ID))
	for _, w := range []automation.Workflow{assigns, tells, asks} {
		if got := h.mode(w.ID); got != `off it names the user "bea", which is gone` {
			t.Errorf("%s: %s", w.Draft.Name, got)
		}
	}
	if got := h.mode(other.ID); got != "on " {
		t.Errorf("other: %s", got)
	}
	if told := h.told(); len(told) != 1 || !strings.Contains(told[0], "3 workflows are switched off") ||
		!strings.Contains(told[0], "tell bea") {
		t.Errorf("told %q", told)
	}
	if n := len(h.Column(`SELECT id FROM audit WHERE verb = 'switched off' AND after ->> 'reason' LIKE '%bea%'`)); n != 3 {
		t.Errorf("%d audit rows, want 3", n)
	}
	if c := h.Conversation(id); c.AssigneeID != "" {
		t.Errorf("still assigned to %s", c.AssigneeID)
	}
	if got := h.Column(`SELECT data ->> 'from' FROM events WHERE kind = 'assignee_changed' AND data ->> 'to' IS NULL`); len(got) != 1 ||
		got[0] != string(bea.ID) {
		t.Errorf("events %q", got)
	}
	if err := h.switchOn(assigns.ID); !errs.Is(err, errs.Invalid) {
		t.Errorf("switched on while the user is gone: %v", err)
	}
	if got := h.explains(id, assigns.ID); !strings.Contains(got, `off: it was switched off: it names the user "bea"`) {
		t.Errorf("explain says %s", got)
	}
	timeline, _, err := h.Store.Timeline(t.Context(), access.System(), id, 0, 50)
	testhouse.Must(t, err)
	if timeline.Names[string(bea.ID)] != "bea" {
		t.Errorf("the timeline has lost the name: %v", timeline.Names)
	}
	if err := h.Store.DeleteUser(t.Context(), access.System(), bea.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	root := h.admin("root")
	if err := h.Store.DeleteUser(t.Context(), access.System(), root.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("%v", err)
	}
	h.admin("second")
	if err := h.Store.DeleteUser(t.Context(), access.Caller{User: root}, root.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("deleted himself: %v", err)
	}
	testhouse.Must(t, h.Store.DeleteUser(t.Context(), access.System(), root.ID))
}

func TestATagThatGoesSwitchesOffWhatNamesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	w := h.workflow(automation.Definition{Name: "vip",
		Conditions: rows(row("new_conversation", "", nil), row("subject", "contains", "vip")), Actions: []automation.Action{tag("VIP")}})
	id := h.mail("vip", "")
	h.advance(id)
	if err := h.Store.DeleteTag(t.Context(), access.System(), "vip", false); !errs.Is(err, errs.Conflict) {
		t.Errorf("a tag that a conversation carries: %v", err)
	}
	none := []string{}
	_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Tags: &none})
	testhouse.Must(t, err)
	testhouse.Must(t, h.Store.DeleteTag(t.Context(), access.System(), "Vip", false))
	if got := h.mode(w.ID); got != `off it names the tag "vip", which is gone` {
		t.Errorf("mode %s", got)
	}
	if err := h.switchOn(w.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("switched on while the tag is gone: %v", err)
	}
	again := []string{"vip"}
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Tags: &again})
	testhouse.Must(t, err)
	testhouse.Must(t, h.switchOn(w.ID))
	if err := h.Store.DeleteTag(t.Context(), access.System(), "never", false); !errs.Is(err, errs.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestAMailboxThatGoesSwitchesOffWhatNamesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	billing := h.Mailbox("billing@smarticks.test")
	w := h.workflow(automation.Definition{Name: "move", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "move", Mailbox: string(billing.ID)}}})
	own := h.Workflow(billing.ID, automation.ModeOn,
		automation.Definition{Name: "own", Conditions: rows(row("moved_here", "", nil)), Actions: []automation.Action{tag("x")}})
	id := h.mail("Hello", "")
	h.advance(id)
	if err := h.Store.DeleteMailbox(t.Context(), access.System(), billing.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("a mailbox with a conversation: %v", err)
	}
	_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{MailboxID: &h.support.ID})
	testhouse.Must(t, err)
	h.advance(id)
	testhouse.Must(t, h.Store.DeleteMailbox(t.Context(), access.System(), billing.ID))
	if got := h.mode(w.ID); got != `off it names the mailbox "billing", which is gone` {
		t.Errorf("mode %s", got)
	}
	if _, err := h.Store.Definition(t.Context(), access.System(), own.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("its own workflow is still there: %v", err)
	}
	if err := h.switchOn(w.ID); !errs.Is(err, errs.Invalid) {
		t.Errorf("switched on while the mailbox is gone: %v", err)
	}
	h.advance(h.mail("More", ""))
}

func TestAnActionThatFindsItsReferenceGoneSwitchesItsWorkflowOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	bea := h.User("bea", h.support.ID)
	w := h.workflow(automation.Definition{Name: "to bea", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: "assign", To: []string{string(bea.ID)}}, tag("seen"),
	}})
	_, err := h.Pool.Exec(t.Context(), `DELETE FROM users WHERE id = $1`, bea.ID) // behind the back of everything
	testhouse.Must(t, err)
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "to bea failed assign=failed add_tags=done")
	if got := h.mode(w.ID); got != "off it names a user that is gone" {
		t.Errorf("mode %s", got)
	}
	h.advance(h.mail("Again", ""))
	if n := len(h.Column(`SELECT id FROM runs`)); n != 1 {
		t.Errorf("%d runs", n)
	}
	if told := h.told(); len(told) != 1 || !strings.Contains(told[0], `The workflow "to bea" is switched off`) {
		t.Errorf("told %q", told)
	}
}
