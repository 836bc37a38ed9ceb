package api

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/conversation"
)

// inquiryStore gathers what an explanation needs.
type inquiryStore interface {
	Inquire(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) (explain.Inquiry, error)
	// InquireAsOf is Inquire for one event, as of then.
	InquireAsOf(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID, seq int64) (explain.Inquiry,
		error)
}

type explaining struct{ store inquiryStore }

type explainInput struct {
	ByID
	WorkflowID automation.DefinitionID `query:"workflow_id" required:"true" doc:"The workflow that is asked about."`
	Seq        int64                   `query:"seq" minimum:"1" doc:"The event that is asked about, as of then; left out: all as of now."`
}

// Explanation says why a workflow ran on a conversation, or why it did not.
type Explanation struct {
	ConversationID conversation.ID         `json:"conversation_id"`
	WorkflowID     automation.DefinitionID `json:"workflow_id"`
	WorkflowName   string                  `json:"workflow_name"`
	Mode           automation.Mode         `json:"mode" enum:"off,watch,on"`
	Version        int                     `json:"version" doc:"The published version; 0 when there is none."`
	AsOf           int64                   `json:"as_of" doc:"The event that was asked about; 0: all is as of now."`
	Unknown        []string                `json:"unknown" doc:"What is as of now all the same: nothing tells how it was."`
	Answer         string                  `json:"answer" doc:"The whole in plain words."`
	Findings       []ExplanationFinding    `json:"findings" doc:"What stands in the way, the weightiest first."`
	Event          *ExplanationEvent       `json:"event" doc:"The newest event from outside; null when there is none."`
	Candidate      bool                    `json:"candidate" doc:"A condition listens to that event."`
	Holds          string                  `json:"holds" enum:"true,false,unknown" doc:"What the conditions say now."`
	Explanation    []ExplainedGroup        `json:"explanation" doc:"All groups must hold; in a group any condition."`
	NextDue        *time.Time              `json:"next_due" doc:"When it is due if nothing else happens."`
	Runs           []WorkflowRun           `json:"runs" doc:"Its last runs on this conversation, newest first."`
}

// ExplanationFinding is one thing that stands in the way.
type ExplanationFinding struct {
	Obstacle explain.Obstacle `json:"obstacle" enum:"unpublished,off,manual,other_mailbox,state,earlier,paused,max_runs,episode,machine_mail,budget,replies,draft"`
	Sentence string           `json:"sentence"`
	Blocks   bool             `json:"blocks" doc:"False: it would run, but send no mail."`
}

// ExplanationEvent is the event that is asked about.
type ExplanationEvent struct {
	Seq  int64             `json:"seq"`
	Kind conversation.Kind `json:"kind"`
	At   time.Time         `json:"at"`
}

func (h explaining) explain(ctx context.Context, who access.Caller, in *explainInput) (Explanation, error) {
	ask := h.store.Inquire
	if in.Seq > 0 {
		ask = func(ctx context.Context, who access.Caller, id conversation.ID, definition automation.DefinitionID) (explain.Inquiry, error) {
			return h.store.InquireAsOf(ctx, who, id, definition, in.Seq)
		}
	}
	q, err := ask(ctx, who, conversation.ID(in.ID), in.WorkflowID)
	if err != nil {
		return Explanation{}, err
	}
	return showExplanation(q, explain.Explain(q)), nil
}

func showExplanation(q explain.Inquiry, x explain.Explanation) Explanation {
	out := Explanation{
		ConversationID: q.Facts.Conversation.ID, WorkflowID: q.Record.ID, WorkflowName: q.Record.Draft.Name, Mode: q.Record.Mode,
		Version: q.Record.Version, AsOf: q.AsOf, Unknown: slices.Concat([]string{}, q.Unknown), Answer: x.Answer,
		Findings: make([]ExplanationFinding, len(x.Findings)), Candidate: x.Listens,
		Holds: x.Verdict.Holds.String(), Explanation: showVerdict(x.Verdict), NextDue: orNull(x.Next), Runs: showRuns(q.Runs),
	}
	if q.Version != nil {
		out.WorkflowName = q.Version.Body.Name
	}
	for i, f := range x.Findings {
		out.Findings[i] = ExplanationFinding(f)
	}
	if e := q.Facts.Event; e != nil {
		out.Event = &ExplanationEvent{e.Seq, e.Kind, e.At}
	}
	return out
}
