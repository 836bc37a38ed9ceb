package activities

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// dueList computes when which workflow will be due if nothing else happens,
// earliest first.
func (x *advance) dueList(ctx context.Context) ([]automation.Due, error) {
	if x.unread || len(x.queue) > 0 {
		return x.dues, nil
	}
	versions, err := x.mailboxVersions(ctx, x.conv.MailboxID)
	if err != nil {
		return nil, err
	}
	var list []automation.Due
	for _, i := range x.mayBeDue(versions) {
		v := versions[i]
		if v.Definition.Type != automation.TypeAutomatic || x.paused(v) {
			continue
		}
		dues, err := x.duesOf(ctx, v)
		if err != nil {
			return nil, err
		}
		list = append(list, dues...)
	}
	if due, ok := x.snoozeDue(); ok {
		list = append(list, due)
	}
	slices.SortStableFunc(list, func(a, b automation.Due) int { return a.At.Compare(b.At) })
	return list, nil
}

// mayBeDue are the versions that are worth a look; in careful mode nothing is trusted that
// all workflows share.
func (x *advance) mayBeDue(versions []automation.Version) []int {
	if !x.careful {
		return x.dated(x.conv.MailboxID, versions)
	}
	all := make([]int, len(versions))
	for i := range all {
		all[i] = i
	}
	return all
}

// duesOf computes the due times of one workflow.
func (x *advance) duesOf(ctx context.Context, v automation.Version) (dues []automation.Due, err error) {
	err = x.isolateRead(ctx, v, func() error {
		p, err := x.program(v)
		if err != nil || !p.HasDates() || !x.allowed(v, p) {
			return err
		}
		facts, err := x.facts(ctx, p, nil)
		if err != nil {
			return err
		}
		dues = p.Dues(facts, x.history.Used(v.DefinitionID, v.Mode))
		for i := range dues {
			dues[i].DefinitionID, dues[i].VersionID = v.DefinitionID, v.ID
		}
		return nil
	})
	return x.waitingDues(v, dues), err
}

// isolateRead is isolate for what writes nothing: in careful mode a workflow
// whose due times cannot be computed is paused here.
func (x *advance) isolateRead(ctx context.Context, v automation.Version, do func() error) error {
	return x.isolate(ctx, do, func(reason error) error {
		return x.fail(ctx, v, x.recordDue(automation.Due{DefinitionID: v.DefinitionID, At: x.now}), reason)
	})
}

// fireUntil takes from the due list what is due at the instant, in its order,
// and runs it or records why not. fired says whether there was any.
func (x *advance) fireUntil(ctx context.Context, until time.Time) (fired bool, err error) {
	if until.After(x.now) {
		until = x.now
	}
	for len(x.dues) > 0 && !x.dues[0].At.After(until) && x.erased == "" {
		due := x.dues[0]
		x.dues = x.dues[1:]
		fired, x.moved = true, true
		if err := x.fire(ctx, due); err != nil {
			return fired, err
		}
	}
	return fired, nil
}

// fire runs the workflow whose due time has come, if its conditions still hold
// and for the same episode.
func (x *advance) fire(ctx context.Context, due automation.Due) error {
	if due.DefinitionID == "" {
		x.wake(due)
		return nil
	}
	versions, err := x.mailboxVersions(ctx, x.conv.MailboxID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v automation.Version) bool { return v.DefinitionID == due.DefinitionID })
	if i < 0 {
		x.skip(automation.Version{ID: due.VersionID, DefinitionID: due.DefinitionID, Mode: automation.ModeOff}, due, runs.SkipWorkflowOff)
		return nil
	}
	v := versions[i]
	delete(x.held, holding{due.DefinitionID, due.Episode})
	if x.history.Used(v.DefinitionID, v.Mode).Episodes[due.Episode] {
		return nil // another due time of the workflow used it up, together with its own
	}
	if x.paused(v) {
		x.skip(v, due, runs.SkipPaused)
		return nil
	}
	return x.isolate(ctx, func() error {
		p, err := x.program(v)
		if err != nil {
			return err
		}
		facts, err := x.facts(ctx, p, nil)
		if err != nil {
			return err
		}
		if reason, episodes := x.stale(p, v, facts, due); reason != "" {
			switch {
			case v.ID != due.VersionID: // the list was of an older version: it is computed anew
			case !due.Waits() || reason != runs.SkipConditionsChanged && reason != runs.SkipEpisodeMoved:
				x.skip(v, due, reason, episodes...)
			case !x.comesAgain(p, v, facts, due): // else its mail goes then, as tomorrow within the workflow's hours
				x.neverWent(v, due)
			}
			return nil
		}
		if over, err := x.overBudget(ctx, v, conversation.Cause{}); err != nil {
			return err
		} else if over {
			x.skip(v, due, runs.SkipPaused)
			return nil
		}
		l, over, err := x.acting(v, runs.Run{Trigger: automation.TriggerTime}, facts).mailLimit(ctx)
		if err != nil {
			return err
		}
		if over {
			if held, err := x.hold(ctx, due, l); held || err != nil {
				return err
			}
		}
		run := x.newRun(v, x.recordDue(due))
		run.Trigger, run.DueAt = automation.TriggerTime, due.At
		run.Verdict = p.EvaluatePrepared(x.prepare(facts))
		run.Episodes = p.EpisodesAt(facts)
		if !slices.Contains(run.Episodes, due.Episode) {
			run.Episodes = append(run.Episodes, due.Episode)
		}
		s := x.acting(v, run, facts)
		if over {
			return s.limited(ctx, l)
		}
		_, err = s.perform(ctx)
		return err
	}, func(reason error) error {
		return x.fail(ctx, v, x.recordDue(due), reason)
	})
}

// stale says why the due time must not lead to a run, empty when it must, and
// which episodes that uses up: what came too late must not come again.
func (x *advance) stale(p Program, v automation.Version, facts conversation.Facts, due automation.Due) (reason string, episodes []string) {
	used := x.history.Used(v.DefinitionID, v.Mode)
	switch {
	case x.conv.State == conversation.StateDeleted && !p.LooksAtDeleted():
		return runs.SkipConversationGone, nil
	case !x.allowed(v, p):
		return runs.SkipWorkflowOff, nil
	case used.Runs >= max(v.Definition.MaxRuns, 1):
		return runs.SkipMaxRuns, nil
	}
	still := slices.ContainsFunc(p.Dues(facts, used), func(d automation.Due) bool { return d.Episode == due.Episode && !d.At.After(x.now) })
	switch {
	case still && v.Definition.TooLate(due.At, x.now):
		return runs.SkipTooLate, x.late(v, due)
	case still:
		return "", nil
	case p.Holds(x.prepare(facts)) == automation.True:
		return runs.SkipEpisodeMoved, nil
	}
	return runs.SkipConditionsChanged, nil
}

// comesAgain reports whether what is no longer due will be due for the same episode later.
func (x *advance) comesAgain(p Program, v automation.Version, facts conversation.Facts, due automation.Due) bool {
	return slices.ContainsFunc(p.Dues(facts, x.history.Used(v.DefinitionID, v.Mode)), func(d automation.Due) bool {
		return d.Episode == due.Episode && d.At.After(x.now)
	})
}

// late lists the episodes of the due time and of all others of the workflow that
// are too late by now: of rows that must hold together, each has one.
func (x *advance) late(v automation.Version, due automation.Due) []string {
	episodes := []string{due.Episode}
	for _, d := range x.dues {
		if d.DefinitionID == v.DefinitionID && v.Definition.TooLate(d.At, x.now) {
			episodes = append(episodes, d.Episode)
		}
	}
	return episodes
}

// missed reports whether all that makes the workflow due by now came too late. A
// consideration leaves it to the due list, which records that.
func (x *advance) missed(p Program, v automation.Version, facts conversation.Facts, used automation.Used) bool {
	missed := false
	for _, d := range p.Dues(facts, used) {
		switch {
		case d.At.After(x.now):
		case !v.Definition.TooLate(d.At, x.now):
			return false
		default:
			missed = true
		}
	}
	return missed
}

// recordDue records that the due time came, so that what it leads to has an
// origin event like everything else.
func (x *advance) recordDue(due automation.Due) conversation.Event {
	ed := conversation.Edit(&x.conv, conversation.Actor{Kind: conversation.ActorSystem}, conversation.Cause{}, x.now)
	event := ed.Record(conversation.Event{Kind: conversation.KindDue, Definition: string(due.DefinitionID), Due: due.At})
	x.record(ed.Events())
	return event
}

// skip records that a due time came and did not lead to a run, and which episodes
// are used up by that all the same.
func (x *advance) skip(v automation.Version, due automation.Due, reason string, episodes ...string) {
	run := x.newRun(v, x.recordDue(due))
	run.Trigger, run.DueAt = automation.TriggerTime, due.At
	run.State, run.Reason, run.Episodes = automation.RunSkipped, reason, episodes
	x.keep(run)
}
