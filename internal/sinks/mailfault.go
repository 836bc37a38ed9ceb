package sinks

import (
	"slices"

	"github.com/emersion/go-smtp"
)

// Stage is where in the dialogue the mail sink refuses.
type Stage string

const (
	AtMail Stage = "mail" // the sender
	AtRcpt Stage = "rcpt" // a recipient
	AtData Stage = "data" // after the final dot

	dropStored   Stage = "drop stored"
	dropUnstored Stage = "drop unstored"
)

type fault struct {
	stage Stage
	code  int // of the refusal
}

// Refuse makes the sink answer the next n times at stage with code (4xx or 5xx).
func (m *Mail) Refuse(stage Stage, code, n int) { m.plan(fault{stage, code}, n) }

// DropAfterDot makes the sink cut the connection n times after the final dot instead
// of answering, having stored the mail or not: the sender cannot tell which.
func (m *Mail) DropAfterDot(stored bool, n int) {
	stage := dropUnstored
	if stored {
		stage = dropStored
	}
	m.plan(fault{stage: stage}, n)
}

func (m *Mail) plan(f fault, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = append(m.faults, slices.Repeat([]fault{f}, n)...)
}

func (m *Mail) next(stage Stage) (fault, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.faults, func(f fault) bool { return f.stage == stage })
	if i < 0 {
		return fault{}, false
	}
	f := m.faults[i]
	m.faults = slices.Delete(m.faults, i, i+1)
	return f, true
}

func (m *Mail) take(stage Stage) bool {
	_, ok := m.next(stage)
	return ok
}

// refusal is the planned answer at stage; it must reach go-smtp as it is, not wrapped.
func (m *Mail) refusal(stage Stage) error {
	f, ok := m.next(stage)
	if !ok {
		return nil
	}
	return &smtp.SMTPError{Code: f.code, EnhancedCode: smtp.EnhancedCode{f.code / 100, 0, 0}, Message: "refused by the sink as planned"}
}
