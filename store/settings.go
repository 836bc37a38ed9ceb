package store

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// Keys of the settings table.
const (
	settingWorkflowUser = "workflow_user_name"
	settingUserEmail    = "workflow_user_email"
	settingBaseURL      = "base_url"
	settingAutoSender   = "automatic_sender"
	settingLimits       = "limits"
	// In seconds.
	settingReconcileAfter = "reconcile_after"
	settingRolloutRate    = "rollout_rate"
	settingRetention      = "retention"
	settingAuthserv       = "authserv_ids"
)

// Settings returns the installation's settings; what was never set has its
// default.
func (s *Store) Settings(ctx context.Context) (conversation.Settings, error) {
	set, err := readSettings(ctx, s.db.pool)
	return set, classify("store.Settings", err)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func readSettings(ctx context.Context, q querier) (conversation.Settings, error) {
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
		case settingWorkflowUser:
			return json.Unmarshal(raw, &out.WorkflowUserName)
		case settingUserEmail:
			return json.Unmarshal(raw, &out.WorkflowUserEmail)
		case settingAutoSender:
			return json.Unmarshal(raw, &out.AutomaticSender)
		case settingBaseURL:
			return json.Unmarshal(raw, &out.BaseURL)
		case settingLimits:
			var err error
			out.Limits, err = decodeLimits(raw)
			return err
		case settingAuthserv:
			return json.Unmarshal(raw, &out.AuthservIDs)
		case settingRolloutRate:
			return json.Unmarshal(raw, &out.RolloutRate)
		case settingRetention:
			return decodeRetention(raw, &out.Retention)
		case settingReconcileAfter:
			var err error
			out.ReconcileAfter, err = decodeReconcileAfter(raw)
			return err
		}
		return nil
	})
	return out, err
}

// ChangeSettings changes what ch names, and returns all settings.
//
// Errors: errs.Invalid (with problems), errs.Stale.
func (s *Store) ChangeSettings(ctx context.Context, who access.Caller, ch conversation.SettingsChange) (conversation.Settings, error) {
	const op = "store.ChangeSettings"
	var out conversation.Settings
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		// Rows that are not there yet cannot be locked one by one.
		if _, err := tx.Exec(ctx, `LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		before, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		if err := matchRevision(ctx, tx, who, "settings", "", before.Revision); err != nil {
			return err
		}
		out = before
		set(&out.WorkflowUserName, ch.WorkflowUserName)
		set(&out.WorkflowUserEmail, ch.WorkflowUserEmail)
		set(&out.AutomaticSender, ch.AutomaticSender)
		set(&out.BaseURL, ch.BaseURL)
		var p problems
		if out.WorkflowUserEmail != "" {
			out.WorkflowUserEmail = p.address("workflow_user_email", out.WorkflowUserEmail)
		}
		if out.AutomaticSender != "" {
			out.AutomaticSender = p.address("automatic_sender", out.AutomaticSender)
		}
		out.Limits = changeLimits(&p, ch.Limits, before.Limits)
		out.Retention = changeRetention(&p, ch, before.Retention)
		set(&out.AuthservIDs, ch.AuthservIDs)
		out.AuthservIDs = cleanAuthservIDs(&p, out.AuthservIDs)
		set(&out.RolloutRate, ch.RolloutRate)
		if out.RolloutRate < 1 || out.RolloutRate > conversation.MaxRolloutRate {
			p.add("rollout_rate", "this must be a whole number from 1 to 10,000")
		}
		set(&out.ReconcileAfter, ch.ReconcileAfter)
		if out.ReconcileAfter < conversation.MinReconcileAfter || out.ReconcileAfter > conversation.MaxReconcileAfter {
			p.add("reconcile_after", "this must be from 10s to 1h")
		}
		out.WorkflowUserName = p.line("workflow_user_name", out.WorkflowUserName, 1, conversation.MaxWorkflowUserName)
		if u, err := url.Parse(out.BaseURL); out.BaseURL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(out.BaseURL) > 200) {
			p.add("base_url", "this must be an http or https address")
		}
		if err := p.err(op); err != nil {
			return err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		values, err := json.Marshal(settingValues(out))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO settings (key, value, updated_at) SELECT key, value, $2 FROM jsonb_each($1) ORDER BY key
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, values, now); err != nil {
			return err
		}
		if err := insertAudit(ctx, tx, auditEntry{now, by(who), "changed", "settings", "", "", settingValues(before), settingValues(out)}); err != nil {
			return err
		}
		out, err = readSettings(ctx, tx)
		return err
	})
	return out, err
}

// settingValues are the settings as they are kept, by their keys.
func settingValues(s conversation.Settings) map[string]any {
	return map[string]any{
		settingWorkflowUser: s.WorkflowUserName, settingUserEmail: s.WorkflowUserEmail, settingBaseURL: s.BaseURL,
		settingAutoSender: s.AutomaticSender,
		settingLimits:     limitsRow(s.Limits), settingReconcileAfter: int(s.ReconcileAfter / time.Second),
		settingRolloutRate: s.RolloutRate, settingRetention: retentionRow(s.Retention),
		settingAuthserv: list(s.AuthservIDs),
	}
}
