package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Evaluate says whether the conditions hold, with every condition's outcome: conditions are
// listed in the definition's order, also those that decided nothing any longer.
//
// A group is true when a condition is true, false when all are false, else unknown; the
// whole is true when all groups are true, false when one is false, else unknown.
// Only True lets a workflow run. Facts.Now is the time; nothing else is asked.
func (p *Program) Evaluate(f conversation.Facts) Verdict { return p.EvaluatePrepared(Prepare(f)) }

// EvaluatePrepared is Evaluate for facts that several programs look at.
func (p *Program) EvaluatePrepared(f *Prepared) Verdict {
	v := Verdict{Holds: p.vacuous(), Groups: make([]GroupOutcome, len(p.groups))}
	for i, g := range p.groups {
		outcome := GroupOutcome{Holds: False, Rows: make([]ConditionOutcome, len(g.rows))}
		for j, r := range g.rows {
			row := ConditionOutcome{Holds: r.holds(f), Sentence: r.sentence}
			row.Actual, row.Why = r.look(f)
			outcome.Rows[j] = row
			outcome.Holds = or(outcome.Holds, row.Holds)
		}
		v.Groups[i] = outcome
		v.Holds = and(v.Holds, outcome.Holds)
	}
	return v
}

// Holds is EvaluatePrepared(f).Holds, found with as little work as possible:
// cheap conditions first, and no more than needed. It is for the many workflows that
// do not hold, whose conditions nobody asks for.
func (p *Program) Holds(f *Prepared) Truth {
	holds := p.vacuous()
	for _, g := range p.ordered {
		one := False
		for _, r := range g.rows {
			if one = or(one, r.holds(f)); one == True {
				break
			}
		}
		if holds = and(holds, one); holds == False {
			return False
		}
	}
	return holds
}

// vacuous is the verdict of no conditions: a manual workflow needs none; for an
// automatic one nothing must never mean everything.
func (p *Program) vacuous() Truth {
	return truth(len(p.groups) > 0 || p.definition.Type == TypeManual)
}

// Named returns the verdict with the sentences, and the users it saw, by name
// instead of by id. It is the verdict of d.
func (v Verdict) Named(d Definition, names Names) Verdict {
	out := Verdict{Holds: v.Holds, Groups: make([]GroupOutcome, len(v.Groups))}
	for i, g := range v.Groups {
		out.Groups[i] = GroupOutcome{Holds: g.Holds, Rows: make([]ConditionOutcome, len(g.Rows))}
		for j, r := range g.Rows {
			if i < len(d.Conditions) && j < len(d.Conditions[i].Any) {
				c := d.Conditions[i].Any[j]
				r.Sentence = c.Sentence(names)
				if _, o, ok := lookUp(c); ok && o.value == assigneeValue && r.Actual != Unassigned {
					r.Actual = names.Of(RefUser, r.Actual)
				}
			}
			out.Groups[i].Rows[j] = r
		}
	}
	return out
}

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
