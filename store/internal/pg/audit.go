package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Author is who made a change, as the audit keeps it. The zero author is the
// system: it happened by itself.
type Author struct {
	conversation.Actor
	version int // of the workflow that did it
	who     access.Caller
}

// By is the caller, with their token and their request.
func By(who access.Caller) Author { return Author{Actor: who.Actor(), who: who} }

// ByWorkflow is an action of a version.
func ByWorkflow(id automation.DefinitionID, version int) Author {
	return Author{Actor: conversation.Actor{Kind: conversation.ActorWorkflow, ID: string(id)}, version: version}
}

// AuditEntry is one change of configuration or of people, as it is kept for good:
// who, when, what it was and what it became.
type AuditEntry struct {
	At         time.Time
	By         Author
	Verb       string // created, changed, published, …
	ObjectKind string
	ObjectID   string
	// Mailbox is the object's: who manages it may read the entry. Empty: the
	// installation's, which admins read.
	Mailbox conversation.MailboxID
	// Before and after are encoded as JSON objects, of which only the keys that
	// differ are kept; nil when there was nothing. They hold no secret, and nothing
	// that a customer wrote.
	Before any
	After  any
}

// InsertAudit writes the entry, in the transaction of the change itself. A change
// that changed nothing leaves none.
func InsertAudit(ctx context.Context, tx pgx.Tx, e AuditEntry) error {
	before, after, same, err := auditDiff(e.Before, e.After)
	if err != nil || same && e.Verb == "changed" {
		return err
	}
	if e.By.Kind == "" {
		e.By.Kind = conversation.ActorSystem
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit (at, actor_kind, actor_id, actor_version, token_id, token_name, session_id, request_id, address,
			verb, object_kind, object_id, mailbox_id, before, after)
		VALUES (@at, @actor_kind, @actor_id, @actor_version, @token_id, @token_name, @session_id, @request_id, @address,
			@verb, @object_kind, @object_id, @mailbox_id, @before, @after)`, pgx.NamedArgs{
		"at":            e.At,
		"actor_kind":    e.By.Kind,
		"actor_id":      e.By.ID,
		"actor_version": e.By.version,
		"token_id":      e.By.who.TokenID,
		"token_name":    e.By.who.TokenName,
		"session_id":    e.By.who.SessionID,
		"request_id":    e.By.who.RequestID,
		"address":       e.By.who.Address,
		"verb":          e.Verb,
		"object_kind":   e.ObjectKind,
		"object_id":     e.ObjectID,
		"mailbox_id":    NullID(e.Mailbox),
		"before":        before,
		"after":         after,
	})
	return err
}
