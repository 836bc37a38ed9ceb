package automation

import "time"

// Truth is the value of a condition.
type Truth int

// The truth values. Unknown is what cannot be told: the fact is not there (the
// waiting time of a conversation where nobody waits). It never makes a workflow
// run; Why says why it is unknown.
const (
	Unknown Truth = iota
	False
	True
)

// String returns unknown, false or true.
func (t Truth) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	default:
		return "unknown"
	}
}

// Verdict is what one version says about the facts, with every condition's outcome:
// the explanation of a run and the answer to "why not" are the same value.
type Verdict struct {
	Holds  Truth
	Groups []GroupOutcome
}

// GroupOutcome is the outcome of one group; it holds when any condition holds.
type GroupOutcome struct {
	Holds Truth
	Rows  []ConditionOutcome
}

// ConditionOutcome is the outcome of one condition.
type ConditionOutcome struct {
	Holds Truth
	// Sentence is the condition in words.
	Sentence string
	// Actual is the value that was looked at, shortened to 200 characters.
	Actual string
	// Why says why it is unknown, or what was cut (longer text than is matched).
	Why string
}

// Due is an instant at which a workflow's date conditions make its conditions true.
type Due struct {
	DefinitionID DefinitionID
	VersionID    VersionID
	Row          string // path of the date condition: conditions[0].any[1]
	Episode      string // what the condition counts from, the key of Used.Episodes: waiting_since.longer_than@2026-11-23T01:35:00.000000Z
	At           time.Time
	// Spread is by how much At was moved later, so that not all conversations come
	// due in the same second: see MaxSpread.
	Spread time.Duration
	// DueAt is when it was due first, where it waits until its mail may go; At is
	// when that will be looked at again, Held why it waits. Zero: it does not wait.
	DueAt time.Time
	Held  string
}

// Waits reports whether it was due already and waits until its mail may go.
func (d Due) Waits() bool { return !d.DueAt.IsZero() }

// Used says which episodes of a definition's date conditions are used up, and how
// many runs it had on this conversation. Runs of watch mode are counted apart.
type Used struct {
	Runs     int
	Episodes map[string]bool // key: Due.Episode
	Origins  map[int64]bool  // seqs of the origin events it ran for
}
