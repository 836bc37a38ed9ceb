package store_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// many makes n open conversations that were handled.
func (s *shop) many(n int) {
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	s.house.Exec(`INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, started_by, last_seq, handled_seq,
		created_at, updated_at, status_changed_at)
		SELECT gen_random_uuid(), mailbox_id, customer_id, type, status, state, started_by, 7, 7, created_at, updated_at, status_changed_at
		FROM conversations, generate_series(2, $1)`, n)
}

func (s *shop) running(t *testing.T) runs.RolloutID {
	t.Helper()
	return runs.RolloutID(s.house.Text(`SELECT id::text FROM rollouts WHERE state = 'running'`))
}

func TestARolloutGoesThroughPagesAndCanBeSteered(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.many(450)
	rate := 500
	_, err := s.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{RolloutRate: &rate})
	check(t, err)
	d, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("dates", overdue), automation.ModeOn)
	check(t, err)
	id := s.running(t)
	wakes, _, err := s.Claim(t.Context(), 10)
	check(t, err)
	if len(wakes) != 1 || wakes[0].RolloutID != id {
		t.Fatalf("rings %+v, want one for the rollout", wakes)
	}
	page := func(state runs.RolloutState, looked int) runs.Rollout {
		t.Helper()
		r, pause, err := s.RollOut(t.Context(), id)
		check(t, err)
		if r.State != state || r.Looked != looked || r.Total != 450 {
			t.Errorf("%s, %d of %d: want %s, %d of 450", r.State, r.Looked, r.Total, state, looked)
		}
		if state == runs.RolloutRunning && pause.Milliseconds() != 400 {
			t.Errorf("a pause of %v after 200 at 500 a second", pause)
		}
		return r
	}
	page(runs.RolloutRunning, 200)
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE conversation_id IS NOT NULL`); n != 200 {
		t.Errorf("%d conversations are rung for, want 200", n)
	}
	steer := func(to runs.RolloutState) error {
		_, err := s.SteerRollout(t.Context(), access.System(), id, to)
		return err
	}
	check(t, steer(runs.RolloutPaused))
	page(runs.RolloutPaused, 200)
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE job_id IS NOT NULL`); n != 0 {
		t.Error("a paused rollout is still rung for")
	}
	check(t, steer(runs.RolloutRunning))
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE job_id IS NOT NULL`); n != 1 {
		t.Error("a resumed rollout is not rung for")
	}
	page(runs.RolloutRunning, 400)
	if r := page(runs.RolloutDone, 450); r.FinishedAt.IsZero() || r.Reason != runs.RolloutSwitched || r.DefinitionID != d.ID {
		t.Errorf("at its end it is %+v", r)
	}
	page(runs.RolloutDone, 450) // a repeat changes nothing
	if n := s.house.Number(`SELECT count(*) FROM outbox`); n != 450 {
		t.Errorf("%d rings, want one for each conversation and none for the rollout", n)
	}
	if err := steer(runs.RolloutPaused); !errs.Is(err, errs.Conflict) {
		t.Errorf("steering what is done: %v", err)
	}
}

func TestANewerRolloutOfTheSameWorkflowEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.many(3)
	d, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("dates", overdue), automation.ModeOn)
	check(t, err)
	first := s.running(t)
	shorter := overdue
	shorter.Value = "1h"
	_, err = s.PutDraft(t.Context(), access.System(), d.ID, definition("dates", shorter))
	check(t, err)
	_, err = s.PublishDefinition(t.Context(), access.System(), d.ID)
	check(t, err)
	if second := s.running(t); second == first {
		t.Error("the first one runs on")
	}
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE job_id = $1`, first); n != 0 {
		t.Error("the first one is still rung for")
	}
}

// A back-fill that is half done continues beside the rollout of a newer change: it holds
// each conversation against what is in force by then.
func TestANewerRolloutDoesNotEndABackFill(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.many(450)
	d := definition("earlier", overdue)
	d.ApplyToEarlier = true
	made, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, d, automation.ModeOn)
	check(t, err)
	_, _, err = s.RollOut(t.Context(), s.running(t))
	check(t, err)
	shorter := overdue
	shorter.Value = "1h"
	d.Conditions = definition("earlier", shorter).Conditions
	_, err = s.PutDraft(t.Context(), access.System(), made.ID, d)
	check(t, err)
	_, err = s.PublishDefinition(t.Context(), access.System(), made.ID)
	check(t, err)
	s.rollOut(t)
	if n := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'consider'`); n != 450 {
		t.Errorf("%d of 450 conversations were held against the workflow", n)
	}
}

func TestAPreviewTellsHowManyWouldBeDueNow(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.many(700)
	s.house.Exec(`UPDATE conversations SET created_at = now() - interval '2 days', waiting_since = now() - CASE WHEN number % 2 = 0 THEN
		interval '2 days' ELSE interval '1 hour' END`)
	preview := func(id automation.DefinitionID, want runs.RolloutPreview) {
		t.Helper()
		got, err := s.PreviewRollout(t.Context(), access.System(), id)
		check(t, err)
		if got.Asked == want.Asked && got.DueNow > 200 && got.DueNow < 300 {
			got.DueNow = want.DueNow // half of them, whichever are the newest
		}
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	d := definition("dates", overdue)
	made, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, d, automation.ModeOff)
	check(t, err)
	preview(made.ID, runs.RolloutPreview{Needed: true}) // all of them are earlier
	d.ApplyToEarlier = true
	_, err = s.PutDraft(t.Context(), access.System(), made.ID, d)
	check(t, err)
	preview(made.ID, runs.RolloutPreview{Needed: true, Looks: 700, Asked: 500, DueNow: 250})
	_, err = s.PublishDefinition(t.Context(), access.System(), made.ID)
	check(t, err)
	on := automation.ModeOn
	_, err = s.PatchDefinition(t.Context(), access.System(), made.ID, automation.WorkflowPatch{Mode: &on})
	check(t, err)
	preview(made.ID, runs.RolloutPreview{}) // nothing would change
	if n := s.house.Number(`SELECT count(*) FROM rollouts`); n != 1 {
		t.Errorf("%d rollouts, want that of the switch", n)
	}
}

func TestApplyToEarlierHoldsEachConversationAgainstTheWorkflowOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.many(3)
	d := definition("earlier", urgent)
	d.ApplyToEarlier = true
	made, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, d, automation.ModeOn)
	check(t, err)
	s.rollOut(t)
	if n := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'consider' AND seq = 8 AND data ->> 'definition' = $1`, made.ID); n != 3 {
		t.Errorf("%d events of kind consider, want 3", n)
	}
	off, on := automation.ModeOff, automation.ModeOn
	for _, mode := range []*automation.Mode{&off, &on} {
		_, err := s.PatchDefinition(t.Context(), access.System(), made.ID, automation.WorkflowPatch{Mode: mode})
		check(t, err)
	}
	s.rollOut(t)
	if n := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'consider'`); n != 3 {
		t.Errorf("%d events of kind consider after it was switched on again, want 3", n)
	}
}
