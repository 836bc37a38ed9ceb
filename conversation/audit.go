package conversation

import (
	"encoding/json"
	"time"
)

// Audited is one change of configuration or of people.
type Audited struct {
	ID    int64
	At    time.Time
	Actor Actor
	// ActorName is the user's or the workflow's, also of one that is gone.
	ActorName string
	// ActorVersion is that of the workflow that did it, 0 when none did.
	ActorVersion int
	// TokenID and TokenName are of the token that was shown, SessionID of the session
	// it was done in, RequestID and Address of the request; empty when it was none.
	TokenID, TokenName string
	SessionID          string
	RequestID, Address string
	Verb               string
	ObjectKind         string
	ObjectID           string
	// MailboxID is the object's, empty for the installation's.
	MailboxID MailboxID
	// Before and After are JSON, nil when there was nothing. Of what changed they
	// hold the keys whose values differ.
	Before json.RawMessage
	After  json.RawMessage
}

// AuditFilter says which changes to list; what is empty does not narrow.
type AuditFilter struct {
	ObjectKind string
	ObjectID   string
	ActorID    string
	TokenID    string
	RequestID  string
	Verb       string
	MailboxID  MailboxID
	// From and To bound the time: From is included, To is not.
	From, To time.Time
}
