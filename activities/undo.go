package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// undoneReason is why a delivery of a run that is undone is not sent.
const undoneReason = "the run that wrote it was undone"

// undo takes back what a run did, as far as nothing else has changed it since. What
// it changes are events of who asked, with the undo as their cause: other workflows
// look at them, the one that is undone does not, since its run counts for their
// origin.
func (x *advance) undo(ctx context.Context, h conversation.Happened) error {
	// What was done in this call and is not saved yet may be what changed it since.
	if len(x.step.Events) > 0 {
		if err := x.flush(ctx); err != nil {
			return err
		}
	}
	run, q, err := x.c.AskedUndo(ctx, automation.RunID(h.Event.Run))
	if errs.Is(err, errs.NotFound) {
		return nil // it has its outcome already
	}
	if err != nil {
		return err
	}
	q.Conversation = x.conv
	run.Seq, run.FinishedAt = h.Event.Seq, x.now
	run.Cause = conversation.Cause{Origin: h.Event.OriginSeq()}
	u := undo.Make(q)
	if x.conv.State == conversation.StateDeleted && !u.Restores() {
		run.State, run.Reason = automation.RunRefused, "the conversation was deleted before the undo began"
		x.keep(run)
		return nil
	}
	if err := x.cancel(ctx, &u); err != nil {
		return err
	}
	ed := conversation.Edit(&x.conv, run.Actor, conversation.Cause{
		Origin: run.Cause.Origin, Depth: 1, Path: []string{string(run.DefinitionID)}, Run: string(run.ID),
	}, x.now)
	ed.Revert(u.Back)
	if x.around.Mailbox.ID != x.conv.MailboxID {
		x.around.Mailbox = q.Mailboxes[x.conv.MailboxID]
	}
	if run.Episodes, err = x.quieted(ctx, run.DefinitionID); err != nil {
		return err
	}
	run.State, run.Actions = automation.RunDone, u.Outcomes()
	x.record(ed.Events())
	x.keep(run)
	return nil
}

// quieted are the episodes for which a workflow would be due at once, now that its run
// is undone: the undo uses them up. Those that come later are due as ever.
func (x *advance) quieted(ctx context.Context, id automation.DefinitionID) ([]string, error) {
	versions, err := x.mailboxVersions(ctx, x.conv.MailboxID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(versions, func(v automation.Version) bool { return v.DefinitionID == id })
	if i < 0 {
		return nil, nil
	}
	p, err := x.program(versions[i])
	if err != nil || !p.HasDates() {
		return nil, nil //nolint:nilerr // what does not compile is never due
	}
	facts, err := x.facts(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return p.EpisodesAt(facts), nil
}

// cancel cancels what the run has not sent yet, and corrects the plan by what
// somebody took meanwhile.
func (x *advance) cancel(ctx context.Context, u *undo.Plan) error {
	wanted := slices.Clone(u.Cancel)
	cancelled, err := x.c.Cancel(ctx, wanted, undoneReason)
	if err != nil {
		return err
	}
	for _, id := range wanted {
		if !slices.Contains(cancelled, id) {
			u.Missed(id)
		}
	}
	x.waiting = slices.DeleteFunc(slices.Clone(x.waiting), func(d delivery.Delivery) bool { return slices.Contains(cancelled, string(d.ID)) })
	return nil
}
