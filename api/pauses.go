package api

import (
	"context"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// pauseStore knows what is paused.
type pauseStore interface {
	// Pauses lists on which conversations a workflow is paused; page.After is a
	// conversation's id.
	Pauses(ctx context.Context, who access.Caller, id automation.DefinitionID, page conversation.Page) ([]runs.Pause, error)
	PausesHere(ctx context.Context, who access.Caller, id conversation.ID) ([]runs.Pause, error)
	// PassedOver lists what a workflow did not look at while it was paused; after is the
	// id of one, left leaves out what was made up for.
	PassedOver(ctx context.Context, who access.Caller, id automation.DefinitionID, left bool, after int64, limit int) ([]runs.PassedOver,
		error)
	ResumeHere(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID, makeUp bool) error
	ResumeWorkflow(ctx context.Context, who access.Caller, id automation.DefinitionID, makeUp bool) (automation.Workflow, error)
}

// Pause is why a workflow does not run on a conversation until somebody resumes
// it.
type Pause struct {
	WorkflowID         automation.DefinitionID `json:"workflow_id"`
	ConversationID     conversation.ID         `json:"conversation_id"`
	ConversationNumber int64                   `json:"conversation_number"`
	Kind               runs.PauseKind          `json:"kind" enum:"failed,runs,all_runs,mails" doc:"failed: it failed in a way that waiting cannot heal. The others: which limit was reached."`
	Reason             string                  `json:"reason"`
	PausedAt           time.Time               `json:"paused_at"`
}

func showPause(p runs.Pause) Pause {
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
	return render(in.PageInput, found, func(p runs.Pause) string { return string(p.ConversationID) }, showPause), err
}

func (h pauses) ofConversation(ctx context.Context, who access.Caller, in *pauseList) (page[Pause], error) {
	found, err := h.store.PausesHere(ctx, who, conversation.ID(in.ID))
	if err != nil {
		return page[Pause]{}, err
	}
	return renderPart(in.PageInput, found, func(p runs.Pause) string { return string(p.DefinitionID) }, showPause)
}

// PassedOver is an event that a workflow did not look at because it was paused.
type PassedOver struct {
	ConversationID     conversation.ID   `json:"conversation_id"`
	ConversationNumber int64             `json:"conversation_number"`
	Seq                int64             `json:"seq" doc:"The event, as the timeline numbers it."`
	Kind               conversation.Kind `json:"kind" doc:"What happened."`
	HappenedAt         time.Time         `json:"happened_at"`
	PassedOverAt       time.Time         `json:"passed_over_at"`
	MadeUpAt           *time.Time        `json:"made_up_at" doc:"When the workflow was asked to look at it after all; null: not yet."`
}

func showPassedOver(p runs.PassedOver) PassedOver {
	return PassedOver{p.ConversationID, p.Number, p.Seq, p.Kind, p.EventAt, p.At, orNull(p.MadeUpAt)}
}

type passedOverList struct {
	ByID
	PageInput
	Left bool `query:"left" doc:"Only what was not made up for."`
}

func (h pauses) passedOver(ctx context.Context, who access.Caller, in *passedOverList) (page[PassedOver], error) {
	var after int64
	if in.Cursor != "" {
		text, err := cursor(in.Cursor)
		if after, err = parseSeq(text, err); err != nil {
			return page[PassedOver]{}, errCursor()
		}
	}
	found, err := h.store.PassedOver(ctx, who, automation.DefinitionID(in.ID), in.Left, after, in.Limit+1)
	return render(in.PageInput, found, func(p runs.PassedOver) string { return strconv.FormatInt(p.ID, 10) }, showPassedOver), err
}

// resumeBody is what may be said when a workflow is resumed.
type resumeBody struct {
	MakeUp bool `json:"make_up,omitempty" doc:"Have it look at the events that it passed over while it was paused, the oldest first."`
}

type resumeInput struct {
	ByID
	Body *resumeBody
}

func (h pauses) resume(ctx context.Context, who access.Caller, in *resumeInput) (Workflow, error) {
	d, err := h.store.ResumeWorkflow(ctx, who, automation.DefinitionID(in.ID), in.Body != nil && in.Body.MakeUp)
	if err != nil {
		return Workflow{}, err
	}
	return showWorkflow(d), nil
}

type pausedHere struct {
	ByID
	WorkflowID string `path:"workflow_id"`
	Body       *resumeBody
}

// resumeHere answers what is still paused on the conversation.
func (h pauses) resumeHere(ctx context.Context, who access.Caller, in *pausedHere) (page[Pause], error) {
	if err := h.store.ResumeHere(ctx, who, conversation.ID(in.ID), automation.DefinitionID(in.WorkflowID), in.Body != nil &&
		in.Body.MakeUp); err != nil {
		return page[Pause]{}, err
	}
	return h.ofConversation(ctx, who, &pauseList{ByID: in.ByID, PageInput: PageInput{Limit: 100}})
}
