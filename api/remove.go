package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// removeStore removes what workflows may name; those that do are switched off.
type removeStore interface {
	DeleteUser(ctx context.Context, who access.Caller, id conversation.UserID) error
	DeleteTag(ctx context.Context, who access.Caller, name string) error
	DeleteMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) error
}

type removing struct{ store removeStore }

func (h removing) user(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteUser(ctx, who, conversation.UserID(in.ID))
}

func (h removing) mailbox(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteMailbox(ctx, who, conversation.MailboxID(in.ID))
}

type byName struct {
	Name string `path:"name" maxLength:"100"`
}

func (h removing) tag(ctx context.Context, who access.Caller, in *byName) error {
	return h.store.DeleteTag(ctx, who, in.Name)
}
