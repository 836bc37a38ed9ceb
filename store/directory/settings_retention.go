package directory

import (
	"fmt"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// retention takes over what ch names.
func changeRetention(p *pg.Problems, ch conversation.SettingsChange, before conversation.Retention) conversation.Retention {
	one := func(path string, to *int, was, atLeast int) int {
		switch {
		case to == nil:
			return was
		case *to != 0 && (*to < atLeast || *to > conversation.MaxRetention):
			p.Add(path, fmt.Sprintf("this must be from %d to %d days, or 0: for ever", atLeast, conversation.MaxRetention))
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
