package automation

import (
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// actualLength is how many characters of a value an explanation repeats.
const actualLength = 200

// matcher returns what an operator looks for in one text. A negative operator
// looks for the same as its positive: the condition is true when it is in none.
func matcher(o operator, v operand) func(*match.Text) Truth {
	switch o.name {
	case "is", "is_not":
		return func(t *match.Text) Truth { return truth(t.Fold() == v.folded) }
	case "contains", "does_not_contain":
		return func(t *match.Text) Truth { return has(t, strings.Contains(t.Fold(), v.folded)) }
	case "starts_with":
		return func(t *match.Text) Truth { return truth(strings.HasPrefix(t.Fold(), v.folded)) }
	case "ends_with":
		return func(t *match.Text) Truth {
			if t.Partly() {
				return Unknown
			}
			return truth(strings.HasSuffix(t.Fold(), v.folded))
		}
	case "set", "not_set":
		return func(t *match.Text) Truth { return has(t, t.Fold() != "") }
	case "matches":
		return func(t *match.Text) Truth { return Matches(t, v.pattern) }
	}
	panic("automation: no matcher for the operator " + o.name)
}

// find looks for the first text that matches: -1 when none does. That is false,
// or unknown where one of them may hold more than was looked at.
func find(texts []*match.Text, match func(*match.Text) Truth) (found int, holds Truth) {
	holds = False
	for i, t := range texts {
		one := match(t)
		if one == True {
			return i, True
		}
		holds = or(holds, one)
	}
	return -1, holds
}

// meant says what an operator makes of what was found.
func (o operator) meant(found Truth) Truth {
	if o.negative() {
		return not(found)
	}
	return found
}

// textRow tests one text.
func textRow(of func(*Prepared) *match.Text) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth { return o.meant(match(of(p))) },
			look:  func(p *Prepared) (string, string) { return lookAtText(of(p), o, v) },
		}
	}
}

// lookAtText shows a text, or that there is none.
func lookAtText(t *match.Text, o operator, v operand) (actual, why string) {
	if actual = excerpt(t, o, v); actual == "" && !t.Partly() {
		return "", "it is empty"
	}
	return actual, t.Note()
}

func subjectOf(p *Prepared) *match.Text         { return p.subject }
func customerNameOf(p *Prepared) *match.Text    { return p.name }
func customerCompanyOf(p *Prepared) *match.Text { return p.company }
func customerPhoneOf(p *Prepared) *match.Text   { return p.phone }

// emailRow tests the customer's addresses: a positive operator holds when one of
// them is meant, a negative one when none of them is.
func emailRow(o operator, v operand) test {
	matching := matcher(o, v)
	return test{
		holds: func(p *Prepared) Truth {
			_, holds := find(p.emails, matching)
			return o.meant(holds)
		},
		look: func(p *Prepared) (string, string) {
			if len(p.emails) == 0 {
				return "", "the customer has no address"
			}
			return match.Shorten(strings.Join(p.facts.Customer.Emails, ", "), actualLength), ""
		},
	}
}
