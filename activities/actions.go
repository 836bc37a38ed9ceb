package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// action does one kind of action. It changes the working copy through the run's
// Editor, or adds messages and deliveries to what the call writes; nothing is
// kept unless the call commits. An error of kind Invalid or NotFound is for the
// admin and becomes the action's outcome; any other ends the call.
type action func(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error)

// actions is the table: a new action is a line here, its function (here, or in a file of
// its own), and an entry in automation's catalogue. It is never changed.
var actions = map[string]action{
	automation.DoAddTags:          addTags,
	automation.DoRemoveTags:       removeTags,
	automation.DoSetStatus:        setStatus,
	automation.DoAssign:           assign,
	automation.DoMove:             move,
	automation.DoNote:             note,
	automation.DoReply:            reply,
	automation.DoEmail:            email,
	automation.DoNotify:           notify,
	automation.DoWebhook:          webhook,
	automation.DoForward:          forward,
	automation.DoSetSubject:       setSubject,
	automation.DoFollow:           follow,
	automation.DoUnfollow:         unfollow,
	automation.DoSnooze:           snooze,
	automation.DoDisableAutoReply: disableAutoReply,
	automation.DoSetField:         setField,
	automation.DoDelete:           remove,
	automation.DoDeleteForever:    deleteForever,
	automation.DoStop:             stop,
}

var (
	done      = runs.ActionOutcome{State: automation.ActionDone}
	unchanged = runs.ActionOutcome{State: automation.ActionUnchanged, Reason: "there was nothing to change"}
)

// changed reports whether there was something to change.
func changed(yes bool) runs.ActionOutcome {
	if yes {
		return done
	}
	return unchanged
}

func skipped(reason string) runs.ActionOutcome {
	return runs.ActionOutcome{State: automation.ActionSkipped, Reason: reason}
}

func failed(reason string) runs.ActionOutcome {
	return runs.ActionOutcome{State: automation.ActionFailed, Reason: reason}
}

func addTags(_ context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	return changed(s.editor.ChangeTags(a.Tags, nil)), nil
}

func removeTags(_ context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	return changed(s.editor.ChangeTags(nil, a.Tags)), nil
}

func setStatus(_ context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	return changed(s.editor.SetStatus(conversation.Status(a.Status))), nil
}

// setSubject sets the subject, on one line and no longer than one may be.
func setSubject(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	subject, err := s.render(ctx, a.Subject, automation.Header)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	if r := []rune(subject); len(r) > conversation.MaxSubjectLength {
		subject = string(r[:conversation.MaxSubjectLength])
	}
	if subject == "" {
		return skipped("the new subject is empty"), nil
	}
	return changed(s.editor.SetSubject(subject)), nil
}

// remove marks the conversation as deleted: later workflows look at it only
// through a row on state.
func remove(_ context.Context, s *acting, _ automation.Action, _ int) (runs.ActionOutcome, error) {
	return changed(s.editor.SetState(conversation.StateDeleted)), nil
}

func stop(_ context.Context, s *acting, _ automation.Action, _ int) (runs.ActionOutcome, error) {
	s.stop = true
	return done, nil
}
