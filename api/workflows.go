package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/conversation"
)

// workflowStore keeps the workflows: drafts, versions, order and mode.
type workflowStore interface {
	// Definitions lists those of a mailbox in their order.
	Definitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]automation.Workflow, error)
	Definition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error)
	// CreateDefinition publishes version 1 when the mode is not off.
	CreateDefinition(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, draft automation.Definition,
		mode automation.Mode) (automation.Workflow, error)
	PutDraft(ctx context.Context, who access.Caller, id automation.DefinitionID, draft automation.Definition) (automation.Workflow, error)
	PatchDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID, p automation.WorkflowPatch) (automation.Workflow,
		error)
	DeleteDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID) error
	OrderDefinitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID,
		ids []automation.DefinitionID) ([]automation.Workflow, error)
	// PublishDefinition changes nothing when the draft is published already.
	PublishDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error)
	PublishedVersions(ctx context.Context, who access.Caller, id automation.DefinitionID, p conversation.Page) ([]automation.Published, error)
	PublishedVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Published, error)
	RestoreVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Workflow, error)
	// CheckDraft writes nothing; a nil draft is the stored one.
	CheckDraft(ctx context.Context, who access.Caller, id automation.DefinitionID, draft *automation.Definition) (check.Report, error)
	// CheckNewDraft and CheckMailbox write nothing.
	CheckNewDraft(ctx context.Context, who access.Caller, mailbox conversation.MailboxID, draft automation.Definition) (check.Report, error)
	// TestDraft does the tests of the stored draft.
	TestDraft(ctx context.Context, who access.Caller, id automation.DefinitionID) ([]expect.Result, error)
	CheckMailbox(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]automation.CheckFinding, error)
}

type workflows struct{ store workflowStore }

// workflowList is all of a mailbox's workflows: an order has no pages.
type workflowList struct {
	Items      []Workflow `json:"items"`
	NextCursor *string    `json:"next_cursor" doc:"Always null: the list is whole."`
}

func showWorkflows(list []automation.Workflow) workflowList {
	out := workflowList{Items: make([]Workflow, len(list))}
	for i, d := range list {
		out.Items[i] = showWorkflow(d)
	}
	return out
}

func (h workflows) list(ctx context.Context, who access.Caller, in *ByID) (workflowList, error) {
	list, err := h.store.Definitions(ctx, who, conversation.MailboxID(in.ID))
	return showWorkflows(list), err
}

func (h workflows) get(ctx context.Context, who access.Caller, in *ByID) (Workflow, error) {
	return shown(h.store.Definition(ctx, who, automation.DefinitionID(in.ID)))
}

type writtenByID struct {
	ByID
	Body written
}

func (h workflows) create(ctx context.Context, who access.Caller, in *writtenByID) (Workflow, error) {
	draft, mode, err := in.Body.decode()
	if err != nil {
		return Workflow{}, err
	}
	return saved(h.store.CreateDefinition(ctx, who, conversation.MailboxID(in.ID), draft, mode))
}

func (h workflows) put(ctx context.Context, who access.Caller, in *writtenByID) (Workflow, error) {
	draft, mode, err := in.Body.decode()
	if err != nil {
		return Workflow{}, err
	}
	if mode != "" {
		return Workflow{}, invalid("body.mode", "PUT writes the draft only: change the mode with PATCH")
	}
	return saved(h.store.PutDraft(ctx, who, automation.DefinitionID(in.ID), draft))
}

type workflowPatch struct {
	ByID
	Body struct {
		Mode     *automation.Mode `json:"mode,omitempty" enum:"off,watch,on" doc:"watch and on need a published version."`
		Position *int             `json:"position,omitempty" minimum:"1" doc:"Place in the mailbox's order; past the end is the end."`
	}
}

func (h workflows) patch(ctx context.Context, who access.Caller, in *workflowPatch) (Workflow, error) {
	p := automation.WorkflowPatch{Mode: in.Body.Mode, Position: in.Body.Position}
	return saved(h.store.PatchDefinition(ctx, who, automation.DefinitionID(in.ID), p))
}

func (h workflows) delete(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteDefinition(ctx, who, automation.DefinitionID(in.ID))
}

type workflowOrder struct {
	ByID
	Body struct {
		WorkflowIDs []automation.DefinitionID `json:"workflow_ids" maxItems:"10000" doc:"All of the mailbox's workflows, each once."`
	}
}

func (h workflows) order(ctx context.Context, who access.Caller, in *workflowOrder) (workflowList, error) {
	list, err := h.store.OrderDefinitions(ctx, who, conversation.MailboxID(in.ID), in.Body.WorkflowIDs)
	return showWorkflows(list), err
}

func (h workflows) publish(ctx context.Context, who access.Caller, in *ByID) (Workflow, error) {
	return saved(h.store.PublishDefinition(ctx, who, automation.DefinitionID(in.ID)))
}

// saved shows a workflow after a change, with what the checks have to say.
func saved(d automation.Workflow, err error) (Workflow, error) {
	out, err := shown(d, err)
	out.Warnings = showWarnings(d.Warnings)
	return out, err
}

func shown(d automation.Workflow, err error) (Workflow, error) {
	if err != nil {
		return Workflow{}, err
	}
	return showWorkflow(d), nil
}

type pageOf struct {
	ByID
	PageInput
}

func (h workflows) versions(ctx context.Context, who access.Caller, in *pageOf) (page[WorkflowVersion], error) {
	p, err := in.page()
	if err != nil {
		return page[WorkflowVersion]{}, err
	}
	list, err := h.store.PublishedVersions(ctx, who, automation.DefinitionID(in.ID), p)
	return render(in.PageInput, list, func(v automation.Published) string { return string(v.ID) }, showVersion), err
}

type versionOf struct {
	ByID
	N string `path:"n" doc:"The version's number."`
}

func (h workflows) version(ctx context.Context, who access.Caller, in *versionOf) (WorkflowVersion, error) {
	n, err := plainVersion(in.N)
	if err != nil {
		return WorkflowVersion{}, err
	}
	v, err := h.store.PublishedVersion(ctx, who, automation.DefinitionID(in.ID), n)
	if err != nil {
		return WorkflowVersion{}, err
	}
	return showVersion(v), nil
}

func (h workflows) restore(ctx context.Context, who access.Caller, in *versionOf) (Workflow, error) {
	n, err := plainVersion(in.N)
	if err != nil {
		return Workflow{}, err
	}
	return saved(h.store.RestoreVersion(ctx, who, automation.DefinitionID(in.ID), n))
}
