package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// explains is what explain finds in the workflow's way, and its answer.
func (h *house) explains(id conversation.ID, w automation.DefinitionID) string {
	h.Helper()
	q, err := h.Store.Inquire(h.Context(), access.System(), id, w)
	testhouse.Must(h, err)
	x := explain.Explain(q)
	var found []string
	for _, f := range x.Findings {
		found = append(found, string(f.Obstacle)+": "+f.Sentence)
	}
	return strings.Join(found, "\n") + "\n" + x.Answer
}

func TestABudgetCountsFromTheResume(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 2})
	w := h.workflow(everyReply("busy", tag("x")))
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
	answer(2)
	if got := h.explains(id, w.ID); !strings.Contains(got,
		"budget: one more run here would be too much: it ran twice on this conversation within an hour") {
		t.Errorf("before the breach explain says %s", got)
	}
	answer(2)
	if got := h.explains(id, w.ID); !strings.Contains(got,
		"paused: it is paused on this conversation: it ran twice on this conversation within an hour") {
		t.Errorf("after the breach explain says %s", got)
	}
	here, err := h.Store.PausesHere(t.Context(), access.System(), id)
	testhouse.Must(t, err)
	list, err := h.Store.Pauses(t.Context(), access.System(), w.ID, conversation.Page{Limit: 10})
	testhouse.Must(t, err)
	if len(here) != 1 || len(list) != 1 || here[0].Kind != runs.PauseRuns || list[0].ConversationID != id || list[0].Number == 0 {
		t.Errorf("pauses here %+v, of the workflow %+v", here, list)
	}
	for range 2 { // again: nothing changes
		testhouse.Must(t, h.Store.ResumeHere(t.Context(), access.System(), id, w.ID, false))
	}
	if c := h.Conversation(id); c.Attention != "" {
		t.Errorf("attention %q when nothing is paused", c.Attention)
	}
	answer(3)
	answer(4)
	answer(4)
	if audit := strings.Join(h.Column(`SELECT verb FROM audit WHERE verb IN ('paused', 'resumed') ORDER BY id`),
		" "); audit != "paused resumed paused" {
		t.Errorf("audit %s", audit)
	}
}

func TestAWorkflowPausedEverywhereIsResumedEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Workflow: 2})
	w := h.workflow(automation.Definition{Name: "all", MaxRuns: 2, Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("x")}})
	ran := func() int { return len(h.Column(`SELECT id FROM runs WHERE definition_id = $1`, w.ID)) }
	for range 3 {
		h.advance(h.mail("before", ""))
	}
	late := h.mail("late", "")
	h.advance(late)
	if got := h.explains(late, w.ID); ran() != 2 || !strings.Contains(got, "paused: it is paused on all conversations since") {
		t.Errorf("%d runs, explain says %s", ran(), got)
	}
	r, err := h.Store.ResumeWorkflow(t.Context(), access.System(), w.ID, false)
	testhouse.Must(t, err)
	if !r.PausedAt.IsZero() || r.PausedReason != "" {
		t.Errorf("still paused: %+v", r)
	}
	for range 3 {
		h.advance(h.mail("after", ""))
	}
	if ran() != 4 {
		t.Errorf("%d runs, want 2 more after the resume", ran())
	}
	h.Later(2 * time.Hour)
	if _, err := h.Store.ResumeWorkflow(t.Context(), access.System(), w.ID, false); err != nil {
		t.Error(err)
	}
}

func TestAPausedWorkflowHasNoDueTimeAndSkipsTheOneThatCame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Here: 1})
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("x")}})
	w := h.workflow(automation.Definition{Name: "overdue", Conditions: rows(row("waiting_since", "longer_than", "30m")),
		Actions: []automation.Action{tag("y")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(31 * time.Minute)
	if got := h.advance(id); got.HasDue {
		t.Errorf("due in %d µs while it is paused", got.DueInMicros)
	}
	h.wants(id, "first done add_tags=done", "overdue skipped")
	if reasons := h.Column(`SELECT reason FROM runs WHERE state = 'skipped'`); len(reasons) != 1 || reasons[0] != runs.SkipPaused {
		t.Errorf("reasons %q", reasons)
	}
	testhouse.Must(t, h.Store.ResumeHere(t.Context(), access.System(), id, w.ID, false))
	if got := h.advance(id); !got.HasDue || got.DueInMicros > 0 {
		t.Errorf("not due after the resume: %+v", got)
	}
	h.Later(time.Hour) // the run before is no longer in the way
	h.advance(id)
	h.wants(id, "first done add_tags=done", "overdue skipped", "overdue done add_tags=done")
}

// A pause that was resumed is not forgotten when the next begins.
func TestEachPauseIsRemembered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 2, Workflow: 5})
	w := h.workflow(everyReply("busy", tag("x")))
	id := h.mail("Hello", "")
	var paused []int64 // events that came while it was paused
	answer := func(pauses bool) {
		t.Helper()
		h.Later(time.Second)
		h.reply(id, id)
		h.advance(id)
		if pauses {
			paused = append(paused, h.Conversation(id).LastSeq)
		}
	}
	resumed := func(runs int) {
		t.Helper()
		h.Later(time.Second)
		testhouse.Must(t, h.Store.ResumeHere(t.Context(), access.System(), id, w.ID, false))
		if n := h.runsOf(id); n != runs {
			t.Errorf("%d runs before the resume, want %d", n, runs)
		}
	}
	answer(false)
	answer(false)
	answer(true)
	answer(true)
	resumed(2)
	answer(false)
	answer(false)
	answer(true)
	resumed(4)
	answer(false)
	answer(true) // everywhere: it is the sixth within the hour
	h.Later(time.Second)
	_, err := h.Store.ResumeWorkflow(t.Context(), access.System(), w.ID, false)
	testhouse.Must(t, err)
	answer(false)
	if n := h.runsOf(id); n != 6 {
		t.Errorf("%d runs, want 6", n)
	}
	for _, seq := range paused {
		q, err := h.Store.InquireAsOf(t.Context(), access.System(), id, w.ID, seq)
		testhouse.Must(t, err)
		if got := explain.Explain(q).Answer; !strings.Contains(got, "paused") {
			t.Errorf("event %d came while it was paused: %s", seq, got)
		}
	}
	if rows := h.Column(`SELECT coalesce(conversation_id::text, 'everywhere') || ' ' || (resumed_at IS NOT NULL) FROM pauses ORDER BY
		created_at`); strings.Join(rows, ", ") !=
		string(id)+" true, "+string(id)+" true, everywhere true" {
		t.Errorf("pauses %q", rows)
	}
}
