package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// auditStore keeps who changed what of what admins set up.
type auditStore interface {
	// Audit lists the newest first; page.After is a number.
	Audit(ctx context.Context, f conversation.AuditFilter, page conversation.Page) ([]conversation.Audited, error)
}

// AuditEntry is one change of what admins set up.
type AuditEntry struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	Actor      Author    `json:"actor" doc:"Who did it; system: it happened by itself."`
	Verb       string    `json:"verb" example:"paused"`
	ObjectKind string    `json:"object_kind" example:"workflow"`
	ObjectID   string    `json:"object_id"`
	Before     any       `json:"before" doc:"What it was; null when there was nothing."`
	After      any       `json:"after" doc:"What it became; null when there is nothing."`
}

func showAudited(a conversation.Audited) AuditEntry {
	out := AuditEntry{ID: a.ID, At: a.At, Actor: Author{a.Actor.Kind, a.Actor.ID}, Verb: a.Verb, ObjectKind: a.ObjectKind, ObjectID: a.ObjectID}
	if a.Before != nil {
		out.Before = json.RawMessage(a.Before)
	}
	if a.After != nil {
		out.After = json.RawMessage(a.After)
	}
	return out
}

type audits struct{ store auditStore }

type auditInput struct {
	PageInput
	ObjectKind string `query:"object_kind" maxLength:"50" doc:"workflow, user, mailbox, tag, token, settings, webhook"`
	ObjectID   string `query:"object_id" maxLength:"100"`
	ActorID    string `query:"actor_id" maxLength:"100" doc:"The user who did it."`
}

func (h audits) list(ctx context.Context, _ access.Caller, in *auditInput) (page[AuditEntry], error) {
	after, err := cursor(in.Cursor)
	if _, number := strconv.ParseInt(after, 10, 64); err != nil || after != "" && number != nil {
		return page[AuditEntry]{}, errCursor()
	}
	found, err := h.store.Audit(ctx, conversation.AuditFilter{ObjectKind: in.ObjectKind, ObjectID: in.ObjectID, ActorID: in.ActorID},
		conversation.Page{Limit: in.Limit + 1, After: after})
	return render(in.PageInput, found, func(a conversation.Audited) string { return strconv.FormatInt(a.ID, 10) }, showAudited), err
}
