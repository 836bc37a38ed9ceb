package access

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Token is what is known of a token; the token itself is shown once, when it is
// made.
type Token struct {
	ID        string
	UserID    conversation.UserID
	Name      string
	Prefix    string // the first characters, to tell it from others
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
}
