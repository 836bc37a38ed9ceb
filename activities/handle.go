package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// handle does what one event asks for and lets the workflows that it makes
// candidates run, in the order of their mailbox.
func (x *advance) handle(ctx context.Context, h conversation.Happened) error {
	if h.Message != nil && h.Message.Imported {
		return nil // it happened elsewhere, and long ago
	}
	if h.Event.Missed > 0 && h.Missed == nil {
		return nil // what it makes up for is not there
	}
	err := x.isolate(ctx, func() error { return x.own(ctx, h) }, func(reason error) error {
		x.conv.Call("an event could not be handled and was passed over")
		if h.Event.Kind.AsksForRun() {
			return x.failAsked(ctx, h, reason)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if h.Event.Kind.AsksForRun() || h.Event.Kind == conversation.KindDue {
		return nil
	}
	// An event belongs to the workflows of the mailbox where it happened, as long
	// as the conversation is there.
	if h.Event.MailboxID != x.conv.MailboxID {
		return nil
	}
	versions, err := x.mailboxVersions(ctx, h.Event.MailboxID)
	if err != nil {
		return err
	}
	may, runs := x.candidates(versions, h), len(x.runs)
	for i := may.Next(0); i >= 0; i = may.Next(i + 1) {
		v := versions[i]
		if v.Definition.Type != automation.TypeAutomatic || !named(h.Event, v) {
			continue
		}
		if x.paused(v) {
			x.passOver(v, h)
			continue
		}
		stop := false
		err := x.isolate(ctx, func() (err error) {
			stop, err = x.consider(ctx, v, h)
			return err
		}, func(reason error) error { return x.fail(ctx, v, h.Event, reason) })
		if err != nil {
			return err
		}
		if stop || x.conv.MailboxID != h.Event.MailboxID {
			return nil
		}
		if len(x.runs) != runs { // each sees what the earlier ones did
			may, runs = x.candidates(versions, h), len(x.runs)
		}
	}
	return nil
}

// candidates are the workflows that are worth a look: an index leaves out most
// of those that cannot hold. A consideration names its workflow, and in careful
// mode nothing is trusted that all workflows share.
func (x *advance) candidates(versions []automation.Version, h conversation.Happened) automation.Candidates {
	if x.careful || h.Event.Kind == conversation.KindConsider {
		return automation.AllCandidates(len(versions))
	}
	return x.set(h.Event.MailboxID, versions).Candidates(h.Event, x.prepare(x.known(&h)))
}

// own does what an event asks for itself: tell the endpoints that asked for it,
// send an agent's reply, do a manual run or an undo.
func (x *advance) own(ctx context.Context, h conversation.Happened) error {
	x.tell(h)
	switch {
	case h.Event.Kind == conversation.KindAgentReply && h.Message != nil:
		return x.sendReply(ctx, h)
	case h.Event.Kind == conversation.KindManualRun:
		return x.manual(ctx, h)
	case h.Event.Kind == conversation.KindUndo:
		return x.undo(ctx, h)
	case h.Event.Kind == conversation.KindUndelivered, h.Event.Kind == conversation.KindThirdParty && h.Event.Delivery != "":
		return x.tellUndelivered(ctx, h.Event)
	default:
		return nil
	}
}

// named reports whether the event is about this workflow: an event of kind
// consider names one, any other is about all.
func named(e conversation.Event, v automation.Version) bool {
	return e.Kind != conversation.KindConsider || e.Definition == string(v.DefinitionID)
}

// consider evaluates a workflow that may be a candidate and runs it when its
// conditions hold. stop says that no later workflow may see this event.
func (x *advance) consider(ctx context.Context, v automation.Version, h conversation.Happened) (stop bool, err error) {
	p, err := x.program(v)
	if err != nil {
		return false, err
	}
	used, may := x.mayLook(v, p, h)
	if !may {
		return false, nil
	}
	consider := h.About().Kind == conversation.KindConsider
	facts, err := x.facts(ctx, p, &h)
	if err != nil {
		return false, err
	}
	if p.EpisodeUsed(facts, used) || consider && v.Definition.TooLateAfter > 0 && x.missed(p, v, facts, used) {
		return false, nil
	}
	prepared := x.prepare(facts)
	if p.Holds(prepared) != automation.True {
		return false, nil
	}
	if over, err := x.overBudget(ctx, v, h.Event.Cause); over || err != nil {
		x.passOver(v, h)
		return false, err
	}
	run := x.newRun(v, h.Event)
	run.Trigger = automation.TriggerEvent
	if h.Event.Kind == conversation.KindConsider {
		run.Trigger = automation.TriggerConsider
	}
	run.Verdict = p.EvaluatePrepared(prepared)
	run.Episodes = p.EpisodesAt(facts)
	s := x.acting(v, run, facts)
	if l, over, err := s.mailLimit(ctx); err != nil || over {
		if err != nil || consider && len(run.Episodes) > 0 { // which the due list looks at
			return false, err
		}
		return false, s.limited(ctx, l)
	}
	return s.perform(ctx)
}

// mayLook reports whether a workflow may look at an event: whether it listens, and what
// it used up leaves it anything to do.
func (x *advance) mayLook(v automation.Version, p Program, h conversation.Happened) (automation.Used, bool) {
	used, about := x.history.Used(v.DefinitionID, v.Mode), h.About()
	return used, (about.Kind == conversation.KindConsider || p.Listens(*about)) && x.allowed(v, p) &&
		used.Runs < max(v.Definition.MaxRuns, 1) && !used.Origins[h.Event.OriginSeq()]
}

// passOver keeps that a paused workflow did not look at an event, so that it can be
// made up for. What does not compile, or panics again, is not kept: it would look at
// nothing.
func (x *advance) passOver(v automation.Version, h conversation.Happened) {
	var err error
	defer recovered(&err)
	p, err := x.program(v)
	if err != nil {
		return
	}
	if _, may := x.mayLook(v, p, h); may {
		x.step.PassedOver = append(x.step.PassedOver, runs.PassedOver{DefinitionID: v.DefinitionID, Seq: h.About().Seq})
	}
}

// paused reports whether the workflow is paused, on this conversation or
// everywhere. It is asked before anything that may fail again.
func (x *advance) paused(v automation.Version) bool {
	_, paused := x.history.Paused(v.DefinitionID)
	return paused || v.Paused
}

// allowed reports whether a workflow may look at this conversation at all.
func (x *advance) allowed(v automation.Version, p Program) bool {
	switch x.conv.State {
	case conversation.StatePublished:
	case conversation.StateDeleted:
		if !p.LooksAtDeleted() {
			return false
		}
	default:
		return false
	}
	since := v.SwitchedOnAt
	if v.Mode == automation.ModeWatch {
		since = v.SwitchedWatchAt
	}
	return v.Definition.ApplyToEarlier || !x.conv.CreatedAt.Before(since)
}

// prepare shares what was folded of the texts among all workflows that look at
// them.
func (x *advance) prepare(f conversation.Facts) *automation.Prepared {
	x.prepared = x.prepared.With(f)
	return x.prepared
}

func (x *advance) mailboxVersions(ctx context.Context, id conversation.MailboxID) ([]automation.Version, error) {
	if list, ok := x.versions[id]; ok {
		return list, nil
	}
	list, err := x.c.Versions(ctx, id)
	if err == nil {
		x.versions[id] = list
	}
	return list, err
}

// newRun begins the record of a run for an event.
func (x *advance) newRun(v automation.Version, e conversation.Event) runs.Run {
	return runs.Run{
		ID: automation.RunID(x.cfg.NewID()), ConversationID: x.conv.ID, MailboxID: x.conv.MailboxID,
		DefinitionID: v.DefinitionID, VersionID: v.ID, VersionNumber: v.Number, Name: v.Definition.Name, Mode: v.Mode,
		MayRunAway: v.Definition.MayRunAway(), State: automation.RunDone, Seq: e.Seq, CreatedAt: x.now, FinishedAt: x.now,
		Cause: conversation.Cause{Origin: e.OriginSeq(), Depth: e.Cause.Depth, Path: slices.Clone(e.Cause.Path), Run: e.Cause.Run},
	}
}

// fail records that a workflow failed and pauses it for this conversation: what
// failed for a reason that waiting cannot heal would fail again.
func (x *advance) fail(ctx context.Context, v automation.Version, e conversation.Event, reason error) error {
	if x.history.Used(v.DefinitionID, v.Mode).Origins[e.OriginSeq()] {
		// It has run for this origin, and runs once for each: the failure is one of
		// its own.
		e = x.recordDue(automation.Due{DefinitionID: v.DefinitionID, At: x.now})
	}
	run := x.newRun(v, e)
	run.Trigger = automation.TriggerEvent
	if e.Kind == conversation.KindDue {
		run.Trigger = automation.TriggerTime
	}
	run.State = automation.RunFailed
	run.Reason = "the workflow failed and is paused for this conversation: " + errs.Message(reason)
	x.keep(run)
	x.conv.Call("a workflow failed and is paused here")
	if err := x.c.TellFailing(ctx, run); err != nil {
		return err
	}
	return x.pause(ctx, runs.Pause{DefinitionID: v.DefinitionID, Kind: runs.PauseFailed, Reason: run.Reason})
}

// keep takes the run into the step and into the history.
func (x *advance) keep(run runs.Run) {
	x.step.Runs = append(x.step.Runs, run)
	x.runs = append(x.runs, run)
	x.tellRun(run)
	if run.Trigger != automation.TriggerManual {
		x.history.Count(run)
	}
}
