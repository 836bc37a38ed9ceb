package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// rolloutStore keeps the changes that go through conversations.
type rolloutStore interface {
	// Rollouts lists the newest first.
	Rollouts(ctx context.Context, definition automation.DefinitionID, page conversation.Page) ([]runs.Rollout, error)
	Rollout(ctx context.Context, id runs.RolloutID) (runs.Rollout, error)
	PreviewRollout(ctx context.Context, who access.Caller, id automation.DefinitionID) (runs.RolloutPreview, error)
	SteerRollout(ctx context.Context, who access.Caller, id runs.RolloutID, to runs.RolloutState) (runs.Rollout, error)
}

// Rollout is a change that goes through the conversations of a mailbox.
type Rollout struct {
	ID           runs.RolloutID          `json:"id"`
	MailboxID    conversation.MailboxID  `json:"mailbox_id"`
	WorkflowID   automation.DefinitionID `json:"workflow_id" doc:"Empty: the mailbox's hours or time zone were changed."`
	WorkflowName string                  `json:"workflow_name"`
	Version      int                     `json:"version"`
	Reason       string                  `json:"reason" enum:"published,switched,resumed,clock"`
	Consider     bool                    `json:"consider" doc:"Each conversation is held against the workflow; else only its due times are made anew."`
	MakeUp       bool                    `json:"make_up" doc:"It goes through the events that the workflow passed over while it was paused: each is held against it."`
	Since        *time.Time              `json:"since" doc:"Conversations that began before are left out; null: none."`
	State        runs.RolloutState       `json:"state" enum:"running,paused,cancelled,done"`
	Total        *int                    `json:"total" doc:"How many conversations it goes through, or events that were passed over; null: not counted yet."`
	Looked       int                     `json:"looked" doc:"At how many it looked."`
	ByID         conversation.UserID     `json:"by_id" doc:"Who made the change; empty: the installation."`
	CreatedAt    time.Time               `json:"created_at"`
	UpdatedAt    time.Time               `json:"updated_at"`
	FinishedAt   *time.Time              `json:"finished_at"`
}

func showRollout(r runs.Rollout) Rollout {
	out := Rollout{
		ID: r.ID, MailboxID: r.MailboxID, WorkflowID: r.DefinitionID, WorkflowName: r.Name, Version: r.Version, Reason: r.Reason,
		Consider: r.Consider, MakeUp: r.MakeUp,
		Since: orNull(r.Since), State: r.State, Looked: r.Looked, ByID: r.Actor, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		FinishedAt: orNull(r.FinishedAt),
	}
	if r.Total >= 0 {
		out.Total = &r.Total
	}
	return out
}

type rollouts struct{ store rolloutStore }

type rolloutsInput struct {
	PageInput
	WorkflowID automation.DefinitionID `query:"workflow_id" doc:"Only those of one workflow."`
}

func (h rollouts) list(ctx context.Context, _ access.Caller, in *rolloutsInput) (page[Rollout], error) {
	asked, err := in.page()
	if err != nil {
		return page[Rollout]{}, err
	}
	found, err := h.store.Rollouts(ctx, in.WorkflowID, asked)
	return render(in.PageInput, found, func(r runs.Rollout) string { return string(r.ID) }, showRollout), err
}

func (h rollouts) get(ctx context.Context, _ access.Caller, in *ByID) (Rollout, error) {
	r, err := h.store.Rollout(ctx, runs.RolloutID(in.ID))
	return showRollout(r), err
}

// steer makes the handler that brings a rollout into the state.
func (h rollouts) steer(to runs.RolloutState) handler[ByID, Rollout] {
	return func(ctx context.Context, who access.Caller, in *ByID) (Rollout, error) {
		r, err := h.store.SteerRollout(ctx, who, runs.RolloutID(in.ID), to)
		return showRollout(r), err
	}
}

// RolloutPreview is what publishing the draft, and switching it on if it is off, would
// go through.
type RolloutPreview struct {
	Needed   bool   `json:"needed" doc:"False: no conversation has to be looked at; the next event sees the new version."`
	Looks    int    `json:"looks" doc:"At how many conversations it would look."`
	DueNow   int    `json:"due_now" doc:"How many of those asked would be due at once."`
	Asked    int    `json:"asked" doc:"How many were asked whether they would be due: the newest of them."`
	Sentence string `json:"sentence"`
}

func (h rollouts) preview(ctx context.Context, who access.Caller, in *ByID) (RolloutPreview, error) {
	p, err := h.store.PreviewRollout(ctx, who, automation.DefinitionID(in.ID))
	return RolloutPreview{p.Needed, p.Looks, p.DueNow, p.Asked, p.Sentence()}, err
}
