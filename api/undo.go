package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
)

// undoStore takes back what runs did.
type undoStore interface {
	PreviewUndo(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, undo.Plan, error)
	// AskUndo asks for it; what comes of it, the run says later.
	AskUndo(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, error)
}

// UndoPreview is what would become of what a run did if it were undone now.
type UndoPreview struct {
	RunID    automation.RunID  `json:"run_id"`
	UndoneBy *automation.RunID `json:"undone_by" doc:"The run that undid it, or is about to; null: none."`
	Possible bool              `json:"possible" doc:"Whether there is anything that can be restored or cancelled."`
	Actions  []UndoneAction    `json:"actions"`
}

// UndoneAction is what would become of one action of the run.
type UndoneAction struct {
	Index    int                    `json:"index"`
	Do       string                 `json:"do"`
	Sentence string                 `json:"sentence" doc:"What was done."`
	State    automation.ActionState `json:"state" enum:"undone,changed_since,cannot,cancelled,unchanged" doc:"Of its parts, that of the one that is worst off."`
	Words    string                 `json:"words" doc:"All of it in one sentence."`
	Parts    []UndonePart           `json:"parts"`
}

// UndonePart is one thing that the action changed or sent.
type UndonePart struct {
	What      string                 `json:"what" doc:"The part of the conversation, or delivery."`
	Name      string                 `json:"name,omitempty" doc:"Of the tag or field; a follower's or a delivery's id."`
	State     automation.ActionState `json:"state" enum:"undone,changed_since,cannot,cancelled,unchanged"`
	Now       string                 `json:"now,omitempty" doc:"Its value. A tag or follower that is there is present."`
	Before    string                 `json:"before,omitempty" doc:"Its value before the run."`
	Reason    string                 `json:"reason"`
	ChangedBy *Author                `json:"changed_by,omitempty" doc:"Who changed it since."`
	ChangedAt *time.Time             `json:"changed_at,omitempty"`
}

func showUndonePart(p undo.Part) UndonePart {
	out := UndonePart{What: string(p.Aspect), Name: p.Name, State: p.State, Now: p.Now, Before: p.Was, Reason: p.Reason,
		ChangedAt: orNull(p.At)}
	if p.Delivery != "" {
		out.What, out.Name = "delivery", p.Delivery
	}
	if p.By != (conversation.Actor{}) {
		out.ChangedBy = &Author{p.By.Kind, p.By.ID}
	}
	return out
}

type undoing struct{ store undoStore }

func (h undoing) preview(ctx context.Context, who access.Caller, in *ByID) (UndoPreview, error) {
	run, undo, err := h.store.PreviewUndo(ctx, who, automation.RunID(in.ID))
	if err != nil {
		return UndoPreview{}, err
	}
	out := UndoPreview{RunID: run.ID, UndoneBy: idOrNull(run.UndoneBy), Possible: undo.Possible() && run.UndoneBy == "",
		Actions: []UndoneAction{}}
	words := undo.Outcomes()
	for i, a := range undo.Actions {
		shown := UndoneAction{Index: a.Index, Do: a.Do, Sentence: a.Sentence, State: words[i].State, Words: words[i].Words(),
			Parts: []UndonePart{}}
		for _, p := range a.Parts {
			shown.Parts = append(shown.Parts, showUndonePart(p))
		}
		out.Actions = append(out.Actions, shown)
	}
	return out, nil
}

func (h undoing) ask(ctx context.Context, who access.Caller, in *ByID) (WorkflowRun, error) {
	r, err := h.store.AskUndo(ctx, who, automation.RunID(in.ID))
	if err != nil {
		return WorkflowRun{}, err
	}
	return showRun(r), nil
}
