package automation

import "github.com/smarticks/smarticks/conversation"

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
