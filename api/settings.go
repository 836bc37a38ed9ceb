package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
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
	BaseURL           string `json:"base_url" doc:"Where people reach this installation; empty when not known."`
}

func showSettings(s conversation.Settings) Settings {
	return Settings{s.WorkflowUserName, s.WorkflowUserEmail, s.BaseURL}
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
		BaseURL           *string `json:"base_url,omitempty" maxLength:"200"`
	}
}

func (h settings) patch(ctx context.Context, who access.Caller, in *settingsPatch) (Settings, error) {
	s, err := h.store.ChangeSettings(ctx, who, conversation.SettingsChange{
		WorkflowUserName: in.Body.WorkflowUserName, WorkflowUserEmail: in.Body.WorkflowUserEmail, BaseURL: in.Body.BaseURL,
	})
	return showSettings(s), err
}
