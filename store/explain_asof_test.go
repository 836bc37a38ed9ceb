package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// What was in force at an event is known permanently: it does not come from the audit, of
// which keep_audit_days leaves little.
func TestWhatWasInForceOutlivesTheAudit(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	today := s.Store
	long, err := store.Open(t.Context(), store.Config{DSN: s.house.DSN, Offset: func() time.Duration { return -50 * 24 * time.Hour }})
	check(t, err)
	t.Cleanup(long.Close)
	s.Store = long // ago
	draft := automation.Definition{Name: "W", Type: automation.TypeAutomatic, MaxRuns: 1,
		Conditions: []automation.Group{{Any: []automation.Condition{{Field: "note_added"}}}},
		Actions:    []automation.Action{{Do: automation.DoStop}}}
	w, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, draft, automation.ModeOff)
	check(t, err)
	r, err := s.OpenConversation(t.Context(), access.System(), conversation.Opening{
		MailboxID: s.mailbox, CustomerEmail: "ada@example.test", Type: conversation.TypeEmail, Subject: "Hello", Body: "hello",
	})
	check(t, err)
	type force struct {
		mode    automation.Mode
		version int
	}
	want := []force{{automation.ModeOff, 0}}
	event := func(mode automation.Mode, version int) {
		t.Helper()
		_, err := s.PostMessage(t.Context(), access.System(), r.ID, conversation.Post{Kind: conversation.MessageNote, Body: "n"})
		check(t, err)
		want = append(want, force{mode, version})
	}
	to := func(mode automation.Mode) {
		t.Helper()
		_, err := s.PatchDefinition(t.Context(), access.System(), w.ID, automation.WorkflowPatch{Mode: &mode})
		check(t, err)
		s.rollOut(t)
	}
	publish := func() {
		t.Helper()
		_, err := s.PublishDefinition(t.Context(), access.System(), w.ID)
		check(t, err)
		s.rollOut(t)
	}
	publish()
	event(automation.ModeOff, 1)
	to(automation.ModeWatch)
	event(automation.ModeWatch, 1)
	to(automation.ModeOn)
	event(automation.ModeOn, 1)
	draft.MaxRuns = 5
	_, err = s.PutDraft(t.Context(), access.System(), w.ID, draft)
	check(t, err)
	publish()
	event(automation.ModeOn, 2)
	to(automation.ModeOff)
	event(automation.ModeOff, 2)

	look := func() (got []force, unknown string) {
		t.Helper()
		for _, seq := range s.notes(r.ID) {
			q, err := s.InquireAsOf(t.Context(), access.System(), r.ID, w.ID, seq)
			check(t, err)
			got, unknown = append(got, force{q.Record.Mode, q.Record.Version}), unknown+fmt.Sprint(q.Unknown)
		}
		return got, unknown
	}
	before, unknown := look()
	s.Store = today
	s.forgetTheAudit()
	after, unknownAfter := look()
	if fmt.Sprint(before) != fmt.Sprint(want) || fmt.Sprint(after) != fmt.Sprint(want) || unknown != unknownAfter {
		t.Errorf("in force were %v, without the audit %v, want %v; unknown were %s, without the audit %s", before, after, want, unknown,
			unknownAfter)
	}
}

// notes are the first event of the conversation and those of its notes.
func (s *shop) notes(id conversation.ID) (seqs []int64) {
	s.t.Helper()
	rows, err := s.house.Pool.Query(s.t.Context(),
		`SELECT seq FROM events WHERE conversation_id = $1 AND (seq = 1 OR kind = 'note_added') ORDER BY seq`, id)
	check(s.t, err)
	defer rows.Close()
	for rows.Next() {
		var seq int64
		check(s.t, rows.Scan(&seq))
		seqs = append(seqs, seq)
	}
	check(s.t, rows.Err())
	return seqs
}

// forgetTheAudit trims the audit to the least that may be kept.
func (s *shop) forgetTheAudit() {
	s.t.Helper()
	days := 30
	_, err := s.ChangeSettings(s.t.Context(), access.System(), conversation.SettingsChange{KeepAudit: &days})
	check(s.t, err)
	out, err := s.Forget(s.t.Context())
	check(s.t, err)
	if n := s.house.Number(`SELECT count(*) FROM audit WHERE object_kind = 'workflow'`); out.Audit == 0 || n > 0 {
		s.t.Fatalf("%d rows of the audit went, %d of workflows are left", out.Audit, n)
	}
}
