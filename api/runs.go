package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// runStore keeps the runs.
type runStore interface {
	endStore
	Run(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, error)
	// Both lists are newest first.
	RunsOfConversation(ctx context.Context, who access.Caller, id conversation.ID, f runs.Filter, p conversation.Page) ([]runs.Run, error)
	RunsOfDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID, f runs.Filter, p conversation.Page) ([]runs.Run,
		error)
	// AskRun asks for a manual run; what comes of it, the run says later.
	AskRun(ctx context.Context, who access.Caller, id conversation.ID, ask automation.Ask) (runs.Run, error)
	// AskRuns asks for each conversation by itself.
	AskRuns(ctx context.Context, who access.Caller, ids []conversation.ID, ask automation.Ask) ([]runs.Asked, error)
}

// WorkflowRun is one use of one version of a workflow on one conversation.
type WorkflowRun struct {
	ID             automation.RunID        `json:"id"`
	ConversationID conversation.ID         `json:"conversation_id"`
	MailboxID      conversation.MailboxID  `json:"mailbox_id"`
	WorkflowID     automation.DefinitionID `json:"workflow_id"`
	WorkflowName   string                  `json:"workflow_name" doc:"The name that it had then."`
	Version        int                     `json:"version"`
	Mode           automation.Mode         `json:"mode" enum:"off,watch,on" doc:"watch: it decided and did nothing."`
	Trigger        automation.Trigger      `json:"trigger" enum:"event,time,manual,consider,undo" doc:"What led to it; undo: it takes back what another run did."`
	State          automation.RunState     `json:"state" enum:"asked,done,failed,refused,skipped,limited" doc:"limited: its mail might not go, and so none of its actions was done."`
	Reason         string                  `json:"reason,omitempty" doc:"Why it failed, was refused, skipped or limited."`
	AskedBy        string                  `json:"asked_by,omitempty" doc:"The user who asked for a manual run or an undo."`
	Undoes         *automation.RunID       `json:"undoes,omitempty" doc:"Of an undo: the run that it takes back."`
	UndoneBy       *automation.RunID       `json:"undone_by,omitempty" doc:"The undo that took it back, or is about to."`
	Seq            int64                   `json:"seq" doc:"The conversation's event that led to it."`
	Origin         int64                   `json:"origin" doc:"The event from outside that began the chain."`
	Depth          int                     `json:"depth" doc:"How many runs are between that event and this one."`
	DueAt          *time.Time              `json:"due_at" doc:"When its time was, if time led to it."`
	Holds          string                  `json:"holds" enum:"true,false,unknown" doc:"What the conditions said; a manual run does not look at them."`
	Explanation    []ExplainedGroup        `json:"explanation" doc:"All groups must hold; in a group any condition."`
	Actions        []RunAction             `json:"actions"`
	CreatedAt      time.Time               `json:"created_at"`
	FinishedAt     *time.Time              `json:"finished_at"`
}

// RunAction is what became of one action.
type RunAction struct {
	Index       int                    `json:"index"`
	Do          string                 `json:"do"`
	State       automation.ActionState `json:"state" enum:"done,unchanged,skipped,queued,failed,watched,undone,changed_since,cannot,cancelled" doc:"The last four: of an undo."`
	Reason      string                 `json:"reason,omitempty"`
	Sentence    string                 `json:"sentence"`
	Words       string                 `json:"words" doc:"All of it in one sentence."`
	DeliveryIDs []string               `json:"delivery_ids"`
}

func showRun(r runs.Run) WorkflowRun {
	out := WorkflowRun{
		ID: r.ID, ConversationID: r.ConversationID, MailboxID: r.MailboxID, WorkflowID: r.DefinitionID, WorkflowName: r.Name,
		Version: r.VersionNumber, Mode: r.Mode, Trigger: r.Trigger, State: r.State, Reason: r.Reason, Seq: r.Seq,
		Origin: r.Cause.Origin, Depth: r.Cause.Depth, DueAt: orNull(r.DueAt), Holds: r.Verdict.Holds.String(),
		Explanation: showVerdict(r.Verdict),
		Actions:     make([]RunAction, len(r.Actions)), CreatedAt: r.CreatedAt, FinishedAt: orNull(r.FinishedAt),
	}
	out.Undoes, out.UndoneBy = idOrNull(r.Undoes), idOrNull(r.UndoneBy)
	if r.Trigger.ByHand() {
		out.AskedBy = r.Actor.ID
	}
	for i, a := range r.Actions {
		out.Actions[i] = RunAction{a.Index, a.Do, a.State, a.Reason, a.Sentence, a.Words(), a.Delivery}
	}
	return out
}

func showRuns(list []runs.Run) []WorkflowRun {
	out := make([]WorkflowRun, len(list))
	for i, r := range list {
		out[i] = showRun(r)
	}
	return out
}

type runList struct {
	store    runStore
	awaiting *awaiting
}

func (h runList) get(ctx context.Context, who access.Caller, in *ByID) (WorkflowRun, error) {
	r, err := h.store.Run(ctx, who, automation.RunID(in.ID))
	if err != nil {
		return WorkflowRun{}, err
	}
	return showRun(r), nil
}

// RunFilter is what the lists of runs take beside their pages. It is exported
// because huma passes over embedded structs that are not.
type RunFilter struct {
	State  automation.RunState `query:"state" enum:"asked,done,failed,refused,skipped,limited" doc:"What became of it."`
	Mode   automation.Mode     `query:"mode" enum:"watch,on"`
	From   time.Time           `query:"from" doc:"From this instant on (RFC 3339)."`
	Before time.Time           `query:"before" doc:"Before this instant."`
}

func (f RunFilter) filter() runs.Filter {
	return runs.Filter{State: f.State, Mode: f.Mode, From: f.From, Before: f.Before}
}

type runsOfConversation struct {
	ByID
	PageInput
	RunFilter
	WorkflowID string `query:"workflow_id" doc:"Only those of one workflow."`
}

func (h runList) ofConversation(ctx context.Context, who access.Caller, in *runsOfConversation) (page[WorkflowRun], error) {
	p, err := in.page()
	if err != nil {
		return page[WorkflowRun]{}, err
	}
	if in.WorkflowID != "" && !isID(in.WorkflowID) {
		return page[WorkflowRun]{}, invalid("query.workflow_id", "this is no id")
	}
	f := in.filter()
	f.DefinitionID = automation.DefinitionID(in.WorkflowID)
	list, err := h.store.RunsOfConversation(ctx, who, conversation.ID(in.ID), f, p)
	return renderRuns(in.PageInput, list), err
}

type runsOfWorkflow struct {
	ByID
	PageInput
	RunFilter
}

func (h runList) ofWorkflow(ctx context.Context, who access.Caller, in *runsOfWorkflow) (page[WorkflowRun], error) {
	p, err := in.page()
	if err != nil {
		return page[WorkflowRun]{}, err
	}
	list, err := h.store.RunsOfDefinition(ctx, who, automation.DefinitionID(in.ID), in.filter(), p)
	return renderRuns(in.PageInput, list), err
}

func renderRuns(in PageInput, list []runs.Run) page[WorkflowRun] {
	return render(in, list, func(r runs.Run) string { return string(r.ID) }, showRun)
}

type askInput struct {
	ByID
	WaitInput
	Body struct {
		WorkflowID automation.DefinitionID `json:"workflow_id" doc:"A manual workflow of the conversation's mailbox that is not off."`
		Confirmed  bool                    `json:"confirmed,omitempty" doc:"That you know what it sends or deletes: see needs_confirmation of the manual workflows."`
	}
}

// ask reports whether the run has ended by the time of the answer.
func (h runList) ask(ctx context.Context, who access.Caller, in *askInput) (WorkflowRun, bool, error) {
	limit, err := in.limit()
	if err != nil {
		return WorkflowRun{}, false, err
	}
	r, err := h.store.AskRun(ctx, who, conversation.ID(in.ID), automation.Ask{DefinitionID: in.Body.WorkflowID, Confirmed: in.Body.Confirmed})
	if err != nil {
		return WorkflowRun{}, false, err
	}
	asked := []runs.Asked{{Run: r}}
	ended := h.wait(ctx, asked, limit)
	return showRun(asked[0].Run), ended, nil
}
