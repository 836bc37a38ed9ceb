package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// messageStore keeps the messages.
type messageStore interface {
	// Messages lists a conversation's messages, the oldest first, and reports whether
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
	NewText     *string                  `json:"new_text,omitzero" required:"false" doc:"What the writer wrote now: the text without what it quotes. Missing where nothing is quoted."`
	Shortened   bool                     `json:"shortened,omitempty" doc:"The text is longer; a timeline shows the first 20,000 characters."`
	HTML        string                   `json:"html,omitempty"`
	Sender      *Sender                  `json:"sender,omitempty" doc:"What a mail says of who sent it; missing where it came another way."`
	Machine     conversation.Machine     `json:"machine,omitempty" enum:"auto_reply,bounce,list,null_sender,own_address,generated,suppressed" doc:"Why a machine wrote it, as far as can be told."`
	Problem     string                   `json:"problem,omitempty" doc:"What of the mail could not be read."`
	Gaps        *Gaps                    `json:"gaps,omitempty" doc:"Of what conditions cannot know all."`
	Imported    bool                     `json:"imported" doc:"Brought over from elsewhere."`
	Attachments []Attachment             `json:"attachments,omitempty"`
	CreatedAt   time.Time                `json:"created_at"`
}

// Author is who wrote a message.
type Author struct {
	Kind conversation.ActorKind `json:"kind" enum:"customer,third_party,user,workflow,api,system"`
	ID   string                 `json:"id,omitempty"`
}

// Sender is what a mail says of who sent it, each fact apart. Only the
// authentication was checked by anybody.
type Sender struct {
	Name           string                      `json:"name,omitempty" doc:"Of From."`
	Address        string                      `json:"address" doc:"Of From, as it was written."`
	ReplyTo        []string                    `json:"reply_to,omitempty"`
	Envelope       string                      `json:"envelope" doc:"MAIL FROM; empty for the null sender."`
	Authentication conversation.Authentication `json:"authentication,omitempty" enum:"pass,fail,none" doc:"What a server that the settings name found out about From; missing where none is named, or it said nothing."`
	Claimed        bool                        `json:"claimed" doc:"Nothing shows that whom we would answer is who wrote: automatic mail there carries no stranger's words."`
}

// Gaps say what of a mail could not be read or was cut off, each in a sentence.
type Gaps struct {
	Text    string `json:"text,omitempty"`
	Headers string `json:"headers,omitempty"`
	Files   string `json:"files,omitempty"`
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
		Text: m.Text, HTML: m.HTML, Machine: m.Machine, Problem: m.Problem, Imported: m.Imported, CreatedAt: m.CreatedAt,
		Sender: showSender(m.Sender),
	}
	if len(m.Quotes) > 0 {
		out.NewText = new(m.NewText())
	}
	if m.Gaps != (conversation.Gaps{}) {
		out.Gaps = &Gaps{m.Gaps.Text, m.Gaps.Headers, m.Gaps.Files}
	}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, Attachment{a.Name, a.ContentType, a.Size, a.ContentID, a.Inline})
	}
	return out
}

// showSender returns nil for what was no mail.
func showSender(s conversation.Sender) *Sender {
	if s.Address == "" && s.Name == "" && s.Envelope == "" && len(s.ReplyTo) == 0 && !s.Claimed {
		return nil
	}
	return &Sender{s.Name, s.Address, s.ReplyTo, s.Envelope, s.Authentication, s.Claimed}
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
