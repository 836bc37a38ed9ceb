package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// settingStore keeps the installation's settings.
type settingStore interface {
	Settings(ctx context.Context) (conversation.Settings, error)
	ChangeSettings(ctx context.Context, who access.Caller, ch conversation.SettingsChange) (conversation.Settings, error)
}

// Settings are the installation's as callers see them.
type Settings struct {
	WorkflowUserName  string `json:"workflow_user_name" doc:"Signs what workflows do where a mailbox sets no name of its own."`
	WorkflowUserEmail string `json:"workflow_user_email" doc:"Its address, where a mailbox sets none; empty: each mailbox's own."`
	AutomaticSender   string `json:"automatic_sender" doc:"The envelope's sender (MAIL FROM) of automatic mail; empty: the null sender, so that nothing answers it. For relays that take none without a sender."`
	BaseURL           string `json:"base_url" doc:"Where people reach this installation; empty when not known."`
	RunsHere          int    `json:"runs_per_workflow_and_conversation" doc:"How often one workflow may run on one conversation within an hour."`
	RunsAllHere       int    `json:"runs_per_conversation" doc:"How often all workflows together may run on one conversation within an hour."`
	RunsEverywhere    int    `json:"runs_per_workflow" doc:"How often one workflow may run on all conversations within an hour."`
	MailsRecipient    int    `json:"mails_per_recipient" doc:"How many automatic mails one address outside may get within 3 hours, from the whole installation."`
	MailsSubject      int    `json:"mails_per_recipient_and_subject" doc:"How many of them may have the same subject, numbers and marks apart."`
	MailsDay          int    `json:"mails_per_recipient_and_day" doc:"How many automatic mails one address outside may get within 24 hours."`
	MachineNotices    int    `json:"machine_notices_per_user" doc:"How many notices about machines' mail one user may get within an hour."`
	RolloutRate       int    `json:"rollout_rate" doc:"How many conversations a rollout looks at in a second."`
	ReconcileAfter    string `json:"reconcile_after" example:"60s" doc:"How long something must have been left lying before the reconciler rings for it and tells."`
	KeepExplanations  int    `json:"keep_explanations_days" doc:"For how many days the reasons of runs are kept; 0: for ever. The runs stay."`
	KeepAttempts      int    `json:"keep_attempts_days" doc:"For how many days the attempts of deliveries that are at their end are kept; 0: for ever."`
	KeepRawMails      int    `json:"keep_raw_mails_days" doc:"For how many days mails are kept as they came; 0: for ever. Their messages stay."`
	KeepAudit         int    `json:"keep_audit_days" doc:"For how many days the audit is kept; 0: for ever."`

	AuthservIDs []string `json:"authserv_ids" doc:"The servers whose Authentication-Results count (RFC 8601); none: From counts as it is."`

	revision int64
}

func (s Settings) entity() (int64, any) {
	return s.revision, s
}

func showSettings(s conversation.Settings) Settings {
	return Settings{s.WorkflowUserName, s.WorkflowUserEmail, s.AutomaticSender, s.BaseURL, s.Limits.WorkflowHere, s.Limits.Here,
		s.Limits.Workflow,
		s.Limits.Recipient, s.Limits.RecipientSubject, s.Limits.RecipientDay, s.Limits.MachineNotices,
		s.RolloutRate, automation.FormatDuration(s.ReconcileAfter),
		s.Retention.Explanations, s.Retention.Attempts, s.Retention.RawMails, s.Retention.Audit,
		append([]string{}, s.AuthservIDs...), s.Revision}
}

type settings struct{ store settingStore }

func (h settings) get(ctx context.Context, _ access.Caller, _ *struct{}) (Settings, error) {
	s, err := h.store.Settings(ctx)
	return showSettings(s), err
}

type settingsPatch struct {
	Body struct {
		WorkflowUserName  *string `json:"workflow_user_name,omitempty" minLength:"1" maxLength:"20"`
		WorkflowUserEmail *string `json:"workflow_user_email,omitempty" maxLength:"254"`
		AutomaticSender   *string `json:"automatic_sender,omitempty" maxLength:"254"`
		BaseURL           *string `json:"base_url,omitempty" maxLength:"200"`
		RunsHere          int     `json:"runs_per_workflow_and_conversation,omitempty" minimum:"1" maximum:"1000000"`
		RunsAllHere       int     `json:"runs_per_conversation,omitempty" minimum:"1" maximum:"1000000"`
		RunsEverywhere    int     `json:"runs_per_workflow,omitempty" minimum:"1" maximum:"1000000"`
		MailsRecipient    int     `json:"mails_per_recipient,omitempty" minimum:"1" maximum:"10000"`
		MailsSubject      int     `json:"mails_per_recipient_and_subject,omitempty" minimum:"1" maximum:"10000"`
		MailsDay          int     `json:"mails_per_recipient_and_day,omitempty" minimum:"1" maximum:"10000"`
		MachineNotices    int     `json:"machine_notices_per_user,omitempty" minimum:"1" maximum:"10000"`
		RolloutRate       *int    `json:"rollout_rate,omitempty" minimum:"1" maximum:"10000"`
		ReconcileAfter    *string `json:"reconcile_after,omitempty" maxLength:"20" doc:"From 10s to 1h."`
		KeepExplanations  *int    `json:"keep_explanations_days,omitempty" minimum:"0" maximum:"36500" doc:"7 or more, or 0: for ever."`
		KeepAttempts      *int    `json:"keep_attempts_days,omitempty" minimum:"0" maximum:"36500" doc:"7 or more, or 0: for ever."`
		KeepRawMails      *int    `json:"keep_raw_mails_days,omitempty" minimum:"0" maximum:"36500" doc:"7 or more, or 0: for ever."`
		KeepAudit         *int    `json:"keep_audit_days,omitempty" minimum:"0" maximum:"36500" doc:"30 or more, or 0: for ever."`

		AuthservIDs *[]string `json:"authserv_ids,omitempty" maxItems:"20" doc:"All of them, such as mx.example.com: the first word of the Authentication-Results that your mail server writes."`
	}
}

func (h settings) patch(ctx context.Context, who access.Caller, in *settingsPatch) (Settings, error) {
	after, err := readSeconds("reconcile_after", in.Body.ReconcileAfter)
	if err != nil {
		return Settings{}, err
	}
	s, err := h.store.ChangeSettings(ctx, who, conversation.SettingsChange{
		WorkflowUserName: in.Body.WorkflowUserName, WorkflowUserEmail: in.Body.WorkflowUserEmail, BaseURL: in.Body.BaseURL,
		AutomaticSender: in.Body.AutomaticSender,
		Limits: conversation.Limits{WorkflowHere: in.Body.RunsHere, Here: in.Body.RunsAllHere, Workflow: in.Body.RunsEverywhere,
			Recipient: in.Body.MailsRecipient, RecipientSubject: in.Body.MailsSubject, RecipientDay: in.Body.MailsDay,
			MachineNotices: in.Body.MachineNotices},
		ReconcileAfter: after, RolloutRate: in.Body.RolloutRate,
		KeepExplanations: in.Body.KeepExplanations, KeepAttempts: in.Body.KeepAttempts, KeepRawMails: in.Body.KeepRawMails,
		KeepAudit:   in.Body.KeepAudit,
		AuthservIDs: in.Body.AuthservIDs,
	})
	return showSettings(s), err
}

// readSeconds reads a duration as workflows write it.
func readSeconds(path string, written *string) (*time.Duration, error) {
	if written == nil {
		return nil, nil
	}
	d, problem := automation.ParseDuration(*written)
	if problem != "" {
		return nil, errs.Bad("api.settings", "the setting is wrong", []errs.Problem{{Path: path, Message: problem}})
	}
	return &d, nil
}
