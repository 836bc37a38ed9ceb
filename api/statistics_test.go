package api_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/api"
)

// ran writes a run of the workflow as it stands in the table.
func (w *world) ran(workflow, conversation, mode, trigger, state, at string, late time.Duration) (id string) {
	w.Helper()
	w.Value(&id, `INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode, trigger, state,
		reason, seq, origin, due_at, created_at)
		SELECT gen_random_uuid(), $2, f.mailbox_id, f.id, f.version_id, 1, f.name, $3, $4, $5, CASE $5 WHEN 'failed' THEN
		'the template is gone' ELSE '' END,
			1, (SELECT count(*) + 100 FROM runs), CASE $4 WHEN 'time' THEN $6::timestamptz - $7::interval END, $6::timestamptz
		FROM definitions f WHERE f.id = $1 RETURNING id::text`, workflow, conversation, mode, trigger, state, at, late)
	return id
}

func (w *world) statistics(token, path string) (s api.Statistics) {
	w.Helper()
	if err := json.Unmarshal(w.want(200, token, "GET", path, nil).body, &s); err != nil {
		w.Fatal(err)
	}
	return s
}

func TestStatisticsCountByTheDaysOfTheMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, w.asAdmin, "PATCH", "/v1/mailboxes/"+string(w.support.ID), `{"time_zone":"America/New_York"}`)
	workflow, other := w.workflowIn(w.support), w.workflowIn(w.support)
	a, b, away := w.open(w.support.ID, "a"), w.open(w.support.ID, "b"), w.open(w.support.ID, "c")
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+away, map[string]any{"mailbox_id": w.billing.ID})

	w.ran(workflow, a, "on", "event", "done", "2026-10-30T03:59:59Z", 0) // the 29th there, out of the span
	w.ran(workflow, a, "on", "event", "done", "2026-10-30T04:00:00Z", 0)
	w.ran(workflow, a, "on", "event", "skipped", "2026-11-01T03:30:00Z", 0) // still the 31st
	w.ran(workflow, b, "watch", "event", "done", "2026-11-01T12:00:00Z", 0)
	failed := w.ran(workflow, a, "on", "event", "failed", "2026-11-02T04:59:59Z", 0) // the first, after the hour was set back
	for i, late := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 11 * time.Second} {
		w.ran(workflow, b, "on", "time", "done", time.Date(2026, 11, 2, 12, i, 0, 0, time.UTC).Format(time.RFC3339), late)
	}
	unseen := w.ran(workflow, away, "on", "event", "failed", "2026-11-02T15:00:00Z", 0)
	w.ran(other, a, "on", "manual", "refused", "2026-11-02T15:00:00Z", 0)
	w.ran(workflow, a, "on", "event", "done", "2026-11-03T05:00:00Z", 0) // the third

	path := "/v1/workflows/" + workflow + "/statistics?from=2026-10-30&to=2026-11-02"
	s := w.statistics(w.asAgent, path)
	want := []api.DayCount{
		{Day: "2026-10-30", On: api.RunCounts{Done: 1}}, {Day: "2026-10-31", On: api.RunCounts{Skipped: 1}},
		{Day: "2026-11-01", On: api.RunCounts{Failed: 1}, Watch: api.RunCounts{Done: 1}},
		{Day: "2026-11-02", On: api.RunCounts{Done: 4, Failed: 1}},
	}
	if len(s.Days) != len(want) {
		t.Fatalf("%d days: %+v", len(s.Days), s.Days)
	}
	for i, d := range want {
		if s.Days[i] != d {
			t.Errorf("got %+v, want %+v", s.Days[i], d)
		}
	}
	if s.On != (api.RunCounts{Done: 5, Failed: 2, Skipped: 1}) || s.Watch != (api.RunCounts{Done: 1}) || s.Conversations != 2 ||
		s.TimeZone != "America/New_York" {
		t.Errorf("sums %+v", s)
	}
	if s.Lateness == nil || *s.Lateness != (api.Lateness{Runs: 4, Median: 2.5, P95: 9.8}) {
		t.Errorf("lateness %+v", s.Lateness)
	}
	if s.LastError == nil || string(s.LastError.RunID) != failed || s.LastError.Reason != "the template is gone" ||
		string(s.LastError.ConversationID) != a {
		t.Errorf("the agent is told the error %+v, want %s", s.LastError, failed)
	}
	w.want(200, w.asAgent, "GET", "/v1/runs/"+string(s.LastRun.RunID), nil)
	if all := w.statistics(w.asAdmin, path); string(all.LastError.RunID) != unseen {
		t.Errorf("the admin is told the error %+v, want %s", all.LastError, unseen)
	}

	whole := w.statistics(w.asAgent, "/v1/mailboxes/"+string(w.support.ID)+"/statistics?from=2026-10-30&to=2026-11-02")
	if len(whole.Workflows) != 2 || string(whole.Workflows[0].WorkflowID) != workflow || whole.Workflows[0].On != s.On ||
		whole.Workflows[0].Watch != s.Watch ||
		whole.Workflows[1].On != (api.RunCounts{Refused: 1}) || whole.Workflows[1].LastRunAt != nil ||
		whole.On != (api.RunCounts{Done: 5, Failed: 2, Skipped: 1, Refused: 1}) {
		t.Errorf("the mailbox's are %+v", whole)
	}
	w.want(204, w.asAdmin, "DELETE", "/v1/workflows/"+workflow, nil)
	if gone := w.statistics(w.asAdmin, path); gone.On != s.On {
		t.Errorf("of a deleted workflow %+v", gone)
	}
	if whole := w.statistics(w.asAgent, "/v1/mailboxes/"+string(w.support.ID)+
		"/statistics?from=2026-10-30&to=2026-11-02"); len(whole.Workflows) != 2 || string(whole.Workflows[1].WorkflowID) != workflow {
		t.Errorf("a deleted workflow is not the last: %+v", whole.Workflows)
	}
}

func TestStatisticsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/mailboxes/" + string(w.support.ID) + "/statistics"
	s := w.statistics(w.asAgent, path)
	if len(s.Days) != 30 || s.Days[0].Day != s.From || s.Days[29].Day != s.To || s.LastRun != nil || s.LastError != nil || s.Lateness != nil {
		t.Errorf("by default %+v", s)
	}
	if s := w.statistics(w.asAgent, path+"?from=2026-01-01&to=2026-04-02"); len(s.Days) != 92 {
		t.Errorf("%d days", len(s.Days))
	}
	for _, bad := range []string{"?from=2026-01-01&to=2026-04-03", "?from=2026-01-02&to=2026-01-01", "?to=2026-02-30", "?from=yesterday",
		"?from=0001-01-01"} {
		w.want(422, w.asAgent, "GET", path+bad, nil)
	}
	w.want(404, w.asAgent, "GET", "/v1/mailboxes/"+string(w.billing.ID)+"/statistics", nil)
}

func TestRunsAreFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	workflow, other := w.workflowIn(w.support), w.workflowIn(w.support)
	c := w.open(w.support.ID, "a")
	done := w.ran(workflow, c, "on", "event", "done", "2026-10-01T12:00:00Z", 0)
	watched := w.ran(workflow, c, "watch", "event", "done", "2026-10-02T12:00:00Z", 0)
	failed := w.ran(workflow, c, "on", "event", "failed", "2026-10-03T12:00:00Z", 0)
	foreign := w.ran(other, c, "on", "event", "failed", "2026-10-04T12:00:00Z", 0)
	of, on := "/v1/workflows/"+workflow+"/runs", "/v1/conversations/"+c+"/runs"
	for path, want := range map[string][]string{
		of: {failed, watched, done}, of + "?state=failed": {failed}, of + "?mode=watch": {watched}, of + "?mode=on&state=done": {done},
		of + "?from=2026-10-02T12:00:00Z&before=2026-10-03T12:00:00Z": {watched}, of + "?state=refused": nil,
		on: {foreign, failed, watched, done}, on + "?workflow_id=" + other: {foreign}, on + "?state=failed&limit=5": {foreign, failed},
	} {
		r := w.want(200, w.asAgent, "GET", path, nil)
		var got []string
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			got = append(got, r.text(t, "items", i, "id"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	w.want(422, w.asAgent, "GET", of+"?state=lost", nil)
	w.want(422, w.asAgent, "GET", on+"?workflow_id=x", nil)
}
