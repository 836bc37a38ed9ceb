package pg

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// NewID returns a fresh UUIDv7.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// NullTime maps the zero time to NULL.
func NullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// NullID maps the empty id to NULL.
func NullID[T ~string](id T) *string {
	if id == "" {
		return nil
	}
	s := string(id)
	return &s
}

// OrZero maps NULL to the zero value.
func OrZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// List maps nil to an empty array, which is what NOT NULL columns hold.
func List[S ~string](in []S) []S {
	if in == nil {
		return []S{}
	}
	return in
}

// IsID reports whether the database can look for the id at all. One that it cannot
// look for is missing like any other.
func IsID[T ~string](id T) bool {
	return len(id) == 36 && uuid.Validate(string(id)) == nil && strings.ToLower(string(id)) == string(id)
}
