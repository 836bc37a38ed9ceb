package expect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Judge says what is not as the test expects; paths are relative to the test.
func Judge(t automation.Test, o Observed) []errs.Problem {
	j := &judging{o: o}
	switch e := t.Expect; {
	case e.Runs != nil:
		j.count(*e.Runs)
	case e.Each != nil:
		j.each(e.Each)
	default:
		j.noFailure()
	}
	j.because(t.Expect.Because)
	if t.Expect.Actions != nil {
		j.actions(t.Expect.Actions)
	}
	j.end(t.Expect)
	return automation.PathUnder("expect", j.Bad)
}

// judging compares what came of a test with what was expected.
type judging struct {
	automation.Checking
	o Observed
}

// count compares the number of runs with the expected one.
func (j *judging) count(want int) {
	var happened []observedRun
	for _, r := range j.o.runs() {
		if r.happened() {
			happened = append(happened, r)
		}
	}
	got := len(happened)
	switch {
	case got == want:
		j.noFailure()
	case got == 0:
		j.Wrong("runs", fmt.Sprintf("expected %s, got none. %s", runsWords(want), j.whyNot()))
	case want == 0:
		j.Wrong("runs", "expected no run, but "+j.ran(happened[0])+" because "+j.holding(happened[0].Verdict))
	default:
		list := make([]string, 0, got)
		for i, r := range happened {
			if list = append(list, j.when(r)); i == 4 && got > 6 {
				list = append(list, fmt.Sprintf("and %d more", got-i-1))
				break
			}
		}
		j.Wrong("runs", fmt.Sprintf("expected %s, got %d: %s. %s", runsWords(want), got, strings.Join(list, "; "), j.more(want, got)))
	}
}

// more says why there were not as many runs as expected.
func (j *judging) more(want, got int) string {
	if got > want {
		return ""
	}
	return j.whyNot()
}

// noFailure reports a run that failed where nobody expected it.
func (j *judging) noFailure() {
	for _, r := range j.o.runs() {
		if r.State == automation.RunFailed || r.State == automation.RunRefused {
			j.Wrong("runs", "the run "+j.when(r)+" "+string(r.State)+": "+r.Reason)
		}
	}
}

// each compares the runs one by one with the expected ones.
func (j *judging) each(want []automation.ExpectedRun) {
	left := j.o.runs()
	for i, e := range want {
		at := "runs" + automation.PathIndex(i)
		outcome := e.Outcome
		if outcome == "" {
			outcome = automation.RunDone
		}
		// What led to no run is passed over where a run is expected.
		for len(left) > 0 && !left[0].happened() && left[0].State != outcome {
			left = left[1:]
		}
		if len(left) == 0 {
			j.Wrong(at, "expected one more run"+j.expectedWhen(e)+", got none. "+j.whyNotAt(e.AfterStep))
			return
		}
		j.one(at, e, outcome, left[0])
		left = left[1:]
	}
	for _, r := range left {
		if r.happened() {
			j.Wrong("runs"+automation.PathIndex(len(want)), "expected no more run, but "+j.ran(r)+" because "+j.holding(r.Verdict))
			return
		}
	}
}

func (j *judging) one(at string, e automation.ExpectedRun, outcome automation.RunState, r observedRun) {
	if e.AfterStep != 0 && r.step != e.AfterStep-1 {
		j.Wrong(at+".after_step", fmt.Sprintf("expected a run at step %d (%s), got one %s", e.AfterStep, j.o.Steps[e.AfterStep-1].Sentence,
			j.when(r)))
		return
	}
	if want, ok := j.moment(e.At); ok && !want.Equal(r.CreatedAt) && !want.Equal(r.CreatedAt.Add(-r.Spread)) {
		j.Wrong(at+".at", "expected a run at "+j.stamp(want)+", got one "+j.when(r))
		return
	}
	if r.State != outcome {
		why := r.Reason
		if r.State == automation.RunSkipped {
			why = runs.SkipSentence(r.Reason)
		}
		if why != "" {
			why = ": " + why
		}
		j.Wrong(at+".outcome", "expected the run to be "+string(outcome)+", got "+string(r.State)+" "+j.when(r)+why)
	}
}

// moment reads when a run is expected: how long after the first step, or when.
func (j *judging) moment(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, false
	}
	if d, problem := automation.ParseDuration(s); problem == "" {
		return j.o.Start.Add(d), true
	}
	return automation.ReadMoment(s, j.o.Zone)
}

func (j *judging) expectedWhen(e automation.ExpectedRun) string {
	switch want, ok := j.moment(e.At); {
	case ok:
		return " at " + j.stamp(want)
	case e.AfterStep != 0:
		return fmt.Sprintf(" at step %d (%s)", e.AfterStep, j.o.Steps[e.AfterStep-1].Sentence)
	}
	return ""
}

// because compares the condition that must not hold with what the conditions said.
func (j *judging) because(field string) {
	if field == "" {
		return
	}
	x := j.o.Explanation
	for i, g := range x.Verdict.Groups {
		if g.Holds == automation.True {
			continue
		}
		for _, c := range j.o.Program.Definition().Conditions[i].Any {
			if c.Field == field {
				return
			}
		}
	}
	if ran := j.o.runs(); slices.ContainsFunc(ran, observedRun.happened) {
		return // which is told where it was counted
	}
	j.Wrong("because", "expected that no condition on "+field+" holds. "+x.Answer)
}

// end compares the conversation as it is at the end with what is expected of it.
func (j *judging) end(e automation.Expectation) {
	c := j.o.Conversation
	word := func(path, want, got string) {
		if want != "" && want != got {
			j.Wrong(path, "expected "+match.Quote(want)+", got "+match.Quote(got))
		}
	}
	word("status", e.Status, string(c.Status))
	word("state", e.State, string(c.State))
	word("subject", e.Subject, c.Subject)
	j.refers("assignee", automation.RefUser, e.Assignee, string(c.AssigneeID))
	j.refers("mailbox", automation.RefMailbox, e.Mailbox, string(c.MailboxID))
	if e.Tags != nil {
		if want := cleanTags(e.Tags); !slices.Equal(want, cleanTags(c.Tags)) {
			j.Wrong("tags", "expected "+tagWords(want)+", got "+tagWords(c.Tags))
		}
	}
	for _, name := range automation.SortedKeys(e.Fields) {
		at := automation.JoinPath("fields", automation.PathKey(name))
		f, known := conversation.FindField(j.o.Fields, name)
		if !known {
			j.Wrong(at, "the mailbox has no custom field "+match.Quote(name))
			continue
		}
		want, problem := f.CleanValue(e.Fields[name])
		switch got := c.FieldValue(name); {
		case problem != "":
			j.Wrong(at, "no value can be "+match.Quote(e.Fields[name])+": "+problem)
		case got != want:
			j.Wrong(at, "expected "+valueOrNone(want)+", got "+valueOrNone(got))
		}
	}
}

// refers compares a user or a mailbox with the one that is named.
func (j *judging) refers(path, kind, want, got string) {
	if want == "" {
		return
	}
	id := ""
	if want != automation.Unassigned || kind != automation.RefUser {
		if id = j.o.ID(kind, want); id == "" {
			j.Wrong(path, "there is no "+kind+" "+match.Quote(want))
			return
		}
	}
	if id != got {
		name := automation.Unassigned
		if got != "" {
			name = j.o.Address(kind, got)
		}
		j.Wrong(path, "expected "+match.Quote(want)+", got "+match.Quote(name))
	}
}

func cleanTags(tags []string) []string {
	out := make([]string, 0, len(tags))
	for _, t := range tags {
		out = append(out, conversation.CleanTag(t))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func tagWords(tags []string) string {
	if len(tags) == 0 {
		return automation.NoTags
	}
	return match.QuoteList(tags)
}

func valueOrNone(s string) string {
	if s == "" {
		return "no value"
	}
	return match.Quote(s)
}
