package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// How long a session lives: unused, and at most.
const (
	SessionIdle = 8 * time.Hour
	SessionLife = 30 * 24 * time.Hour
)

// Session is somebody who logged in with a browser. Its secret is in the
// browser's cookie and nowhere else.
type Session struct {
	ID        string
	User      conversation.User
	CreatedAt time.Time
	ExpiresAt time.Time // however much it is used
}

// SessionSecret returns the cookie's value for 256 random bits.
func SessionSecret(random [32]byte) string { return base64.RawURLEncoding.EncodeToString(random[:]) }

// SessionWellFormed reports whether s can be a session's secret at all.
func SessionWellFormed(s string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == 32
}

// CSRFToken is what a session's writes carry in a header. Only who may read our
// answers knows it; the cookie, which a browser sends with everybody's requests,
// cannot be told from it.
func CSRFToken(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("csrf"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CSRFMatches tells, in constant time, whether the token is the session's.
func CSRFMatches(secret, token string) bool {
	return hmac.Equal([]byte(CSRFToken(secret)), []byte(token))
}
