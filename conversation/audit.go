package conversation

import (
	"encoding/json"
	"time"
)

// Audited is one change of what admins set up.
type Audited struct {
	ID         int64
	At         time.Time
	Actor      Actor
	Verb       string
	ObjectKind string
	ObjectID   string
	// Before and After are JSON, nil when there was nothing.
	Before json.RawMessage
	After  json.RawMessage
}

// AuditFilter says which changes to list; what is empty does not narrow.
type AuditFilter struct {
	ObjectKind string
	ObjectID   string
	ActorID    string
}
