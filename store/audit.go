package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// author is who made a change, as the audit keeps it. The zero author is the
// system: it happened by itself.
type author struct {
	conversation.Actor
	version int // of the workflow that did it
	who     access.Caller
}

// by is the caller, with his token and his request.
func by(who access.Caller) author { return author{Actor: who.Actor(), who: who} }

// byWorkflow is an action of a version.
func byWorkflow(id automation.DefinitionID, version int) author {
	return author{Actor: conversation.Actor{Kind: conversation.ActorWorkflow, ID: string(id)}, version: version}
}

// auditEntry is one change of configuration or of people, as it is kept for good:
// who, when, what it was and what it became.
type auditEntry struct {
	at         time.Time
	by         author
	verb       string // created, changed, published, …
	objectKind string
	objectID   string
	// mailbox is the object's: who manages it may read the entry. Empty: the
	// installation's, which admins read.
	mailbox conversation.MailboxID
	// before and after are encoded as JSON objects, of which only the keys that
	// differ are kept; nil when there was nothing. They hold no secret, and nothing
	// that a customer wrote.
	before any
	after  any
}

// insertAudit writes the entry, in the transaction of the change itself. A change
// that changed nothing leaves none.
func insertAudit(ctx context.Context, tx pgx.Tx, e auditEntry) error {
	before, after, same, err := auditDiff(e.before, e.after)
	if err != nil || same && e.verb == "changed" {
		return err
	}
	if e.by.Kind == "" {
		e.by.Kind = conversation.ActorSystem
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit (at, actor_kind, actor_id, actor_version, token_id, token_name, session_id, request_id, address,
			verb, object_kind, object_id, mailbox_id, before, after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		e.at, e.by.Kind, e.by.ID, e.by.version, e.by.who.TokenID, e.by.who.TokenName, e.by.who.SessionID, e.by.who.RequestID, e.by.who.Address,
		e.verb, e.objectKind, e.objectID, nullID(e.mailbox), before, after)
	return err
}
