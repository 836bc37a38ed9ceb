package automation

import "strings"

// actualLength is how many characters of a value an explanation repeats.
const actualLength = 200

// matcher returns what an operator looks for in one text. A negative operator
// looks for the same as its positive: the condition is true when it is in none.
func matcher(o operator, v operand) func(*text) Truth {
	switch o.name {
	case "is", "is_not":
		return func(t *text) Truth { return truth(t.fold() == v.folded) }
	case "contains", "does_not_contain":
		return func(t *text) Truth { return has(t, strings.Contains(t.fold(), v.folded)) }
	case "starts_with":
		return func(t *text) Truth { return truth(strings.HasPrefix(t.fold(), v.folded)) }
	case "ends_with":
		return func(t *text) Truth {
			if t.partly() {
				return Unknown
			}
			return truth(strings.HasSuffix(t.fold(), v.folded))
		}
	case "set", "not_set":
		return func(t *text) Truth { return has(t, t.fold() != "") }
	case "matches":
		return func(t *text) Truth { return matches(t, v.pattern) }
	}
	panic("automation: no matcher for the operator " + o.name)
}

// find looks for the first text that matches: -1 when none does. That is false,
// or unknown where one of them may hold more than was looked at.
func find(texts []*text, match func(*text) Truth) (found int, holds Truth) {
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
func textRow(of func(*Prepared) *text) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth { return o.meant(match(of(p))) },
			look:  func(p *Prepared) (string, string) { return lookAtText(of(p), o, v) },
		}
	}
}

// lookAtText shows a text, or that there is none.
func lookAtText(t *text, o operator, v operand) (actual, why string) {
	if actual = excerpt(t, o, v); actual == "" && !t.partly() {
		return "", "it is empty"
	}
	return actual, t.note()
}

func subjectOf(p *Prepared) *text         { return p.subject }
func customerNameOf(p *Prepared) *text    { return p.name }
func customerCompanyOf(p *Prepared) *text { return p.company }
func customerPhoneOf(p *Prepared) *text   { return p.phone }

// emailRow tests the customer's addresses: a positive operator holds when one of
// them is meant, a negative one when none of them is.
func emailRow(o operator, v operand) test {
	match := matcher(o, v)
	return test{
		holds: func(p *Prepared) Truth {
			_, holds := find(p.emails, match)
			return o.meant(holds)
		},
		look: func(p *Prepared) (string, string) {
			if len(p.emails) == 0 {
				return "", "the customer has no address"
			}
			return shorten(strings.Join(p.facts.Customer.Emails, ", "), actualLength), ""
		},
	}
}
