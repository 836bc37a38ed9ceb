package explain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// inquiry asks about a workflow that runs when the status is closed, and about a
// conversation with one event that was handled.
func inquiry(t *testing.T, change func(*explain.Inquiry)) explain.Inquiry {
	t.Helper()
	body := automation.Definition{
		Name: "W", Type: automation.TypeAutomatic, MaxRuns: 2,
		Conditions: []automation.Group{{Any: []automation.Condition{{Field: "status", Op: "is", Value: "closed"}}}},
		Actions:    []automation.Action{{Do: automation.DoReply, Body: "Hello"}},
	}
	event := conversation.Event{Seq: 4, Kind: conversation.KindStatusChanged, MailboxID: "m", At: noon}
	q := explain.Inquiry{
		Record:  automation.Workflow{ID: "d", MailboxID: "m", Mode: automation.ModeOn, Version: 1, SwitchedOnAt: noon.Add(-time.Hour)},
		Version: &automation.Published{Number: 1, Body: body},
		Facts: conversation.Facts{Now: noon, Event: &event, Conversation: conversation.Conversation{
			ID: "c", MailboxID: "m", State: conversation.StatePublished, Status: conversation.StatusClosed, LastSeq: 4, HandledSeq: 4,
			CreatedAt: noon,
		}},
	}
	if change != nil {
		change(&q)
	}
	if q.Version != nil {
		var problems any
		if q.Program, problems = compile(q.Version.Body); q.Program == nil {
			t.Fatal(problems)
		}
	}
	return q
}

func compile(d automation.Definition) (*automation.Program, any) {
	p, problems := automation.Compile(d)
	return p, problems
}

func TestExplainNamesTheWeightiestReason(t *testing.T) {
	t.Parallel()
	run := runs.Run{Trigger: automation.TriggerEvent, State: automation.RunDone, Mode: automation.ModeOn, VersionNumber: 1, Seq: 4,
		Cause: conversation.Cause{Origin: 4}, CreatedAt: noon}
	cases := []struct {
		name   string
		change func(*explain.Inquiry)
		want   string
	}{
		{"ran", func(q *explain.Inquiry) { q.Runs = []runs.Run{run} }, "It ran at 2026-03-02 12:00:00 UTC, version 1, for event 4."},
		{"ran by time", func(q *explain.Inquiry) {
			r := run
			r.Trigger, r.Cause.Origin, r.Seq = automation.TriggerTime, 5, 5
			q.Runs = []runs.Run{r}
		}, "It ran at 2026-03-02 12:00:00 UTC, version 1, because its time had come."},
		{"failed", func(q *explain.Inquiry) {
			r := run
			r.State, r.Reason = automation.RunFailed, "no such user."
			q.Runs = []runs.Run{r}
		}, "It ran at 2026-03-02 12:00:00 UTC, version 1, for event 4, and failed: no such user."},
		{"ran for an earlier event", func(q *explain.Inquiry) {
			r := run
			r.Cause.Origin = 2
			q.Runs = []runs.Run{r}
		}, "It did not run: its conditions hold now, but they did not when the newest event was handled."},
		{"a skipped due time is no run", func(q *explain.Inquiry) {
			r := run
			r.Trigger, r.State = automation.TriggerTime, automation.RunSkipped
			q.Runs = []runs.Run{r}
			q.Record.Mode = automation.ModeOff
		}, "It did not run: it is switched off."},
		{"off by itself", func(q *explain.Inquiry) {
			q.Record.Mode, q.Record.OffReason = automation.ModeOff, "the user is gone"
		},
			"It did not run: it was switched off: the user is gone."},
		{"unpublished", func(q *explain.Inquiry) { q.Version = nil }, "It did not run: nothing of it is published."},
		{"draft", func(q *explain.Inquiry) { q.Facts.Conversation.State = conversation.StateDraft },
			"It did not run: the conversation is a draft."},
		{"twice", func(q *explain.Inquiry) { q.Used.Runs = 2 },
			"It did not run: it ran twice on this conversation and may run twice (max_runs)."},
		{"watched since later", func(q *explain.Inquiry) {
			q.Record.Mode, q.Record.SwitchedWatchAt = automation.ModeWatch, noon.Add(time.Minute)
		}, "It did not run: the conversation was created at 2026-03-02 12:00:00 UTC, before the workflow was first switched to watch " +
			"(2026-03-02 12:01:00 UTC)."},
		{"applies to earlier ones", func(q *explain.Inquiry) {
			q.Record.SwitchedOnAt, q.Version.Body.ApplyToEarlier = noon.Add(time.Minute), true
		}, "but it is in force only since 2026-03-02 12:01:00 UTC, after the newest event: it looks at what happens from then on."},
		{"published later", func(q *explain.Inquiry) { q.Version.CreatedAt = noon.Add(time.Minute) },
			"but it is in force only since 2026-03-02 12:01:00 UTC, after the newest event: it looks at what happens from then on."},
		{"not handled", func(q *explain.Inquiry) { q.Facts.Conversation.HandledSeq = 3 }, "It did not run: event 4 waits to be handled."},
		{"no listener", func(q *explain.Inquiry) { q.Facts.Event.Kind = conversation.KindTagsChanged },
			"It did not run: its conditions hold now, but none of them listens to what happened last: the tags changed."},
		{"happened elsewhere", func(q *explain.Inquiry) { q.Facts.Event.MailboxID = "other" },
			"It did not run: the newest event happened while the conversation was in another mailbox."},
		{"nothing happened", func(q *explain.Inquiry) { q.Facts.Event = nil }, "It did not run: nothing has happened yet."},
		{"conditions are counted over all groups", func(q *explain.Inquiry) {
			q.Version.Body.Conditions = append(q.Version.Body.Conditions,
				automation.Group{Any: []automation.Condition{{Field: "status", Op: "is_not", Value: "closed"}}})
		}, "It did not run: condition 2 'the status is not closed' is false: the status is closed."},
		{"due later", func(q *explain.Inquiry) {
			q.Facts.Conversation.Status, q.Facts.Conversation.WaitingSince = conversation.StatusActive, noon.Add(-time.Hour)
			q.Version.Body.Conditions = []automation.Group{{Any: []automation.Condition{{Field: "waiting_since", Op: "longer_than", Value: "2h"}}}}
		}, "counts from 2026-03-02 11:00:00 UTC, 1h0m0s ago. It will at 2026-03-02 13:00:00 UTC if nothing else happens."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := explain.Explain(inquiry(t, c.change)).Answer; !strings.HasSuffix(got, c.want) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestMachineMailIsAFindingThatDoesNotBlock(t *testing.T) {
	t.Parallel()
	for _, mark := range []conversation.Machine{conversation.MachineAutoReply, conversation.MachineBounce, conversation.MachineList,
		conversation.MachineNullSender, conversation.MachineOwn, conversation.MachineGenerated, conversation.MachineSuppressed, "other"} {
		q := inquiry(t, func(q *explain.Inquiry) { q.Facts.Conversation.LastCustomerMachine = mark })
		x := explain.Explain(q)
		if len(x.Findings) != 1 || x.Findings[0].Obstacle != explain.ObstacleMachineMail || x.Findings[0].Blocks {
			t.Errorf("%s: %+v", mark, x.Findings)
		}
		q.Facts.Message = &conversation.Message{} // a person wrote the message of the event
		if x := explain.Explain(q); len(x.Findings) != 0 {
			t.Errorf("%s: %+v", mark, x.Findings)
		}
	}
}

func TestExplainSaysThatATimeWasMoved(t *testing.T) {
	t.Parallel()
	q := inquiry(t, func(q *explain.Inquiry) {
		q.Version.Body.Conditions = []automation.Group{
			{Any: []automation.Condition{{Field: "created", Op: "not_in_the_last", Value: "1h"}}},
			{Any: []automation.Condition{{Field: "time_of_day", Op: "between", Value: "15:00-16:00"}}},
		}
	})
	x := explain.Explain(q)
	due := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	want := " It will at " + due.Add(x.Spread).Format("2006-01-02 15:04:05") + " UTC (moved by " + x.Spread.String() +
		", since many conversations share that time) if nothing else happens."
	if x.Spread <= 0 || !x.Next.Equal(due.Add(x.Spread)) || !strings.HasSuffix(x.Answer, want) {
		t.Errorf("next %v, moved by %v: %q, want %q", x.Next, x.Spread, x.Answer, want)
	}
}
