package activities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// passed is what the workflow passed over and nobody has made up for.
func (h *house) passed(w automation.DefinitionID) []runs.PassedOver {
	h.Helper()
	list, err := h.Store.PassedOver(h.Context(), access.System(), w, true, 0, 100)
	testhouse.Must(h, err)
	return list
}

// makeUp resumes the workflow everywhere and has it look at what it passed over.
func (h *house) makeUp(w automation.DefinitionID, ids ...conversation.ID) {
	h.Helper()
	_, err := h.Store.ResumeWorkflow(h.Context(), access.System(), w, true)
	testhouse.Must(h, err)
	h.rollOut()
	for _, id := range ids {
		h.advance(id)
	}
}

// asOf is explain's answer for an event.
func (h *house) asOf(id conversation.ID, w automation.DefinitionID, seq int64) string {
	h.Helper()
	q, err := h.Store.InquireAsOf(h.Context(), access.System(), id, w, seq)
	testhouse.Must(h, err)
	return explain.Explain(q).Answer
}

// An outage: more mails than the limit lets through. What the pause passed over is
// listed, and whoever resumes the workflow can have it made up for.
func TestWhatAPausePassedOverIsListedAndMadeUpFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Workflow: 3})
	w := h.workflow(automation.Definition{Name: "alerts", MaxRuns: 2, Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("alert")}})
	var ids []conversation.ID
	for i := range 8 {
		ids = append(ids, h.mail(fmt.Sprintf("Alert %d", i), ""))
		h.advance(ids[i])
	}
	ran := func() int { return len(h.Column(`SELECT id FROM runs WHERE definition_id = $1`, w.ID)) }
	left := h.passed(w.ID)
	if ran() != 3 || len(left) != 5 {
		t.Fatalf("%d runs and %d passed over, want 3 and 5", ran(), len(left))
	}
	for i, p := range left {
		if p.ConversationID != ids[3+i] || p.Seq != 1 || p.Kind != conversation.KindCustomerMessage || p.Number == 0 || !p.MadeUpAt.IsZero() {
			t.Errorf("passed over %d: %+v", i, p)
		}
	}
	if got := h.asOf(ids[3], w.ID, 1); !strings.Contains(got, "passed it over; this was not made up for") {
		t.Errorf("explain says %s", got)
	}

	// The limits count meanwhile: three more run, and it is paused again.
	h.makeUp(w.ID, ids...)
	if left := h.passed(w.ID); ran() != 6 || len(left) != 2 {
		t.Fatalf("%d runs and %d passed over, want 6 and 2", ran(), len(left))
	}
	if got := h.asOf(ids[3], w.ID, 1); !strings.Contains(got, "passed it over; this was made up for at ") {
		t.Errorf("explain says %s", got)
	}
	h.makeUp(w.ID, ids...)
	h.makeUp(w.ID, ids...) // nothing is left
	if left := h.passed(w.ID); ran() != 8 || len(left) != 0 {
		t.Errorf("%d runs and %d passed over, want 8 and none", ran(), len(left))
	}
	for _, id := range ids {
		if runs := h.Column(`SELECT state || ' ' || origin FROM runs WHERE conversation_id = $1`, id); len(runs) != 1 || runs[0] != "done 1" {
			t.Errorf("runs %q, want one for the mail", runs)
		}
	}
}

// Conditions on the event hold as they did, those on the conversation as it is today.
func TestWhatIsMadeUpForSeesTheEventOfThenAndTheConversationOfToday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workflow(automation.Definition{
		Name: "refunds", MaxRuns: 5, Actions: []automation.Action{tag("money")},
		Conditions: rows(row("customer_replied", "", nil), row("body", "contains", "refund"), row("status", "is", "active")),
	})
	open, closed, other := h.mail("A", ""), h.mail("B", ""), h.mail("C", "")
	write := func(id conversation.ID, body string) {
		h.replyWith(id, func(in *conversation.Incoming) { in.Text = body })
	}
	h.advance(open)
	h.Column(`UPDATE definitions SET paused_at = now(), paused_reason = 'it is a test' WHERE id = $1 RETURNING id`, w.ID)
	for _, id := range []conversation.ID{open, closed, other} {
		h.advance(id)
		write(id, map[bool]string{true: "thanks", false: "a refund, please"}[id == other])
		h.advance(id)
		write(id, "and one thing more")
		h.advance(id)
	}
	h.change(closed, conversation.Change{Status: new(conversation.StatusClosed)})
	h.advance(closed)
	h.makeUp(w.ID, open, closed, other)
	if runs := h.Column(`SELECT conversation_id || ' ' || origin || ' ' || trigger FROM runs WHERE definition_id = $1`,
		w.ID); len(runs) != 1 || runs[0] != string(open)+" 2 consider" {
		t.Errorf("runs %q, want one of the open conversation for the mail that asked", runs)
	}
	if got := h.events(open); !strings.Contains(got, "consider") {
		t.Errorf("events %s", got)
	}
}

// A limit of one conversation passes over what broke it, too. What is made up for on
// the conversation alone leaves the others.
func TestWhatWasPassedOverHereIsMadeUpForHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 2})
	w := h.workflow(everyReply("busy", tag("x")))
	id, other := h.mail("Hello", ""), h.mail("Other", "")
	for range 4 {
		h.reply(id, id)
		h.advance(id)
		h.reply(other, other)
		h.advance(other)
	}
	if left := h.passed(w.ID); h.runsOf(id) != 2 || len(left) != 4 {
		t.Fatalf("%d runs here, %d passed over everywhere, want 2 and 4", h.runsOf(id), len(left))
	}
	resume := func() error { return h.Store.ResumeHere(t.Context(), access.System(), id, w.ID, true) }
	testhouse.Must(t, resume())
	h.advance(id)
	if left := h.passed(w.ID); h.runsOf(id) != 4 || h.runsOf(other) != 2 || len(left) != 2 {
		t.Errorf("%d runs here, %d there, %d passed over, want 4, 2 and 2", h.runsOf(id), h.runsOf(other), len(left))
	}
	testhouse.Must(t, resume())
	h.advance(id)
	if h.runsOf(id) != 4 {
		t.Errorf("%d runs after a second time, want 4", h.runsOf(id))
	}
	if audit := h.Column(`SELECT after ->> 'made_up' FROM audit WHERE verb = 'resumed'`); len(audit) != 1 || audit[0] != "2" {
		t.Errorf("the audit says that %q were made up for, want 2 once", audit)
	}
	off := automation.ModeOff
	_, err := h.Store.PatchDefinition(t.Context(), access.System(), w.ID, automation.WorkflowPatch{Mode: &off})
	testhouse.Must(t, err)
	if err := resume(); !errs.Is(err, errs.Conflict) {
		t.Errorf("making up for a workflow that is off: %v", err)
	}
}

// What it would not have looked at is not kept: it listens to something else, it has run
// as often as it may, or it is another's mailbox.
func TestWhatAWorkflowWouldNotHaveLookedAtIsNotPassedOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("x")}})
	ran := h.mail("Ran", "")
	h.advance(ran)
	h.Column(`UPDATE definitions SET paused_at = now(), paused_reason = 'it is a test' WHERE id = $1 RETURNING id`, w.ID)
	h.reply(ran, ran)
	h.advance(ran)
	late := h.mail("Late", "")
	h.advance(late)
	h.reply(late, late)
	h.advance(late)
	if left := h.passed(w.ID); len(left) != 1 || left[0].ConversationID != late || left[0].Seq != 1 {
		t.Errorf("passed over %+v, want the first mail of the late one", left)
	}
}
