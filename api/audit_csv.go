package api

import (
	"context"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// auditColumns are the names of what auditRow returns.
var auditColumns = []string{
	"id", "at", "actor_kind", "actor_id", "actor_name", "actor_version", "token_id", "token_name", "session_id",
	"verb", "object_kind", "object_id", "mailbox_id", "before", "after", "request_id", "address",
}

func auditRow(a conversation.Audited) []string {
	version := ""
	if a.ActorVersion > 0 {
		version = strconv.Itoa(a.ActorVersion)
	}
	return []string{
		strconv.FormatInt(a.ID, 10), a.At.UTC().Format(time.RFC3339Nano), string(a.Actor.Kind), a.Actor.ID, a.ActorName, version, a.TokenID,
		a.TokenName, a.SessionID,
		a.Verb, a.ObjectKind, a.ObjectID, string(a.MailboxID), string(a.Before), string(a.After), a.RequestID, a.Address,
	}
}

// table begins an export, the newest first.
func (h audits) table(_ context.Context, who access.Caller, in *AuditQuery) csvRows {
	after := ""
	return func(ctx context.Context) ([][]string, error) {
		found, err := h.store.Audit(ctx, who, in.filter(), conversation.Page{Limit: csvPage, After: after})
		rows := make([][]string, len(found))
		for i, a := range found {
			rows[i], after = auditRow(a), strconv.FormatInt(a.ID, 10)
		}
		return rows, err
	}
}
