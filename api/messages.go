package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// messageStore keeps the messages.
type messageStore interface {
	// Messages lists a conversation's messages, the oldest first, and tells whether
	// there are more.
	Messages(ctx context.Context, who access.Caller, id conversation.ID, page conversation.Page) ([]conversation.Message, bool, error)
	PostMessage(ctx context.Context, who access.Caller, id conversation.ID, in conversation.Post) (conversation.Message, error)
}

// Message is a message as callers see it.
type Message struct {
	ID          conversation.MessageID   `json:"id"`
	Kind        conversation.MessageKind `json:"kind" enum:"customer,third_party,reply,email,forward,note" doc:"third_party: from somebody who takes no part in the conversation."`
	Author      Author                   `json:"author"`
	From        string                   `json:"from,omitempty"`
	To          []string                 `json:"to,omitempty"`
	Cc          []string                 `json:"cc,omitempty"`
	Bcc         []string                 `json:"bcc,omitempty" doc:"Hidden copies of what we sent: nobody else is told."`
	Subject     string                   `json:"subject"`
	Text        string                   `json:"text"`
	Shortened   bool                     `json:"shortened,omitempty" doc:"The text is longer; a timeline shows the first 20,000 characters."`
	HTML        string                   `json:"html,omitempty"`
	Machine     conversation.Machine     `json:"machine,omitempty" doc:"Why a machine wrote it, as far as can be told."`
	Problem     string                   `json:"problem,omitempty" doc:"What of the mail could not be read."`
	Attachments []Attachment             `json:"attachments,omitempty"`
	CreatedAt   time.Time                `json:"created_at"`
}

// Author is who wrote a message.
type Author struct {
	Kind conversation.ActorKind `json:"kind" enum:"customer,third_party,user,workflow,api,system"`
	ID   string                 `json:"id,omitempty"`
}

// Attachment is a file of a message, without its content.
type Attachment struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	ContentID   string `json:"content_id,omitempty" doc:"The name by which the HTML shows it: cid:content_id."`
	Inline      bool   `json:"inline,omitempty" doc:"The HTML shows it; for conditions it is no file."`
}

func showMessage(m conversation.Message) Message {
	out := Message{
		ID: m.ID, Kind: m.Kind, Author: Author{m.Author.Kind, m.Author.ID}, From: m.From, To: m.To, Cc: m.Cc, Bcc: m.Bcc, Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, Machine: m.Machine, Problem: m.Problem, CreatedAt: m.CreatedAt,
	}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, Attachment{a.Name, a.ContentType, a.Size, a.ContentID, a.Inline})
	}
	return out
}

type messages struct{ store messageStore }

type messageList struct {
	ByID
	PageInput
}

func (h messages) list(ctx context.Context, who access.Caller, in *messageList) (page[Message], error) {
	asked, err := in.page()
	if err != nil {
		return page[Message]{}, err
	}
	asked.Limit = in.Limit
	found, more, err := h.store.Messages(ctx, who, conversation.ID(in.ID), asked)
	out := page[Message]{Items: []Message{}}
	for _, m := range found {
		out.Items = append(out.Items, showMessage(m))
	}
	if more {
		out.NextCursor = nextCursor(string(found[len(found)-1].ID))
	}
	return out, err
}

type newMessage struct {
	ByID
	Body struct {
		Kind conversation.MessageKind `json:"kind" enum:"customer,reply,note" doc:"customer: what the customer said another way; reply: goes to the customer by mail; note: for ourselves."`
		Body string                   `json:"body" minLength:"1" doc:"Plain text."`
		To   []string                 `json:"to,omitempty" maxItems:"50" doc:"Whom a reply goes to. Without to and cc it goes to all of the customer's last message, but for our own addresses; with cc alone, to who wrote that message."`
		Cc   []string                 `json:"cc,omitempty" maxItems:"50" doc:"Copies of a reply; an empty list is nobody."`
		Bcc  []string                 `json:"bcc,omitempty" maxItems:"50" doc:"Hidden copies of a reply. At most 50 addresses in to, cc and bcc."`
	}
}

func (h messages) post(ctx context.Context, who access.Caller, in *newMessage) (Message, error) {
	m, err := h.store.PostMessage(ctx, who, conversation.ID(in.ID), conversation.Post{
		Kind: in.Body.Kind, Body: in.Body.Body, To: in.Body.To, Cc: in.Body.Cc, Bcc: in.Body.Bcc,
	})
	return showMessage(m), err
}
