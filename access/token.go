package access

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Scope is what a token is good for, whoever's it is.
type Scope string

// The scopes. None includes another.
const (
	ScopeRead   Scope = "read"
	ScopeWrite  Scope = "write"
	ScopeManage Scope = "manage"
)

// AllScopes is what a token is good for unless it says less.
func AllScopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeManage} }

// Token is what is known of a token; the token itself is shown once, when it is
// made.
type Token struct {
	ID        string
	UserID    conversation.UserID
	Name      string
	Prefix    string // the first characters, to tell it from others
	Scopes    []Scope
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
	// LastUsedAt is right to the minute; zero: never used.
	LastUsedAt time.Time
}
