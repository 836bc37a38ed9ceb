package automation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// byEvent is a run for an event at a minute after noon; byTime one for a due time.
func byEvent(seq int64, minute int) automation.Run {
	return automation.Run{Trigger: automation.TriggerEvent, State: automation.RunDone, Seq: seq, CreatedAt: noon.Add(time.Duration(minute) * time.Minute)}
}

func byTime(episode string, minute int) automation.Run {
	due := noon.Add(time.Duration(minute) * time.Minute)
	return automation.Run{Trigger: automation.TriggerTime, State: automation.RunDone, Episodes: []string{episode}, DueAt: due, CreatedAt: due.Add(3 * time.Second)}
}

func TestRunsAreCompared(t *testing.T) {
	t.Parallel()
	skipped := byTime("a", 5)
	skipped.State = automation.RunSkipped
	type runs = []automation.Run
	for name, c := range map[string]struct {
		tested, other runs
		want          string
	}{
		"nothing":                  {nil, nil, ""},
		"the same event":           {runs{byEvent(1, 0)}, runs{byEvent(1, 0)}, "same"},
		"the same event, late":     {runs{byEvent(1, 0)}, runs{byEvent(1, 90)}, "same"},
		"an event more":            {runs{byEvent(1, 0), byEvent(2, 1)}, runs{byEvent(2, 1)}, "more same"},
		"an event less":            {runs{byEvent(2, 1)}, runs{byEvent(1, 0), byEvent(2, 1)}, "fewer same"},
		"another event, earlier":   {runs{byEvent(1, 0)}, runs{byEvent(2, 1)}, "earlier"},
		"another event, later":     {runs{byEvent(3, 2)}, runs{byEvent(2, 1)}, "later"},
		"the same due time":        {runs{byTime("a", 5)}, runs{byTime("a", 5)}, "same"},
		"a due time, earlier":      {runs{byTime("a", 5)}, runs{byTime("a", 9)}, "earlier"},
		"a due time, later":        {runs{byTime("a", 9)}, runs{byTime("a", 5)}, "later"},
		"skipped is none":          {runs{skipped}, runs{byTime("a", 5)}, "fewer"},
		"an event for a due time":  {runs{byEvent(4, 7)}, runs{byTime("a", 5)}, "later"},
		"causes before order":      {runs{byTime("a", 5), byTime("b", 50)}, runs{byTime("b", 40)}, "more later"},
		"a second for one episode": {runs{byTime("a", 5), byTime("a", 6)}, runs{byTime("a", 5)}, "same more"},
	} {
		var got []string
		for _, r := range automation.CompareRuns(automation.WithLive, c.tested, c.other) {
			got = append(got, string(r.Outcome))
			if (r.Run == nil) != (r.Outcome == automation.OutcomeFewer) || (r.Other == nil) != (r.Outcome == automation.OutcomeMore) || r.With != automation.WithLive {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestARunSawWhatOthersDidMeanwhile(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	told := automation.Told{
		Events: []conversation.Event{
			{Seq: 1, At: at(0)},
			{Seq: 2, At: at(3)},
			{Seq: 3, At: at(5), Cause: conversation.Cause{Run: "one"}},
			{Seq: 4, At: at(9)},
			{Seq: 5, At: at(10), Kind: conversation.KindDue},
		},
		Runs: []automation.ToldRun{{Run: automation.Run{ID: "one", Seq: 1}}},
	}
	for _, c := range []struct {
		run  automation.Run
		want bool
	}{
		{automation.Run{Trigger: automation.TriggerEvent, Seq: 1, CreatedAt: at(1)}, false},
		{automation.Run{Trigger: automation.TriggerEvent, Seq: 1, CreatedAt: at(5)}, true},
		{automation.Run{Trigger: automation.TriggerEvent, Seq: 2, CreatedAt: at(5)}, false},
		{automation.Run{Trigger: automation.TriggerEvent, Seq: 2, CreatedAt: at(6)}, false}, // what a run did is no news to it
		{automation.Run{Trigger: automation.TriggerTime, Seq: 5, DueAt: at(10), CreatedAt: at(10)}, false},
		{automation.Run{Trigger: automation.TriggerTime, Seq: 5, DueAt: at(8), CreatedAt: at(10)}, true},
	} {
		if got := told.SawLater(automation.ToldRun{Run: c.run}); got != c.want {
			t.Errorf("%s of event %d, made at %v: %v", c.run.Trigger, c.run.Seq, c.run.CreatedAt, got)
		}
	}
}

func TestABacktestIsSaidInWords(t *testing.T) {
	t.Parallel()
	b := automation.Backtest{State: automation.BacktestRunning, Runs: 3, Looked: 9, Counts: map[automation.With]map[automation.BacktestOutcome]int{
		automation.WithLive: {automation.OutcomeSame: 2, automation.OutcomeMore: 1},
	}}
	want := "the draft would have run 3 times on 9 conversations so far; beside the runs that were made 2 same, 1 more, 0 fewer, 0 earlier, 0 later"
	if got := b.Sentence(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.State, b.Version, b.Against = automation.BacktestDone, 4, 3
	if got := b.Sentence(); !strings.HasPrefix(got, "version 4 would have run 3 times on 9 conversations; beside version 3 0 same") {
		t.Error(got)
	}
	if automation.BacktestRunning.Final() || !automation.BacktestDone.Final() {
		t.Error("only running is not the end")
	}
}
