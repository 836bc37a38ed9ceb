package runs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// byEvent is a run for an event at a minute after noon; byTime one for a due time.
func byEvent(seq int64, minute int) runs.Run {
	return runs.Run{Trigger: automation.TriggerEvent, State: automation.RunDone, Seq: seq,
		CreatedAt: noon.Add(time.Duration(minute) * time.Minute)}
}

func byTime(episode string, minute int) runs.Run {
	due := noon.Add(time.Duration(minute) * time.Minute)
	return runs.Run{Trigger: automation.TriggerTime, State: automation.RunDone, Episodes: []string{episode}, DueAt: due,
		CreatedAt: due.Add(3 * time.Second)}
}

func TestRunsAreCompared(t *testing.T) {
	t.Parallel()
	skipped := byTime("a", 5)
	skipped.State = automation.RunSkipped
	type made = []runs.Run
	for name, c := range map[string]struct {
		tested, other made
		want          string
	}{
		"nothing":                  {nil, nil, ""},
		"the same event":           {made{byEvent(1, 0)}, made{byEvent(1, 0)}, "same"},
		"the same event, late":     {made{byEvent(1, 0)}, made{byEvent(1, 90)}, "same"},
		"an event more":            {made{byEvent(1, 0), byEvent(2, 1)}, made{byEvent(2, 1)}, "more same"},
		"an event less":            {made{byEvent(2, 1)}, made{byEvent(1, 0), byEvent(2, 1)}, "fewer same"},
		"another event, earlier":   {made{byEvent(1, 0)}, made{byEvent(2, 1)}, "earlier"},
		"another event, later":     {made{byEvent(3, 2)}, made{byEvent(2, 1)}, "later"},
		"the same due time":        {made{byTime("a", 5)}, made{byTime("a", 5)}, "same"},
		"a due time, earlier":      {made{byTime("a", 5)}, made{byTime("a", 9)}, "earlier"},
		"a due time, later":        {made{byTime("a", 9)}, made{byTime("a", 5)}, "later"},
		"skipped is none":          {made{skipped}, made{byTime("a", 5)}, "fewer"},
		"an event for a due time":  {made{byEvent(4, 7)}, made{byTime("a", 5)}, "later"},
		"causes before order":      {made{byTime("a", 5), byTime("b", 50)}, made{byTime("b", 40)}, "more later"},
		"a second for one episode": {made{byTime("a", 5), byTime("a", 6)}, made{byTime("a", 5)}, "same more"},
	} {
		var got []string
		for _, r := range runs.Compare(runs.WithLive, c.tested, c.other) {
			got = append(got, string(r.Outcome))
			if (r.Run == nil) != (r.Outcome == runs.OutcomeFewer) || (r.Other == nil) != (r.Outcome == runs.OutcomeMore) || r.With != runs.WithLive {
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
	told := runs.History{
		Events: []conversation.Event{
			{Seq: 1, At: at(0)},
			{Seq: 2, At: at(3)},
			{Seq: 3, At: at(5), Cause: conversation.Cause{Run: "one"}},
			{Seq: 4, At: at(9)},
			{Seq: 5, At: at(10), Kind: conversation.KindDue},
		},
		Runs: []runs.Past{{Run: runs.Run{ID: "one", Seq: 1}}},
	}
	for _, c := range []struct {
		run  runs.Run
		want bool
	}{
		{runs.Run{Trigger: automation.TriggerEvent, Seq: 1, CreatedAt: at(1)}, false},
		{runs.Run{Trigger: automation.TriggerEvent, Seq: 1, CreatedAt: at(5)}, true},
		{runs.Run{Trigger: automation.TriggerEvent, Seq: 2, CreatedAt: at(5)}, false},
		{runs.Run{Trigger: automation.TriggerEvent, Seq: 2, CreatedAt: at(6)}, false}, // what a run did is no news to it
		{runs.Run{Trigger: automation.TriggerTime, Seq: 5, DueAt: at(10), CreatedAt: at(10)}, false},
		{runs.Run{Trigger: automation.TriggerTime, Seq: 5, DueAt: at(8), CreatedAt: at(10)}, true},
	} {
		if got := told.SawLater(runs.Past{Run: c.run}); got != c.want {
			t.Errorf("%s of event %d, made at %v: %v", c.run.Trigger, c.run.Seq, c.run.CreatedAt, got)
		}
	}
}

func TestABacktestIsSaidInWords(t *testing.T) {
	t.Parallel()
	b := runs.Backtest{State: runs.BacktestRunning, Runs: 3, Looked: 9, Counts: map[runs.With]map[runs.BacktestOutcome]int{
		runs.WithLive: {runs.OutcomeSame: 2, runs.OutcomeMore: 1},
	}}
	want := "the draft would have run 3 times on 9 conversations so far; beside the runs that were made 2 same, 1 more, 0 fewer, 0 " +
		"earlier, 0 later"
	if got := b.Sentence(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.State, b.Version, b.Against = runs.BacktestDone, 4, 3
	if got := b.Sentence(); !strings.HasPrefix(got, "version 4 would have run 3 times on 9 conversations; beside version 3 0 same") {
		t.Error(got)
	}
	if runs.BacktestRunning.Final() || !runs.BacktestDone.Final() {
		t.Error("only running is not the end")
	}
}
