package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// pauseStore knows what is paused.
type pauseStore interface {
	// Pauses lists on which conversations a workflow is paused; page.After is a
	// conversation's id.
	Pauses(ctx context.Context, who access.Caller, id automation.DefinitionID, page conversation.Page) ([]automation.Pause, error)
	PausesHere(ctx context.Context, who access.Caller, id conversation.ID) ([]automation.Pause, error)
	ResumeHere(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) error
	ResumeWorkflow(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Record, error)
}

// Pause is why a workflow does not run on a conversation until somebody resumes
// it.
type Pause struct {
	WorkflowID         automation.DefinitionID `json:"workflow_id"`
	ConversationID     conversation.ID         `json:"conversation_id"`
	ConversationNumber int64                   `json:"conversation_number"`
	Kind               automation.PauseKind    `json:"kind" enum:"failed,runs,all_runs,mails" doc:"failed: it failed in a way that waiting cannot heal. The others: which limit was reached."`
	Reason             string                  `json:"reason"`
	PausedAt           time.Time               `json:"paused_at"`
}

func showPause(p automation.Pause) Pause {
	return Pause{p.DefinitionID, p.ConversationID, p.Number, p.Kind, p.Reason, p.At}
}

type pauses struct{ store pauseStore }

type pauseList struct {
	ByID
	PageInput
}

func (h pauses) ofWorkflow(ctx context.Context, who access.Caller, in *pauseList) (page[Pause], error) {
	asked, err := in.page()
	if err != nil {
		return page[Pause]{}, err
	}
	found, err := h.store.Pauses(ctx, who, automation.DefinitionID(in.ID), asked)
	return render(in.PageInput, found, func(p automation.Pause) string { return string(p.ConversationID) }, showPause), err
}

func (h pauses) ofConversation(ctx context.Context, who access.Caller, in *pauseList) (page[Pause], error) {
	found, err := h.store.PausesHere(ctx, who, conversation.ID(in.ID))
	if err != nil {
		return page[Pause]{}, err
	}
	return renderPart(in.PageInput, found, func(p automation.Pause) string { return string(p.DefinitionID) }, showPause)
}

func (h pauses) resume(ctx context.Context, who access.Caller, in *ByID) (Workflow, error) {
	d, err := h.store.ResumeWorkflow(ctx, who, automation.DefinitionID(in.ID))
	if err != nil {
		return Workflow{}, err
	}
	return showWorkflow(d), nil
}

type pausedHere struct {
	ByID
	WorkflowID string `path:"workflow_id"`
}

// resumeHere answers what is still paused on the conversation.
func (h pauses) resumeHere(ctx context.Context, who access.Caller, in *pausedHere) (page[Pause], error) {
	if err := h.store.ResumeHere(ctx, who, conversation.ID(in.ID), automation.DefinitionID(in.WorkflowID)); err != nil {
		return page[Pause]{}, err
	}
	return h.ofConversation(ctx, who, &pauseList{ByID: in.ByID, PageInput: PageInput{Limit: 100}})
}
