package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// folderStore keeps the folders. What the caller may not see is errs.NotFound.
type folderStore interface {
	Folders(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Folder, error)
	Folder(ctx context.Context, who access.Caller, id conversation.FolderID) (conversation.Folder, error)
	CreateFolder(ctx context.Context, who access.Caller, f conversation.Folder) (conversation.Folder, error)
	ChangeFolder(ctx context.Context, who access.Caller, id conversation.FolderID, ch conversation.FolderChange) (conversation.Folder, error)
	DeleteFolder(ctx context.Context, who access.Caller, id conversation.FolderID) error
}

// Folder is a folder as callers see it: a named view of a mailbox.
type Folder struct {
	ID            conversation.FolderID  `json:"id"`
	MailboxID     conversation.MailboxID `json:"mailbox_id"`
	Name          string                 `json:"name"`
	Status        []conversation.Status  `json:"status" doc:"Any of them; empty: any status."`
	Tags          []string               `json:"tags" doc:"Any of them; empty: whatever the tags."`
	Assignee      string                 `json:"assignee,omitempty" doc:"A user's id, or unassigned."`
	Conversations int                    `json:"conversations" doc:"How many there are now."`
	CreatedAt     time.Time              `json:"created_at"`
	revision      int64
}

func (f Folder) entity() (int64, any) {
	return f.revision, f
}

func showFolder(f conversation.Folder) Folder {
	return Folder{
		ID: f.ID, MailboxID: f.MailboxID, Name: f.Name, Status: append([]conversation.Status{}, f.Statuses...),
		Tags:     append([]string{}, f.Tags...),
		Assignee: f.Assignee, Conversations: f.Conversations, CreatedAt: f.CreatedAt, revision: f.Revision,
	}
}

type folders struct{ store folderStore }

func (h folders) list(ctx context.Context, who access.Caller, in *fieldList) (page[Folder], error) {
	found, err := h.store.Folders(ctx, who, conversation.MailboxID(in.MailboxID))
	if err != nil {
		return page[Folder]{}, err
	}
	return renderPart(in.PageInput, found, func(f conversation.Folder) string { return string(f.ID) }, showFolder)
}

type newFolder struct {
	Body struct {
		MailboxID conversation.MailboxID `json:"mailbox_id"`
		Name      string                 `json:"name" minLength:"1" maxLength:"75" doc:"Unique in the mailbox."`
		Status    []conversation.Status  `json:"status,omitempty" enum:"active,pending,closed,spam"`
		Tags      []string               `json:"tags,omitempty" maxItems:"100"`
		Assignee  string                 `json:"assignee,omitempty" maxLength:"36" doc:"A user's id, or unassigned."`
	}
}

func (h folders) create(ctx context.Context, who access.Caller, in *newFolder) (Folder, error) {
	b := in.Body
	f, err := h.store.CreateFolder(ctx, who, conversation.Folder{MailboxID: b.MailboxID, Name: b.Name, Statuses: b.Status, Tags: b.Tags,
		Assignee: b.Assignee})
	return showFolder(f), err
}

type folderPatch struct {
	ByID
	Body struct {
		Name     *string                `json:"name,omitempty" minLength:"1" maxLength:"75" doc:"Not while a workflow has it."`
		Status   *[]conversation.Status `json:"status,omitempty" enum:"active,pending,closed,spam" doc:"All of them."`
		Tags     *[]string              `json:"tags,omitempty" maxItems:"100" doc:"All of them."`
		Assignee *string                `json:"assignee,omitempty" maxLength:"36" doc:"A user's id, or unassigned; empty: whoever."`
	}
}

func (h folders) patch(ctx context.Context, who access.Caller, in *folderPatch) (Folder, error) {
	f, err := h.store.ChangeFolder(ctx, who, conversation.FolderID(in.ID), conversation.FolderChange{
		Name: in.Body.Name, Statuses: in.Body.Status, Tags: in.Body.Tags, Assignee: in.Body.Assignee,
	})
	return showFolder(f), err
}

func (h folders) get(ctx context.Context, who access.Caller, in *ByID) (Folder, error) {
	f, err := h.store.Folder(ctx, who, conversation.FolderID(in.ID))
	return showFolder(f), err
}

func (h folders) remove(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteFolder(ctx, who, conversation.FolderID(in.ID))
}
