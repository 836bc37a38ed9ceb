package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// Conversation is a conversation with a customer.
type Conversation struct {
	ID         string   `json:"id"`
	Number     int64    `json:"number"`
	MailboxID  string   `json:"mailbox_id"`
	Customer   Customer `json:"customer"`
	Status     string   `json:"status"` // active, pending, closed, spam
	AssigneeID string   `json:"assignee_id"`
	Subject    string   `json:"subject"`
	Tags       []string `json:"tags"`
	// Attention is why a person should look at its automation; empty: nothing.
	Attention string    `json:"attention"`
	CreatedAt time.Time `json:"created_at"`
}

// Customer is whom a conversation is with.
type Customer struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// ConversationFilter narrows a list of conversations; what is empty does not.
type ConversationFilter struct {
	MailboxID string
	Status    string
	Customer  string // address
	Number    int64
}

// Conversations lists conversations, the newest first.
func (c *Client) Conversations(ctx context.Context, f ConversationFilter) iter.Seq2[Conversation, error] {
	query := url.Values{}
	for key, value := range map[string]string{"mailbox_id": f.MailboxID, "status": f.Status, "customer": f.Customer} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if f.Number > 0 {
		query.Set("number", strconv.FormatInt(f.Number, 10))
	}
	return List[Conversation](ctx, c, "/v1/conversations", query)
}

// Conversation returns one conversation.
func (c *Client) Conversation(ctx context.Context, id string) (Conversation, error) {
	var v Conversation
	err := c.get(ctx, "/v1/conversations/"+url.PathEscape(id), nil, &v)
	return v, err
}
