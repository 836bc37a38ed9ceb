package directory

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Settings returns the installation's settings; what was never set has its
// default.
func (s *Store) Settings(ctx context.Context) (conversation.Settings, error) {
	set, err := tables.ReadSettings(ctx, s.db.Pool)
	return set, pg.Classify("store.Settings", err)
}

// ChangeSettings changes what ch names, and returns all settings.
//
// Errors: errs.Invalid (with problems), errs.Stale.
func (s *Store) ChangeSettings(ctx context.Context, who access.Caller, ch conversation.SettingsChange) (conversation.Settings, error) {
	const op = "store.ChangeSettings"
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Settings, error) {
		var out conversation.Settings
		// Rows that are not there yet cannot be locked one by one.
		if _, err := tx.Exec(ctx, `LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return out, err
		}
		before, err := tables.ReadSettings(ctx, tx)
		if err != nil {
			return out, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "settings", "", before.Revision); err != nil {
			return out, err
		}
		out = before
		pg.Set(&out.WorkflowUserName, ch.WorkflowUserName)
		pg.Set(&out.WorkflowUserEmail, ch.WorkflowUserEmail)
		pg.Set(&out.AutomaticSender, ch.AutomaticSender)
		pg.Set(&out.BaseURL, ch.BaseURL)
		var p pg.Problems
		if out.WorkflowUserEmail != "" {
			out.WorkflowUserEmail = p.Address("workflow_user_email", out.WorkflowUserEmail)
		}
		if out.AutomaticSender != "" {
			out.AutomaticSender = p.Address("automatic_sender", out.AutomaticSender)
		}
		out.Limits = changeLimits(&p, ch.Limits, before.Limits)
		out.Retention = changeRetention(&p, ch, before.Retention)
		pg.Set(&out.AuthservIDs, ch.AuthservIDs)
		out.AuthservIDs = cleanAuthservIDs(&p, out.AuthservIDs)
		pg.Set(&out.RolloutRate, ch.RolloutRate)
		if out.RolloutRate < 1 || out.RolloutRate > conversation.MaxRolloutRate {
			p.Add("rollout_rate", "this must be a whole number from 1 to 10,000")
		}
		pg.Set(&out.ReconcileAfter, ch.ReconcileAfter)
		if out.ReconcileAfter < conversation.MinReconcileAfter || out.ReconcileAfter > conversation.MaxReconcileAfter {
			p.Add("reconcile_after", "this must be from 10s to 1h")
		}
		out.WorkflowUserName = p.Line("workflow_user_name", out.WorkflowUserName, 1, conversation.MaxWorkflowUserName)
		if u, err := url.Parse(out.BaseURL); out.BaseURL != "" &&
			(err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(out.BaseURL) > 200) {
			p.Add("base_url", "this must be an http or https address")
		}
		if err := p.Err(op); err != nil {
			return out, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return out, err
		}
		values, err := json.Marshal(settingValues(out))
		if err != nil {
			return out, err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO settings (key, value, updated_at) SELECT key, value, $2 FROM jsonb_each($1) ORDER BY key
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, values, now); err != nil {
			return out, err
		}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "settings",
			Before:     settingValues(before),
			After:      settingValues(out),
		}); err != nil {
			return out, err
		}
		out, err = tables.ReadSettings(ctx, tx)
		return out, err
	})
}

// settingValues are the settings as they are kept, by their keys.
func settingValues(s conversation.Settings) map[string]any {
	return map[string]any{
		tables.SettingWorkflowUser: s.WorkflowUserName, tables.SettingUserEmail: s.WorkflowUserEmail, tables.SettingBaseURL: s.BaseURL,
		tables.SettingAutoSender: s.AutomaticSender,
		tables.SettingLimits:     tables.LimitsRow(s.Limits), tables.SettingReconcileAfter: int(s.ReconcileAfter / time.Second),
		tables.SettingRolloutRate: s.RolloutRate, tables.SettingRetention: tables.RetentionRow(s.Retention),
		tables.SettingAuthserv: pg.List(s.AuthservIDs),
	}
}
