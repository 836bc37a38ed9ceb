package api

import (
	"cmp"
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// newConversation is a conversation as it is made; what it has from the first message on is
// seen by the workflows that look at that message.
type newConversation struct {
	Body struct {
		MailboxID conversation.MailboxID `json:"mailbox_id,omitempty" doc:"The mailbox, by its id or"`
		Mailbox   string                 `json:"mailbox,omitempty" maxLength:"254" doc:"by its address."`
		Customer  struct {
			ID    conversation.CustomerID `json:"id,omitempty" doc:"Somebody who is known, instead of all else."`
			Email string                  `json:"email,omitempty" maxLength:"254" doc:"Only a conversation of the type email needs it."`
			Name  string                  `json:"name,omitempty" maxLength:"400"`
			Phone string                  `json:"phone,omitempty" maxLength:"100"`
		} `json:"customer,omitempty" doc:"Needed. Made when the address is not known, or when there is none."`
		Subject   string                 `json:"subject,omitempty" maxLength:"500"`
		Body      string                 `json:"body,omitempty" doc:"What the customer wrote, or, when a user started it, what the caller writes. Plain text."`
		Type      conversation.Type      `json:"type,omitempty" enum:"email,phone,chat,api" doc:"api when missing."`
		Channel   conversation.Channel   `json:"channel,omitempty" enum:"email,phone,chat,api,form,portal,sms,social" doc:"Where it came in; what the type says when missing."`
		StartedBy conversation.ActorKind `json:"started_by,omitempty" enum:"customer,user,api" doc:"Who began it; api when missing. user: the message is the caller's own, a reply that is mailed when the type is email, else a note; nobody waits."`

		Status   conversation.Status   `json:"status,omitempty" enum:"active,pending,closed,spam" doc:"active when missing."`
		Assignee string                `json:"assignee_id,omitempty" maxLength:"254" doc:"A user's id or address."`
		Tags     []string              `json:"tags,omitempty" maxItems:"100"`
		Fields   map[string]fieldValue `json:"fields,omitempty" doc:"Values of custom fields by name."`

		Imported  bool             `json:"imported,omitempty" doc:"It is brought over from another system: no workflow looks at what it brings, nothing is sent, nobody waits."`
		CreatedAt time.Time        `json:"created_at,omitempty" doc:"Of one that is imported: when it began."`
		ClosedAt  time.Time        `json:"closed_at,omitempty" doc:"Of one that is imported and closed; with its last message when missing."`
		Messages  []broughtMessage `json:"messages,omitempty" maxItems:"500" doc:"Of one that is imported: all of them, the oldest first, instead of body."`
	}
}

// broughtMessage is a message of another system.
type broughtMessage struct {
	Kind      conversation.MessageKind `json:"kind" enum:"customer,reply,note"`
	Author    string                   `json:"author,omitempty" maxLength:"254" doc:"Of a reply or a note: a user's id or address; nobody is named when it is missing."`
	Body      string                   `json:"body" minLength:"1" doc:"Plain text."`
	CreatedAt time.Time                `json:"created_at"`
}

func (h conversations) open(ctx context.Context, who access.Caller, in *newConversation) (Conversation, error) {
	b := in.Body
	opening := conversation.Opening{
		MailboxID: b.MailboxID, Address: b.Mailbox,
		CustomerID: b.Customer.ID, CustomerEmail: b.Customer.Email, CustomerName: b.Customer.Name, CustomerPhone: b.Customer.Phone,
		Type: cmp.Or(b.Type, conversation.TypeAPI), Channel: b.Channel, StartedBy: b.StartedBy, Subject: b.Subject, Body: b.Body,
		Status: b.Status, Assignee: b.Assignee, Tags: b.Tags, Fields: writtenFields(b.Fields),
		Imported: b.Imported, CreatedAt: b.CreatedAt, ClosedAt: b.ClosedAt,
	}
	for _, m := range b.Messages {
		opening.Messages = append(opening.Messages, conversation.OpeningMessage{Kind: m.Kind, Author: m.Author, Body: m.Body, At: m.CreatedAt})
	}
	r, err := h.store.OpenConversation(ctx, who, opening)
	return showConversation(r), err
}
