package conversation

import "time"

// Stale is the error of a write whose author had read what is not there any longer.
// It wraps an error of the kind errs.Stale, whose message says all of it.
type Stale struct {
	Err error
	// By, Name, At and Verb say who changed it last, when, and what was done; At is
	// zero when that is not known.
	By   Actor
	Name string
	At   time.Time
	Verb string
}

// Error is the wrapped error's.
func (s *Stale) Error() string { return s.Err.Error() }

// Unwrap returns the error that has the kind.
func (s *Stale) Unwrap() error { return s.Err }
