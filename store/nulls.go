package store

import (
	"time"

	"github.com/google/uuid"
)

// NewID returns a fresh UUIDv7.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// nullTime maps the zero time to NULL.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// nullID maps the empty id to NULL.
func nullID[T ~string](id T) *string {
	if id == "" {
		return nil
	}
	s := string(id)
	return &s
}

// orZero maps NULL to the zero value.
func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// list maps nil to an empty array, which is what NOT NULL columns hold.
func list[S ~string](in []S) []S {
	if in == nil {
		return []S{}
	}
	return in
}
