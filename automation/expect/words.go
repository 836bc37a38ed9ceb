package expect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

func runsWords(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// ran says that and when a run happened.
func (j *judging) ran(r observedRun) string { return "it ran " + j.when(r) }

// when says when a run happened: after which step, or while which time passed.
func (j *judging) when(r observedRun) string {
	step := j.o.Steps[r.step]
	return fmt.Sprintf("at %s (step %d: %s)", j.stamp(r.CreatedAt), r.step+1, step.Sentence)
}

// stamp says a moment in the mailbox's time zone, and how far it is from the first
// step.
func (j *judging) stamp(at time.Time) string {
	words := at.In(j.o.Zone).Format("Monday 2006-01-02 15:04:05 MST")
	if since := at.Sub(j.o.Start); since > 0 {
		words += ", " + automation.SinceWords(since) + " after the first step"
	}
	return words
}

// holding says which conditions made the conditions hold.
func (j *judging) holding(v automation.Verdict) string {
	var rows []string
	for i, g := range v.Groups {
		for k, r := range g.Rows {
			if r.Holds != automation.True {
				continue
			}
			words := r.Sentence
			if c := j.o.Program.Definition().Conditions[i].Any[k]; !automation.IsEvent(c.Field) && r.Actual != "" {
				words += " (" + automation.ActualWords(c, r) + ")"
			}
			rows = append(rows, words)
			break
		}
	}
	if len(rows) == 0 {
		return "an agent asked for it"
	}
	return strings.Join(rows, ", and ")
}

// whyNot says why nothing ran in the end. Where no date decides, what the customer
// wrote last is what their author thinks of.
func (j *judging) whyNot() string {
	last, wrote := 0, 0
	for i, s := range j.o.Steps {
		came := slices.ContainsFunc(s.Runs, func(r ObservedRun) bool {
			return r.State == automation.RunSkipped || r.State == automation.RunRefused || r.State == automation.RunLimited
		})
		if came || last == 0 || j.o.Steps[last-1].Why != s.Why {
			last = i + 1
		}
		if s.Do == automation.StepCustomerWrites && !s.Ran() {
			wrote = i + 1
		}
	}
	switch {
	case wrote == 0 || wrote == last || j.o.Program.HasDates():
		return j.whyNotAt(last)
	}
	return j.whyNotAt(wrote) + " " + j.whyNotAt(last)
}

// whyNotAt says why nothing ran at a step, from 1; 0 means at any.
func (j *judging) whyNotAt(step int) string {
	if step == 0 {
		return j.whyNot()
	}
	s := j.o.Steps[step-1]
	why := s.Why
	for _, r := range s.Runs {
		switch r.State {
		case automation.RunSkipped:
			why = automation.DidNotRun + "it was due " + j.stamp(r.DueAt) + ", and " + runs.SkipSentence(r.Reason) + "."
		case automation.RunLimited:
			why = automation.DidNotRun + "its mail might not go: " + r.Reason + "."
		case automation.RunRefused:
			why = automation.DidNotRun + r.Reason + "."
		}
	}
	if len(j.o.Steps) == 1 {
		return why
	}
	return fmt.Sprintf("Step %d (%s): %s", step, s.Sentence, strings.TrimPrefix(why, automation.DidNotRun))
}
