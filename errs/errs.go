// Package errs gives an error a kind, so that each edge (HTTP, SMTP, Temporal)
// can translate it once without knowing where it came from.
package errs

import (
	"errors"
	"strings"
)

// Kind says what a caller may do about an error.
type Kind int

// The zero Kind is Internal: an error nobody classified is a bug, and its
// caller learns nothing more than that.
const (
	Internal    Kind = iota // a bug or unknown; the caller learns nothing more
	Invalid                 // this input can never work
	NotFound                // what the caller named does not exist, or is not theirs to see
	Conflict                // the thing exists already, or its state does not allow it
	Forbidden               // known caller, not allowed
	Unavailable             // may work later
	Stale                   // the caller had read what is not there any longer; reading again helps
)

// String returns the kind in lower case, as it appears in logs and in
// Temporal's error types.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not_found"
	case Conflict:
		return "conflict"
	case Forbidden:
		return "forbidden"
	case Unavailable:
		return "unavailable"
	case Stale:
		return "stale"
	default:
		return "internal"
	}
}

// Problem is one thing that is wrong with an input: where it stands (a JSON
// path such as conditions[0].any[1].value; empty for the whole) and a sentence
// for its reader.
type Problem struct {
	Path    string
	Message string
}

// Error is an error of a kind.
type Error struct {
	// Op names the operation at a package's boundary, such as "store.Receive".
	// It is for logs.
	Op string
	// Kind decides what the caller may do.
	Kind Kind
	// Message is for the caller. It never holds internals or a customer's words.
	Message string
	// Problems lists what is wrong with an Invalid input, in the input's order.
	Problems []Problem
	// Cause is for logs only.
	Cause error
}

// New returns an error of the kind with a message for its reader.
func New(op string, kind Kind, message string) *Error {
	return &Error{Op: op, Kind: kind, Message: message}
}

// Wrap returns cause as an error of the kind. The message is what the caller
// may see; the cause goes to the log.
func Wrap(op string, kind Kind, message string, cause error) *Error {
	return &Error{Op: op, Kind: kind, Message: message, Cause: cause}
}

// Bad returns an Invalid error that lists problems.
func Bad(op, message string, problems []Problem) *Error {
	return &Error{Op: op, Kind: Invalid, Message: message, Problems: problems}
}

// Error returns everything there is to know, for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	if e.Message != "" {
		b.WriteString(e.Message)
	} else {
		b.WriteString(e.Kind.String())
	}
	for _, p := range e.Problems {
		b.WriteString("; ")
		b.WriteString(p.Path)
		b.WriteString(": ")
		b.WriteString(p.Message)
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of the outermost Error in err's chain, Internal when
// there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is says whether err is of the kind. No error is of none, and one that nobody classified
// is Internal.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Message returns what the caller may see of err. It is never empty.
func Message(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal && e.Message != "" {
		return e.Message
	}
	switch KindOf(err) {
	case Unavailable:
		return "not available now, try again"
	case NotFound:
		return "not found"
	default:
		return "internal error"
	}
}

// Problems returns what is wrong with the input, if err tells.
func Problems(err error) []Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}
