package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// manualStore knows which manual workflows may be run.
type manualStore interface {
	// ManualWorkflows lists them in their mailbox's order.
	ManualWorkflows(ctx context.Context, who access.Caller, id conversation.ID) ([]runs.Runnable, error)
	Definition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error)
}

// Previewer says what a manual run would do, and stores nothing.
type Previewer interface {
	Preview(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) (runs.Preview, error)
}

type manualWorkflows struct {
	store     manualStore
	previewer Previewer
}

// ManualWorkflows are in their mailbox's order.
type ManualWorkflows struct {
	Items []ManualWorkflow `json:"items"`
}

// ManualWorkflow is a manual workflow that the caller may run on a conversation.
type ManualWorkflow struct {
	WorkflowID        automation.DefinitionID `json:"workflow_id"`
	Name              string                  `json:"name"`
	Version           int                     `json:"version"`
	Notes             string                  `json:"notes,omitempty"`
	Sentence          string                  `json:"sentence" doc:"All that it does, in words."`
	NeedsConfirmation bool                    `json:"needs_confirmation" doc:"It is run only with confirmed: true."`
	Outside           []Consequence           `json:"outside" doc:"What it does that somebody outside sees, or that deletes."`
}

// Consequence is an action that reaches outside, or deletes.
type Consequence struct {
	Index    int              `json:"index" doc:"Which action."`
	Do       string           `json:"do"`
	Reach    automation.Reach `json:"reach" enum:"customer,forward,webhook,delete" doc:"customer: a mail to the customer. forward: a mail to others. webhook: a call of another system."`
	Sentence string           `json:"sentence"`
}

func showRunnable(r runs.Runnable) ManualWorkflow {
	out := ManualWorkflow{
		WorkflowID: r.DefinitionID, Name: r.Body.Name, Version: r.Version, Notes: r.Body.Notes, Sentence: r.Body.DoesSentence(r.Names),
		NeedsConfirmation: r.Body.NeedsConfirmation(), Outside: []Consequence{},
	}
	for _, c := range r.Body.Consequences(r.Names) {
		out.Outside = append(out.Outside, Consequence{c.Index, c.Do, c.Reach, c.Sentence})
	}
	return out
}

func (h manualWorkflows) list(ctx context.Context, who access.Caller, in *ByID) (ManualWorkflows, error) {
	list, err := h.store.ManualWorkflows(ctx, who, conversation.ID(in.ID))
	out := ManualWorkflows{Items: make([]ManualWorkflow, len(list))}
	for i, r := range list {
		out.Items[i] = showRunnable(r)
	}
	return out, err
}

// RunPreview is what a manual run would do now.
type RunPreview struct {
	ConversationID    conversation.ID         `json:"conversation_id"`
	WorkflowID        automation.DefinitionID `json:"workflow_id"`
	WorkflowName      string                  `json:"workflow_name"`
	Version           int                     `json:"version"`
	Mode              automation.Mode         `json:"mode" enum:"watch,on" doc:"watch: it would decide and do nothing."`
	Now               time.Time               `json:"now" doc:"When it was made."`
	PendingEvents     int                     `json:"pending_events" doc:"Events that are not handled yet: they come first."`
	NeedsConfirmation bool                    `json:"needs_confirmation"`
	State             automation.RunState     `json:"state" enum:"done,failed,refused" doc:"What it would come to."`
	Reason            string                  `json:"reason,omitempty"`
	Actions           []PreviewAction         `json:"actions"`
	Then              []PreviewRun            `json:"then" doc:"Other workflows that what it does would set off."`
}

// PreviewAction is what one action would come to.
type PreviewAction struct {
	Index    int                    `json:"index"`
	Do       string                 `json:"do"`
	State    automation.ActionState `json:"state" enum:"done,unchanged,skipped,queued,failed,watched"`
	Reason   string                 `json:"reason,omitempty"`
	Sentence string                 `json:"sentence"`
	Changes  []string               `json:"changes" doc:"What it would change, in words."`
	Writes   *PreviewText           `json:"writes" doc:"What it would write, with its variables filled in; null: nothing."`
}

// PreviewText is what an action would write.
type PreviewText struct {
	Hidden   bool     `json:"hidden,omitempty" doc:"It is written where you do not see it."`
	From     string   `json:"from,omitempty"`
	To       []string `json:"to,omitempty"`
	Cc       []string `json:"cc,omitempty"`
	Bcc      []string `json:"bcc,omitempty"`
	Subject  string   `json:"subject,omitempty"`
	Text     string   `json:"text,omitempty" doc:"Without what is quoted below it."`
	URL      string   `json:"url,omitempty" doc:"Without its query."`
	Endpoint string   `json:"endpoint,omitempty"`
	Event    string   `json:"event,omitempty"`
	Body     string   `json:"body,omitempty" doc:"Of a webhook."`
}

// PreviewRun is a run of another workflow.
type PreviewRun struct {
	WorkflowID automation.DefinitionID `json:"workflow_id"`
	Workflow   string                  `json:"workflow"`
	Sentence   string                  `json:"sentence"`
}

type previewInput struct {
	ByID
	Body struct {
		WorkflowID automation.DefinitionID `json:"workflow_id" doc:"A manual workflow of the conversation's mailbox that is not off."`
	}
}

func (h manualWorkflows) preview(ctx context.Context, who access.Caller, in *previewInput) (RunPreview, error) {
	p, err := h.previewer.Preview(ctx, who, conversation.ID(in.ID), in.Body.WorkflowID)
	if err != nil {
		return RunPreview{}, err
	}
	return showPreview(who, conversation.ID(in.ID), p), nil
}

type previewManyInput struct {
	ByID
	Body struct {
		ConversationIDs []conversation.ID `json:"conversation_ids" minItems:"1" maxItems:"100" uniqueItems:"true"`
	}
}

// RunPreviews are in the order of the request.
type RunPreviews struct {
	Results []PreviewResult `json:"results"`
}

// PreviewResult is what the run would do on one conversation, or why it may not be.
type PreviewResult struct {
	ConversationID conversation.ID `json:"conversation_id"`
	Outcome        string          `json:"outcome" enum:"asked,refused,not_found" doc:"What asking for it would be answered with."`
	Preview        *RunPreview     `json:"preview" doc:"Null when it would be refused."`
	Problem        *AskProblem     `json:"problem" doc:"Null when it would be accepted."`
}

// previewMany answers for each; a workflow that is not there is so for all.
func (h manualWorkflows) previewMany(ctx context.Context, who access.Caller, in *previewManyInput) (RunPreviews, error) {
	out := RunPreviews{}
	if _, err := h.store.Definition(ctx, who, automation.DefinitionID(in.ID)); err != nil {
		return out, err
	}
	for _, id := range in.Body.ConversationIDs {
		p, err := h.previewer.Preview(ctx, who, id, automation.DefinitionID(in.ID))
		if errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Internal) {
			return RunPreviews{}, err
		}
		result := PreviewResult{ConversationID: id, Outcome: outcomeOf(err), Problem: showAskProblem(ctx, err)}
		if err == nil {
			shown := showPreview(who, id, p)
			result.Preview = &shown
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func showPreview(who access.Caller, id conversation.ID, p runs.Preview) RunPreview {
	r := p.Run
	out := RunPreview{
		ConversationID: id, WorkflowID: r.DefinitionID, WorkflowName: r.Name, Version: r.VersionNumber, Mode: r.Mode, Now: p.Now,
		PendingEvents: p.Pending, NeedsConfirmation: p.NeedsConfirmation, State: r.State, Reason: r.Reason,
		Actions: make([]PreviewAction, len(r.Actions)), Then: []PreviewRun{},
	}
	for i, a := range r.Actions {
		does := p.Does[i]
		out.Actions[i] = PreviewAction{a.Index, a.Do, a.State, a.Reason, a.Sentence, does.Changes, showWritten(who, does.Writes)}
	}
	for _, then := range p.Then {
		if who.In(access.ReadConversation, then.MailboxID) == nil {
			out.Then = append(out.Then, PreviewRun{then.DefinitionID, then.Name, runs.ComingSentence(then)})
		}
	}
	return out
}

// showWritten shows what is written where the caller sees it. Who may read the
// conversation may read what is to stand in it.
func showWritten(who access.Caller, w *runs.Written) *PreviewText {
	switch {
	case w == nil:
		return nil
	case who.In(access.ReadConversation, w.MailboxID) != nil:
		return &PreviewText{Hidden: true}
	}
	out := &PreviewText{
		From: w.From, To: w.To, Cc: w.Cc, Bcc: w.Bcc, Subject: w.Subject, Text: w.Text, Endpoint: w.Endpoint, Event: w.Event, Body: w.Body,
	}
	if w.URL != "" {
		out.URL = withoutQuery(w.URL)
	}
	return out
}
