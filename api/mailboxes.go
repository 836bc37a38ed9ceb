package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// mailboxStore keeps the mailboxes.
type mailboxStore interface {
	// Mailboxes lists all in the order of their ids.
	Mailboxes(ctx context.Context) ([]conversation.Mailbox, error)
	Mailbox(ctx context.Context, id conversation.MailboxID) (conversation.Mailbox, error)
	// CreateMailbox makes one with a secret of its own.
	CreateMailbox(ctx context.Context, who access.Caller, m conversation.Mailbox) (conversation.Mailbox, error)
	ChangeMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID, ch conversation.MailboxChange) (conversation.Mailbox,
		error)
	// RotateMailbox gives one a new secret.
	RotateMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) (conversation.Mailbox, error)
}

// Mailbox is a mailbox as callers see it.
type Mailbox struct {
	ID                conversation.MailboxID `json:"id"`
	Name              string                 `json:"name"`
	Email             string                 `json:"email"`
	TimeZone          string                 `json:"time_zone"`
	BusinessHours     *BusinessHours         `json:"business_hours" doc:"null: none."`
	FromName          string                 `json:"from_name"`
	WorkflowUserName  string                 `json:"workflow_user_name"`
	WorkflowUserEmail string                 `json:"workflow_user_email"`
	TrackViews        bool                   `json:"track_views" doc:"Whether mails to customers carry a mark by which their mail program says that it showed them."`
	AutoReply         AutoReply              `json:"auto_reply"`
	Aliases           []string               `json:"aliases" doc:"Further addresses of it. An address that it had before is one until it is taken off."`
	PersonalSenders   []string               `json:"personal_senders" doc:"Addresses and domains whose mail counts as a person's, also where a list or a program sent it."`
	ImportMode        bool                   `json:"import_mode" doc:"Whether mail that comes in is old mail: kept with its own date, closed, and nothing follows from it."`
	MailAnswers       string                 `json:"mail_answers" enum:"note,reply" doc:"What a user's answer by mail to a notice becomes: a note, or a reply to the customer."`
	Secret            string                 `json:"secret,omitempty" doc:"Signs webhooks (Standard Webhooks). Shown to who manages mailboxes."`
	CreatedAt         time.Time              `json:"created_at"`
	revision          int64
}

func (m Mailbox) entity() (int64, any) {
	return m.revision, m
}

// AutoReply is what the mailbox answers by itself.
type AutoReply struct {
	Enabled bool   `json:"enabled" doc:"Whether the first mail of a conversation is answered."`
	Subject string `json:"subject,omitempty" maxLength:"500" doc:"May hold variables; the mail's own with Re: when missing."`
	Body    string `json:"body,omitempty" maxLength:"20000" doc:"May hold variables such as {%conversation.number%}."`
}

func showMailbox(who access.Caller) func(conversation.Mailbox) Mailbox {
	secrets := who.May(access.ManageMailbox)
	return func(m conversation.Mailbox) Mailbox {
		out := Mailbox{
			ID: m.ID, Name: m.Name, Email: m.Email, TimeZone: m.TimeZone, BusinessHours: showHours(m.Hours), FromName: m.FromName,
			WorkflowUserName: m.WorkflowUserName, WorkflowUserEmail: m.WorkflowUserEmail, TrackViews: m.TrackViews,
			AutoReply: AutoReply(m.AutoReply), CreatedAt: m.CreatedAt, revision: m.Revision,
		}
		out.Aliases, out.PersonalSenders = append([]string{}, m.Mail.Aliases...), append([]string{}, m.Mail.PersonalSenders...)
		out.ImportMode, out.MailAnswers = m.Mail.ImportMode, string(m.Mail.Answers)
		if secrets {
			out.Secret = m.Secret
		}
		return out
	}
}

type mailboxes struct{ store mailboxStore }

func (h mailboxes) list(ctx context.Context, who access.Caller, in *PageInput) (page[Mailbox], error) {
	all, err := h.store.Mailboxes(ctx)
	if err != nil {
		return page[Mailbox]{}, err
	}
	var seen []conversation.Mailbox
	for _, m := range all {
		if who.Sees(m.ID) {
			seen = append(seen, m)
		}
	}
	return renderPart(*in, seen, func(m conversation.Mailbox) string { return string(m.ID) }, showMailbox(who))
}

func (h mailboxes) get(ctx context.Context, who access.Caller, in *ByID) (Mailbox, error) {
	id := conversation.MailboxID(in.ID)
	if err := who.In(access.ReadMailbox, id); err != nil {
		return Mailbox{}, err
	}
	m, err := h.store.Mailbox(ctx, id)
	return showMailbox(who)(m), err
}

type newMailbox struct {
	Body struct {
		Name              string         `json:"name" minLength:"1" maxLength:"100"`
		Email             string         `json:"email" minLength:"3" maxLength:"254" doc:"The address that customers write to."`
		TimeZone          string         `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; UTC when missing."`
		BusinessHours     *BusinessHours `json:"business_hours,omitempty"`
		FromName          string         `json:"from_name,omitempty" maxLength:"100" doc:"Sender's name on replies; the mailbox's name when missing."`
		WorkflowUserName  string         `json:"workflow_user_name,omitempty" maxLength:"20" doc:"Signs what workflows do here; the installation's setting when missing."`
		WorkflowUserEmail string         `json:"workflow_user_email,omitempty" maxLength:"254" doc:"Its address; the installation's setting when missing."`
		TrackViews        bool           `json:"track_views,omitempty"`
		Aliases           []string       `json:"aliases,omitempty" maxItems:"100" doc:"Further addresses of it."`
		PersonalSenders   []string       `json:"personal_senders,omitempty" maxItems:"100" doc:"Addresses and domains, such as forms@example.com and example.org."`
		ImportMode        bool           `json:"import_mode,omitempty"`
		MailAnswers       string         `json:"mail_answers,omitempty" enum:"note,reply" doc:"note when missing."`
	}
}

func (h mailboxes) create(ctx context.Context, who access.Caller, in *newMailbox) (Mailbox, error) {
	b := in.Body
	var hours conversation.BusinessHours
	if b.BusinessHours != nil {
		var err error
		if hours, err = b.BusinessHours.read(); err != nil {
			return Mailbox{}, err
		}
	}
	m, err := h.store.CreateMailbox(ctx, who, conversation.Mailbox{
		Name: b.Name, Email: b.Email, TimeZone: b.TimeZone, Hours: hours, FromName: b.FromName, WorkflowUserName: b.WorkflowUserName,
		WorkflowUserEmail: b.WorkflowUserEmail, TrackViews: b.TrackViews, Mail: conversation.MailSettings{
			Aliases: b.Aliases, PersonalSenders: b.PersonalSenders, ImportMode: b.ImportMode, Answers: conversation.MailAnswers(b.MailAnswers),
		},
	})
	return showMailbox(who)(m), err
}

func (h mailboxes) rotate(ctx context.Context, who access.Caller, in *ByID) (Mailbox, error) {
	m, err := h.store.RotateMailbox(ctx, who, conversation.MailboxID(in.ID))
	return showMailbox(who)(m), err
}

type mailboxPatch struct {
	ByID
	Body struct {
		Name              *string        `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Email             *string        `json:"email,omitempty" minLength:"3" maxLength:"254"`
		TimeZone          *string        `json:"time_zone,omitempty" maxLength:"64"`
		BusinessHours     *BusinessHours `json:"business_hours,omitempty" doc:"All of them; {} for none."`
		FromName          *string        `json:"from_name,omitempty" maxLength:"100"`
		WorkflowUserName  *string        `json:"workflow_user_name,omitempty" maxLength:"20"`
		WorkflowUserEmail *string        `json:"workflow_user_email,omitempty" maxLength:"254" doc:"Empty: the installation's setting."`
		TrackViews        *bool          `json:"track_views,omitempty"`
		AutoReply         *AutoReply     `json:"auto_reply,omitempty" doc:"All of it."`
		Aliases           *[]string      `json:"aliases,omitempty" maxItems:"100" doc:"All of them. An address that this request replaces is added."`
		PersonalSenders   *[]string      `json:"personal_senders,omitempty" maxItems:"100" doc:"All of them."`
		ImportMode        *bool          `json:"import_mode,omitempty"`
		MailAnswers       *string        `json:"mail_answers,omitempty" enum:"note,reply"`
	}
}

func (h mailboxes) patch(ctx context.Context, who access.Caller, in *mailboxPatch) (Mailbox, error) {
	b := in.Body
	var hours *conversation.BusinessHours
	if b.BusinessHours != nil {
		read, err := b.BusinessHours.read()
		if err != nil {
			return Mailbox{}, err
		}
		hours = &read
	}
	var auto *conversation.AutoReply
	if b.AutoReply != nil {
		a := conversation.AutoReply(*b.AutoReply)
		auto = &a
	}
	m, err := h.store.ChangeMailbox(ctx, who, conversation.MailboxID(in.ID), conversation.MailboxChange{
		Name: b.Name, Email: b.Email, TimeZone: b.TimeZone, Hours: hours, FromName: b.FromName, WorkflowUserName: b.WorkflowUserName,
		WorkflowUserEmail: b.WorkflowUserEmail, TrackViews: b.TrackViews, AutoReply: auto,
		Aliases: b.Aliases, PersonalSenders: b.PersonalSenders, ImportMode: b.ImportMode, Answers: (*conversation.MailAnswers)(b.MailAnswers),
	})
	return showMailbox(who)(m), err
}

// BusinessHours are when somebody is there, day by day, in the mailbox's time
// zone: "09:00-12:00". What is left out has none.
type BusinessHours struct {
	Monday    []string `json:"monday,omitempty" maxItems:"10" example:"09:00-17:30"`
	Tuesday   []string `json:"tuesday,omitempty" maxItems:"10"`
	Wednesday []string `json:"wednesday,omitempty" maxItems:"10"`
	Thursday  []string `json:"thursday,omitempty" maxItems:"10"`
	Friday    []string `json:"friday,omitempty" maxItems:"10"`
	Saturday  []string `json:"saturday,omitempty" maxItems:"10"`
	Sunday    []string `json:"sunday,omitempty" maxItems:"10"`
	Holidays  []string `json:"holidays,omitempty" maxItems:"1000" doc:"Days on which nobody is there: 2026-12-25."`
}

// days are the days by time.Weekday.
func (b *BusinessHours) days() [7]*[]string {
	return [7]*[]string{&b.Sunday, &b.Monday, &b.Tuesday, &b.Wednesday, &b.Thursday, &b.Friday, &b.Saturday}
}

// showHours returns nil when there are none.
func showHours(h conversation.BusinessHours) *BusinessHours {
	if !h.Set() && len(h.Holidays) == 0 {
		return nil
	}
	out := BusinessHours{Holidays: h.Holidays}
	for day, list := range out.days() {
		for _, i := range h.Days[day] {
			*list = append(*list, i.String())
		}
	}
	return &out
}

// read returns the hours, or what is wrong with them, at its place.
func (b *BusinessHours) read() (conversation.BusinessHours, error) {
	h := conversation.BusinessHours{Holidays: b.Holidays}
	var bad []errs.Problem
	for day, list := range b.days() {
		for n, written := range *list {
			interval, ok := conversation.ParseInterval(written)
			if !ok {
				name := strings.ToLower(time.Weekday(day).String())
				bad = append(bad, errs.Problem{Path: fmt.Sprintf("business_hours.%s[%d]", name, n), Message: "this must be like 09:00-17:30"})
			}
			h.Days[day] = append(h.Days[day], interval)
		}
	}
	if problem := h.Check(); len(bad) == 0 && problem != "" {
		bad = append(bad, errs.Problem{Path: "business_hours", Message: problem})
	}
	if len(bad) > 0 {
		return h, errs.Bad("api.BusinessHours", "the business hours have problems", bad)
	}
	return h, nil
}
