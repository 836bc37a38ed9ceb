package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// userStore keeps who works here.
type userStore interface {
	// Users lists all in the order of their ids.
	Users(ctx context.Context) ([]conversation.User, error)
	User(ctx context.Context, id conversation.UserID) (conversation.User, error)
	CreateUser(ctx context.Context, who access.Caller, u conversation.User) (conversation.User, error)
	ChangeUser(ctx context.Context, who access.Caller, id conversation.UserID, ch conversation.UserChange) (conversation.User, error)
}

// User is a user as callers see them.
type User struct {
	ID         conversation.UserID      `json:"id"`
	Name       string                   `json:"name"`
	Email      string                   `json:"email"`
	Role       conversation.Role        `json:"role" enum:"admin,agent"`
	Available  bool                     `json:"available" doc:"Takes part in what goes to whoever is there."`
	MailboxIDs []conversation.MailboxID `json:"mailbox_ids" doc:"Where an agent is a member. An admin sees all."`
	// Of these two an admin needs neither.
	ManageWorkflows   bool                     `json:"manage_workflows" doc:"An agent may change the workflows of all of their mailboxes."`
	ManageWorkflowsIn []conversation.MailboxID `json:"manage_workflows_in" doc:"An agent may change the workflows of these of their mailboxes."`
	CreatedAt         time.Time                `json:"created_at"`
	revision          int64
}

func (u User) entity() (int64, any) {
	return u.revision, u
}

func showUser(u conversation.User) User {
	in := u.ManagedMailboxes
	if in == nil {
		in = []conversation.MailboxID{}
	}
	return User{u.ID, u.Name, u.Email, u.Role, u.Available, u.Mailboxes, u.ManageWorkflows, in, u.CreatedAt, u.Revision}
}

type users struct{ store userStore }

func (h users) list(ctx context.Context, _ access.Caller, in *PageInput) (page[User], error) {
	all, err := h.store.Users(ctx)
	if err != nil {
		return page[User]{}, err
	}
	return renderPart(*in, all, func(u conversation.User) string { return string(u.ID) }, showUser)
}

func (h users) get(ctx context.Context, _ access.Caller, in *ByID) (User, error) {
	u, err := h.store.User(ctx, conversation.UserID(in.ID))
	return showUser(u), err
}

func (h users) me(_ context.Context, who access.Caller, _ *struct{}) (User, error) {
	return showUser(who.User), nil
}

type newUser struct {
	Body struct {
		Name       string                   `json:"name" minLength:"1" maxLength:"100"`
		Email      string                   `json:"email" minLength:"3" maxLength:"254"`
		Role       conversation.Role        `json:"role" enum:"admin,agent"`
		Available  *bool                    `json:"available,omitempty" doc:"True when missing."`
		MailboxIDs []conversation.MailboxID `json:"mailbox_ids,omitempty" maxItems:"1000"`

		ManageWorkflows   bool                     `json:"manage_workflows,omitempty"`
		ManageWorkflowsIn []conversation.MailboxID `json:"manage_workflows_in,omitempty" maxItems:"1000"`
	}
}

func (h users) create(ctx context.Context, who access.Caller, in *newUser) (User, error) {
	b := in.Body
	u, err := h.store.CreateUser(ctx, who, conversation.User{
		Name: b.Name, Email: b.Email, Role: b.Role, Available: b.Available == nil || *b.Available, Mailboxes: b.MailboxIDs,
		ManageWorkflows: b.ManageWorkflows, ManagedMailboxes: b.ManageWorkflowsIn,
	})
	return showUser(u), err
}

type userPatch struct {
	ByID
	Body struct {
		Name       *string                   `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Email      *string                   `json:"email,omitempty" minLength:"3" maxLength:"254"`
		Role       *conversation.Role        `json:"role,omitempty" enum:"admin,agent"`
		Available  *bool                     `json:"available,omitempty"`
		MailboxIDs *[]conversation.MailboxID `json:"mailbox_ids,omitempty" maxItems:"1000" doc:"All of them."`

		ManageWorkflows   *bool                     `json:"manage_workflows,omitempty"`
		ManageWorkflowsIn *[]conversation.MailboxID `json:"manage_workflows_in,omitempty" maxItems:"1000" doc:"All of them."`
	}
}

func (h users) patch(ctx context.Context, who access.Caller, in *userPatch) (User, error) {
	b := in.Body
	u, err := h.store.ChangeUser(ctx, who, conversation.UserID(in.ID), conversation.UserChange{
		Name: b.Name, Email: b.Email, Role: b.Role, Available: b.Available, Mailboxes: b.MailboxIDs,
		ManageWorkflows: b.ManageWorkflows, ManagedMailboxes: b.ManageWorkflowsIn,
	})
	return showUser(u), err
}
