package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	json "github.com/go-json-experiment/json"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// conversationStore keeps the conversations. What the caller may not see is
// errs.NotFound.
type conversationStore interface {
	Conversations(ctx context.Context, who access.Caller, f conversation.Filter, page conversation.Page) ([]conversation.Record, error)
	Conversation(ctx context.Context, who access.Caller, id conversation.ID) (conversation.Record, error)
	OpenConversation(ctx context.Context, who access.Caller, in conversation.Opening) (conversation.Record, error)
	ChangeConversation(ctx context.Context, who access.Caller, id conversation.ID, ch conversation.Change) (conversation.Record, error)
	DeleteConversation(ctx context.Context, who access.Caller, id conversation.ID) error
}

// Conversation is a conversation as callers see it.
type Conversation struct {
	ID          conversation.ID        `json:"id"`
	Number      int64                  `json:"number" doc:"Counts per installation; customers know it."`
	MailboxID   conversation.MailboxID `json:"mailbox_id"`
	Customer    Correspondent          `json:"customer"`
	Type        conversation.Type      `json:"type" enum:"email,phone,chat,api"`
	Channel     conversation.Channel   `json:"channel" enum:"email,phone,chat,api,form,portal,sms,social" doc:"Where it came in."`
	StartedBy   conversation.ActorKind `json:"started_by" enum:"customer,user,workflow,api"`
	Imported    bool                   `json:"imported" doc:"It was brought over from another system."`
	Status      conversation.Status    `json:"status" enum:"active,pending,closed,spam"`
	State       conversation.State     `json:"state" enum:"draft,published,deleted"`
	AssigneeID  *conversation.UserID   `json:"assignee_id" doc:"Null: nobody."`
	Subject     string                 `json:"subject"`
	Tags        []string               `json:"tags"`
	Fields      map[string]string      `json:"fields" doc:"The values of the mailbox's custom fields, by name; one without a value is not there."`
	FollowerIDs []conversation.UserID  `json:"follower_ids"`

	Participants  []string            `json:"participants" doc:"The addresses of the customer and of whoever stood in To or Cc of their mails."`
	LinkedID      *conversation.ID    `json:"linked_id" doc:"The conversation that the first mail answers without joining it; null: none."`
	LinkedBecause conversation.Linked `json:"linked_because,omitempty" enum:"deleted,no_part" doc:"Why it did not join: that one is deleted, or whoever wrote takes no part in it."`

	Messages  int    `json:"messages"`
	Attention string `json:"attention,omitempty" doc:"Why a person should look at the automation of this conversation."`

	Rating            *conversation.Rating `json:"rating" enum:"great,okay,not_good" doc:"The customer's; null: not rated."`
	RatingComment     string               `json:"rating_comment,omitempty"`
	RatedAt           *time.Time           `json:"rated_at"`
	LastReplyViewedAt *time.Time           `json:"last_reply_viewed_at" doc:"When the customer's mail program first showed our newest message; null: not, as far as is known."`

	CreatedAt           time.Time  `json:"created_at"`
	UpdatedAt           time.Time  `json:"updated_at"`
	ClosedAt            *time.Time `json:"closed_at"`
	WaitingSince        *time.Time `json:"waiting_since" doc:"Since when the customer waits for an answer; null when nobody waits."`
	SnoozedUntil        *time.Time `json:"snoozed_until" doc:"When it comes back by itself; null: it is not snoozed."`
	LastCustomerReplyAt *time.Time `json:"last_customer_reply_at"`
	LastAgentReplyAt    *time.Time `json:"last_agent_reply_at"`

	LastSeq    int64 `json:"last_seq" doc:"The seq of the newest event."`
	HandledSeq int64 `json:"handled_seq" doc:"The seq up to which the workflows have handled everything."`
}

// Correspondent is the customer of a conversation.
type Correspondent struct {
	ID    conversation.CustomerID `json:"id"`
	Name  string                  `json:"name"`
	Email string                  `json:"email"`
}

func showConversation(r conversation.Record) Conversation {
	out := Conversation{
		ID: r.ID, Number: r.Number, MailboxID: r.MailboxID,
		Customer: Correspondent{r.Customer.ID, r.Customer.FullName(), r.Customer.Email()},
		Type:     r.Type, Channel: r.Channel, StartedBy: r.StartedBy, Imported: r.Imported,
		Status: r.Status, State: r.State, Subject: r.Subject, Tags: r.Tags, Fields: r.Shown, Messages: r.Messages, Attention: r.Attention,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, ClosedAt: orNull(r.ClosedAt), WaitingSince: orNull(r.WaitingSince),
		LastCustomerReplyAt: orNull(r.LastCustomerReplyAt), LastAgentReplyAt: orNull(r.LastAgentReplyAt),
		Rating: idOrNull(r.Rating), RatingComment: r.RatingComment, RatedAt: orNull(r.RatedAt), LastReplyViewedAt: orNull(r.LastReplyViewedAt),
		LastSeq: r.LastSeq, HandledSeq: r.HandledSeq,
	}
	if out.FollowerIDs = r.Followers; out.FollowerIDs == nil {
		out.FollowerIDs = []conversation.UserID{}
	}
	if out.Participants = r.Participants; out.Participants == nil {
		out.Participants = []string{}
	}
	out.LinkedID, out.LinkedBecause = idOrNull(r.LinkedID), r.LinkedBecause
	out.SnoozedUntil = orNull(r.SnoozedUntil)
	if r.AssigneeID != "" {
		out.AssigneeID = &r.AssigneeID
	}
	return out
}

type conversations struct{ store conversationStore }

func (h conversations) get(ctx context.Context, who access.Caller, in *ByID) (Conversation, error) {
	r, err := h.store.Conversation(ctx, who, conversation.ID(in.ID))
	return showConversation(r), err
}

type conversationPatch struct {
	ByID
	Body struct {
		Status      *conversation.Status    `json:"status,omitempty" enum:"active,pending,closed,spam"`
		AssigneeID  nullable                `json:"assignee_id,omitempty" doc:"A user's id; null or empty: nobody."`
		MailboxID   *conversation.MailboxID `json:"mailbox_id,omitempty" doc:"Moves it there before all else."`
		Subject     *string                 `json:"subject,omitempty" maxLength:"500"`
		Tags        *[]string               `json:"tags,omitempty" doc:"All of them."`
		FollowerIDs *[]conversation.UserID  `json:"follower_ids,omitempty" maxItems:"100" doc:"All of them."`
		Snoozed     nullable                `json:"snoozed_until,omitempty" doc:"An instant in the future (RFC 3339); null or empty ends the snooze. An active conversation becomes pending until then."`
		Fields      map[string]fieldValue   `json:"fields,omitempty" doc:"Values of custom fields by name; null takes one away."`
	}
}

func (h conversations) patch(ctx context.Context, who access.Caller, in *conversationPatch) (Conversation, error) {
	b := in.Body
	ch := conversation.Change{Status: b.Status, MailboxID: b.MailboxID, Subject: b.Subject, Tags: b.Tags, Followers: b.FollowerIDs}
	if b.Snoozed.set {
		var until time.Time
		if b.Snoozed.value != "" {
			var err error
			if until, err = time.Parse(time.RFC3339, b.Snoozed.value); err != nil || until.Year() > 9999 {
				return Conversation{}, invalid("body.snoozed_until", "write an instant as 2030-01-31T09:00:00+01:00")
			}
		}
		ch.SnoozedUntil = &until
	}
	ch.Fields = writtenFields(b.Fields)
	if b.AssigneeID.set {
		user := conversation.UserID(b.AssigneeID.value)
		ch.AssigneeID = &user
	}
	r, err := h.store.ChangeConversation(ctx, who, conversation.ID(in.ID), ch)
	return showConversation(r), err
}

func (h conversations) remove(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteConversation(ctx, who, conversation.ID(in.ID))
}

// nullable is a text that may be null, which is not the same as missing.
type nullable struct {
	set   bool
	value string
}

// UnmarshalJSON is called when the key is there.
func (n *nullable) UnmarshalJSON(data []byte) error {
	n.set = true
	return json.Unmarshal(data, &n.value)
}

// Schema describes it to huma.
func (nullable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}
