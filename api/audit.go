package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// auditStore keeps who changed what of configuration and of people.
type auditStore interface {
	// Audit lists the newest first, what the caller may read; page.After is a number.
	Audit(ctx context.Context, who access.Caller, f conversation.AuditFilter, page conversation.Page) ([]conversation.Audited, error)
}

// AuditEntry is one change of configuration or of people.
type AuditEntry struct {
	ID         int64                  `json:"id"`
	At         time.Time              `json:"at"`
	Actor      AuditActor             `json:"actor"`
	Verb       string                 `json:"verb" example:"published"`
	ObjectKind string                 `json:"object_kind" example:"workflow"`
	ObjectID   string                 `json:"object_id"`
	MailboxID  conversation.MailboxID `json:"mailbox_id,omitempty" doc:"The object's; missing for what is the installation's."`
	Before     any                    `json:"before" doc:"What it was; of a change only what differs. null when there was nothing."`
	After      any                    `json:"after" doc:"What it became; of a change only what differs. null when there is nothing."`
	RequestID  string                 `json:"request_id,omitempty" doc:"X-Request-Id of the request, which the log has too."`
	Address    string                 `json:"address,omitempty" doc:"Where the request came from: of a proxy, if there is one."`
}

// AuditActor is who did it, and with what.
type AuditActor struct {
	Kind      conversation.ActorKind `json:"kind" enum:"user,workflow,system" doc:"system: it happened by itself, or on the command line."`
	ID        string                 `json:"id,omitempty"`
	Name      string                 `json:"name,omitempty" doc:"As it is called now, or was when it was deleted."`
	Version   int                    `json:"version,omitempty" doc:"Of the workflow."`
	TokenID   string                 `json:"token_id,omitempty"`
	TokenName string                 `json:"token_name,omitempty" doc:"As it was called then."`
	SessionID string                 `json:"session_id,omitempty" doc:"Of who was logged in."`
}

func showAudited(a conversation.Audited) AuditEntry {
	out := AuditEntry{
		ID: a.ID, At: a.At, Verb: a.Verb, ObjectKind: a.ObjectKind, ObjectID: a.ObjectID, MailboxID: a.MailboxID, RequestID: a.RequestID,
		Address: a.Address,
		Actor:   AuditActor{a.Actor.Kind, a.Actor.ID, a.ActorName, a.ActorVersion, a.TokenID, a.TokenName, a.SessionID},
	}
	if a.Before != nil {
		out.Before = json.RawMessage(a.Before)
	}
	if a.After != nil {
		out.After = json.RawMessage(a.After)
	}
	return out
}

type audits struct{ store auditStore }

// AuditQuery narrows what is listed; what is missing does not. It is exported
// because huma passes over embedded structs that are not.
type AuditQuery struct {
	ObjectKind string    `query:"object_kind" maxLength:"50" doc:"workflow, user, mailbox, folder, field, tag, token, settings, webhook, rollout, delivery, conversation"`
	ObjectID   string    `query:"object_id" maxLength:"100"`
	ActorID    string    `query:"actor_id" maxLength:"100" doc:"The user or the workflow that did it."`
	TokenID    string    `query:"token_id" maxLength:"100" doc:"The token that was shown."`
	RequestID  string    `query:"request_id" maxLength:"100"`
	Verb       string    `query:"verb" maxLength:"50" doc:"created, changed, published, …"`
	MailboxID  string    `query:"mailbox_id" maxLength:"100" doc:"What belongs to this mailbox."`
	From       time.Time `query:"from" doc:"Not before: 2026-03-01T00:00:00Z."`
	To         time.Time `query:"to" doc:"Before."`
}

func (q AuditQuery) filter() conversation.AuditFilter {
	return conversation.AuditFilter{
		ObjectKind: q.ObjectKind, ObjectID: q.ObjectID, ActorID: q.ActorID, TokenID: q.TokenID, RequestID: q.RequestID, Verb: q.Verb,
		MailboxID: conversation.MailboxID(q.MailboxID), From: q.From, To: q.To,
	}
}

type auditInput struct {
	PageInput
	AuditQuery
}

func (h audits) list(ctx context.Context, who access.Caller, in *auditInput) (page[AuditEntry], error) {
	after, err := cursor(in.Cursor)
	if _, number := strconv.ParseInt(after, 10, 64); err != nil || after != "" && number != nil {
		return page[AuditEntry]{}, errCursor()
	}
	found, err := h.store.Audit(ctx, who, in.filter(), conversation.Page{Limit: in.Limit + 1, After: after})
	return render(in.PageInput, found, func(a conversation.Audited) string { return strconv.FormatInt(a.ID, 10) }, showAudited), err
}

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
