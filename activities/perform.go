package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// acting is one run under way: what its actions may read and change.
type acting struct {
	*advance
	version automation.Version
	run     *runs.Run
	facts   conversation.Facts
	editor  *conversation.Editor
	// messages are those that the actions wrote.
	messages []conversation.Message
	stop     bool
	cause    conversation.Cause
	missing  []automation.Reference // what the actions found gone
	// signer is the agent who signs what the action under way writes, nil for the
	// Workflow user.
	signer *conversation.User
}

// acting begins a run.
func (x *advance) acting(v automation.Version, run runs.Run, facts conversation.Facts) *acting {
	cause := conversation.Cause{
		Origin: run.Cause.Origin, Depth: run.Cause.Depth + 1,
		Path: append(slices.Clone(run.Cause.Path), string(v.DefinitionID)), Run: string(run.ID),
	}
	actor := conversation.Actor{Kind: conversation.ActorWorkflow, ID: string(v.DefinitionID)}
	return &acting{advance: x, version: v, run: &run, facts: facts, editor: conversation.Edit(&x.conv, actor, cause, x.now), cause: cause}
}

// perform does the actions of the run in their order. Each has its own outcome;
// one that cannot be done does not keep the next from being done. stop says that
// no later workflow may see the event.
func (s *acting) perform(ctx context.Context) (stop bool, err error) {
	x, v, run := s.advance, s.version, s.run
	names, err := x.c.Names(ctx, v.Definition)
	if err != nil {
		return false, err
	}
	nameRows(run.Verdict, v.Definition, names)
	for i, action := range v.Definition.Actions {
		before := len(s.editor.Events())
		outcome, err := s.do(ctx, action, i)
		if err != nil {
			return false, err
		}
		for _, e := range s.editor.Events()[before:] {
			outcome.Seqs = append(outcome.Seqs, e.Seq)
		}
		outcome.Index, outcome.Do, outcome.Sentence = i, action.Do, action.Sentence(names)
		run.Actions = append(run.Actions, outcome)
		if outcome.State == automation.ActionFailed {
			run.State = automation.RunFailed
			run.Reason = "an action failed: " + outcome.Reason
		}
		if s.stop {
			break
		}
	}
	x.record(s.editor.Events(), s.messages...)
	x.keep(*run)
	if len(s.missing) > 0 {
		x.failing(*run)
		return s.stop, x.c.SwitchOff(ctx, v.DefinitionID, s.missing[0]) // which tells admins
	}
	if x.failing(*run) {
		return s.stop, x.c.TellFailing(ctx, *run)
	}
	return s.stop, nil
}

// gone is the outcome of an action that names what is no longer there: its workflow
// is switched off when the run ends.
func (s *acting) gone(kind, id string) runs.ActionOutcome {
	s.missing = append(s.missing, automation.Reference{Kind: kind, ID: id})
	return failed("there is no such " + kind + " any more")
}

// nameRows says the rows of a verdict with the names of what they refer to.
func nameRows(verdict automation.Verdict, d automation.Definition, names automation.Names) {
	for i, g := range verdict.Groups {
		for j := range g.Rows {
			g.Rows[j].Sentence = d.Conditions[i].Any[j].Sentence(names)
		}
	}
}

// do does one action, or only notes it in watch mode. An error that the admin
// can mend is the action's outcome; any other ends the call.
func (s *acting) do(ctx context.Context, action automation.Action, index int) (runs.ActionOutcome, error) {
	if s.version.Mode == automation.ModeWatch {
		return runs.ActionOutcome{State: automation.ActionWatched}, nil
	}
	act, ok := actions[action.Do]
	if !ok {
		return runs.ActionOutcome{State: automation.ActionFailed, Reason: "this build does not know the action"}, nil
	}
	if reason, err := s.sign(ctx, action); reason != "" || err != nil {
		return failed(reason), err
	}
	outcome, err := act(ctx, s, action, index)
	if mendable(err) {
		return runs.ActionOutcome{State: automation.ActionFailed, Reason: errs.Message(err)}, nil
	}
	return outcome, err
}

// mendable reports whether the error is one that the admin can mend.
func mendable(err error) bool {
	k := errs.KindOf(err)
	return err != nil && (k == errs.Invalid || k == errs.NotFound)
}

// manual does a run that an agent asked for. Conditions are not looked at.
func (x *advance) manual(ctx context.Context, h conversation.Happened) error {
	run, v, err := x.c.AskedRun(ctx, automation.RunID(h.Event.Run))
	if errs.Is(err, errs.NotFound) {
		return nil // it has its outcome already
	}
	if err != nil {
		return err
	}
	run.Seq, run.FinishedAt = h.Event.Seq, x.now
	// What was confirmed is what the version did that was in force then.
	unconfirmed := v.Definition.NeedsConfirmation() && (!run.Confirmed || run.VersionID != v.ID)
	run.VersionID, run.VersionNumber = v.ID, v.Number
	run.Cause = conversation.Cause{Origin: h.Event.OriginSeq()}
	run.State = automation.RunDone
	switch {
	case v.Mode == automation.ModeOff:
		run.Reason = "the workflow was switched off before the run began"
	case v.MailboxID != x.conv.MailboxID:
		run.Reason = "the conversation was moved to another mailbox before the run began"
	case x.conv.State != conversation.StatePublished:
		run.Reason = "the conversation was deleted before the run began"
	case unconfirmed:
		run.Reason = "another version was published before the run began: what it sends or deletes is to be confirmed anew"
	default:
		facts := conversation.Facts{Now: x.now, Conversation: x.conv, Customer: x.around.Customer, Mailbox: x.around.Mailbox}
		_, err := x.acting(v, run, facts).perform(ctx)
		return err
	}
	run.State = automation.RunRefused
	x.keep(run)
	return nil
}

// failAsked records that a manual run could not be done, so that who asked for
// it does not wait permanently.
func (x *advance) failAsked(ctx context.Context, h conversation.Happened, reason error) error {
	run, _, err := x.c.AskedRun(ctx, automation.RunID(h.Event.Run))
	if run.ID == "" {
		return err
	}
	run.Seq, run.FinishedAt = h.Event.Seq, x.now
	run.State, run.Reason = automation.RunFailed, "the workflow failed: "+errs.Message(reason)
	x.keep(run)
	return nil
}
