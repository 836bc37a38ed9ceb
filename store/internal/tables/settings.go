package tables

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// DecodeReconcileAfter reads the setting, in seconds.
func DecodeReconcileAfter(raw []byte) (time.Duration, error) {
	if len(raw) == 0 {
		return conversation.DefaultReconcileAfter, nil
	}
	var seconds int
	err := json.Unmarshal(raw, &seconds)
	return time.Duration(seconds) * time.Second, err
}

// DecodeRolloutRate reads the setting: conversations in a second.
func DecodeRolloutRate(raw []byte) (int, error) {
	rate := conversation.DefaultRolloutRate
	if len(raw) == 0 {
		return rate, nil
	}
	if err := json.Unmarshal(raw, &rate); err != nil || rate < 1 {
		return 0, errs.New("store.decodeRolloutRate", errs.Internal, "the setting rollout_rate cannot be read")
	}
	return rate, nil
}

// Keys of the settings table.
const (
	SettingWorkflowUser = "workflow_user_name"
	SettingUserEmail    = "workflow_user_email"
	SettingBaseURL      = "base_url"
	SettingAutoSender   = "automatic_sender"
	SettingLimits       = "limits"
	// In seconds.
	SettingReconcileAfter = "reconcile_after"
	SettingRolloutRate    = "rollout_rate"
	SettingRetention      = "retention"
	SettingAuthserv       = "authserv_ids"
)

// ReadSettings reads all settings; what was never set has its default.
func ReadSettings(ctx context.Context, q pg.Querier) (conversation.Settings, error) {
	out := conversation.Settings{WorkflowUserName: conversation.DefaultWorkflowUserName, Limits: conversation.DefaultLimits,
		ReconcileAfter: conversation.DefaultReconcileAfter, RolloutRate: conversation.DefaultRolloutRate}
	rows, err := q.Query(ctx, `SELECT key, value, revision FROM settings ORDER BY key`)
	if err != nil {
		return out, err
	}
	var key string
	var raw []byte
	var revision int64
	_, err = pgx.ForEachRow(rows, []any{&key, &raw, &revision}, func() error {
		out.Revision += revision // rows are changed and added, never taken away
		switch key {
		case SettingWorkflowUser:
			return json.Unmarshal(raw, &out.WorkflowUserName)
		case SettingUserEmail:
			return json.Unmarshal(raw, &out.WorkflowUserEmail)
		case SettingAutoSender:
			return json.Unmarshal(raw, &out.AutomaticSender)
		case SettingBaseURL:
			return json.Unmarshal(raw, &out.BaseURL)
		case SettingLimits:
			var err error
			out.Limits, err = decodeLimits(raw)
			return err
		case SettingAuthserv:
			return json.Unmarshal(raw, &out.AuthservIDs)
		case SettingRolloutRate:
			return json.Unmarshal(raw, &out.RolloutRate)
		case SettingRetention:
			return decodeRetention(raw, &out.Retention)
		case SettingReconcileAfter:
			var err error
			out.ReconcileAfter, err = DecodeReconcileAfter(raw)
			return err
		}
		return nil
	})
	return out, err
}

// LimitsRow is how the limits are kept, and how callers write them.
type LimitsRow struct {
	WorkflowHere int `json:"runs_per_workflow_and_conversation"`
	Here         int `json:"runs_per_conversation"`
	Workflow     int `json:"runs_per_workflow"`

	Recipient        int `json:"mails_per_recipient"`
	RecipientSubject int `json:"mails_per_recipient_and_subject"`
	RecipientDay     int `json:"mails_per_recipient_and_day"`
	MachineNotices   int `json:"machine_notices_per_user"`
}

// decodeLimits reads the limits; what was never set has its default.
func decodeLimits(raw []byte) (conversation.Limits, error) {
	var row LimitsRow
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &row); err != nil {
			return conversation.DefaultLimits, err
		}
	}
	return conversation.Limits(row).OrDefault(), nil
}

// RetentionRow is how it is kept for how many days what is kept.
type RetentionRow struct {
	Explanations int `json:"explanations"`
	Attempts     int `json:"attempts"`
	RawMails     int `json:"raw_mails"`
	Audit        int `json:"audit"`
}

func decodeRetention(raw []byte, out *conversation.Retention) error {
	var row RetentionRow
	err := json.Unmarshal(raw, &row)
	*out = conversation.Retention(row)
	return err
}
