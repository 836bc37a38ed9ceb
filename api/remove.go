package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// removeStore removes what workflows may name; those that do are switched off.
type removeStore interface {
	DeleteUser(ctx context.Context, who access.Caller, id conversation.UserID) error
	DeleteTag(ctx context.Context, who access.Caller, name string, takeOff bool) error
	RenameTag(ctx context.Context, who access.Caller, name, to string, merge bool) error
	DeleteMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) error
}

type removing struct{ store removeStore }

func (h removing) user(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteUser(ctx, who, conversation.UserID(in.ID))
}

func (h removing) mailbox(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteMailbox(ctx, who, conversation.MailboxID(in.ID))
}

type tagRemoval struct {
	Name    string `path:"name" maxLength:"100"`
	TakeOff bool   `query:"take_off" doc:"Take it off the conversations that carry it first, each with its event; else it stays while one does."`
}

func (h removing) tag(ctx context.Context, who access.Caller, in *tagRemoval) error {
	return h.store.DeleteTag(ctx, who, in.Name, in.TakeOff)
}

type tagRename struct {
	Name string `path:"name" maxLength:"100"`
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"100" doc:"The new name."`
		Merge bool   `json:"merge,omitempty" doc:"A tag that has this name takes the other one in."`
	}
}

// renamedTag is the tag that is there now.
type renamedTag struct {
	Name string `json:"name"`
}

func (h removing) rename(ctx context.Context, who access.Caller, in *tagRename) (renamedTag, error) {
	err := h.store.RenameTag(ctx, who, in.Name, in.Body.Name, in.Body.Merge)
	return renamedTag{conversation.CleanTag(in.Body.Name)}, err
}
