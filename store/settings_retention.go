package store

import (
	"encoding/json"
	"fmt"

	"github.com/smarticks/smarticks/conversation"
)

// retentionRow is how it is kept for how many days what is kept.
type retentionRow struct {
	Explanations int `json:"explanations"`
	Attempts     int `json:"attempts"`
	RawMails     int `json:"raw_mails"`
	Audit        int `json:"audit"`
}

func decodeRetention(raw []byte, out *conversation.Retention) error {
	var row retentionRow
	err := json.Unmarshal(raw, &row)
	*out = conversation.Retention(row)
	return err
}

// retention takes over what ch names.
func changeRetention(p *problems, ch conversation.SettingsChange, before conversation.Retention) conversation.Retention {
	one := func(path string, to *int, was, atLeast int) int {
		switch {
		case to == nil:
			return was
		case *to != 0 && (*to < atLeast || *to > conversation.MaxRetention):
			p.add(path, fmt.Sprintf("this must be from %d to %d days, or 0: for ever", atLeast, conversation.MaxRetention))
		}
		return *to
	}
	return conversation.Retention{
		Explanations: one("keep_explanations_days", ch.KeepExplanations, before.Explanations, conversation.MinRetention),
		Attempts:     one("keep_attempts_days", ch.KeepAttempts, before.Attempts, conversation.MinRetention),
		RawMails:     one("keep_raw_mails_days", ch.KeepRawMails, before.RawMails, conversation.MinRetention),
		Audit:        one("keep_audit_days", ch.KeepAudit, before.Audit, conversation.MinAuditRetention),
	}
}
