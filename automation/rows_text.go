package automation

import (
	"fmt"
	"strings"
)

// actualLength is how many characters of a value an explanation repeats.
const actualLength = 200

// matcher returns what an operator looks for in one text. A negative operator
// looks for the same as its positive: the row is true when it is in none.
func matcher(o operator, v operand) func(*text) bool {
	switch o.name {
	case "is", "is_not":
		return func(t *text) bool { return t.fold() == v.folded }
	case "contains", "does_not_contain":
		return func(t *text) bool { return strings.Contains(t.fold(), v.folded) }
	case "starts_with":
		return func(t *text) bool { return strings.HasPrefix(t.fold(), v.folded) }
	case "ends_with":
		return func(t *text) bool { return strings.HasSuffix(t.fold(), v.folded) }
	case "set", "not_set":
		return func(t *text) bool { return t.fold() != "" }
	case "matches":
		return func(t *text) bool { return t.match(v.pattern) }
	}
	panic("automation: no matcher for the operator " + o.name)
}

// find returns the index of the first text that matches, -1 when none does.
func find(texts []*text, match func(*text) bool) int {
	for i, t := range texts {
		if match(t) {
			return i
		}
	}
	return -1
}

// textRow tests one text.
func textRow(of func(*Prepared) *text) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth { return truth(match(of(p)) != o.negative()) },
			look: func(p *Prepared) (string, string) {
				return shorten(of(p).raw, actualLength), cutNote(of(p))
			},
		}
	}
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
		holds: func(p *Prepared) Truth { return truth((find(p.emails, match) >= 0) != o.negative()) },
		look: func(p *Prepared) (string, string) {
			if len(p.emails) == 0 {
				return "", "the customer has no address"
			}
			return shorten(strings.Join(p.facts.Customer.Emails, ", "), actualLength), ""
		},
	}
}

// bodyRow tests the body of the event's message; where there is none, those of
// the recent customer messages, of which any may match and, for a negative
// operator, none. Without any message it is unknown.
func bodyRow(o operator, v operand) test {
	match := matcher(o, v)
	return test{
		holds: func(p *Prepared) Truth {
			if len(p.bodies) == 0 {
				return Unknown
			}
			return truth((find(p.bodies, match) >= 0) != o.negative())
		},
		look: func(p *Prepared) (string, string) {
			if len(p.bodies) == 0 {
				return "", "there is no customer message to look at"
			}
			found := find(p.bodies, match)
			shown := p.bodies[max(found, 0)]
			return excerpt(shown, o, v), bodyNote(p, found)
		},
	}
}

// bodyNote says which messages were looked at, where that is not plain.
func bodyNote(p *Prepared, found int) string {
	var notes []string
	if p.facts.Message == nil && len(p.bodies) > 1 {
		notes = append(notes, fmt.Sprintf("looked at the last %d customer messages", len(p.bodies)))
		if found > 0 {
			notes = append(notes, fmt.Sprintf("found in number %d, counted from the newest", found+1))
		}
	}
	for _, t := range p.bodies {
		if note := cutNote(t); note != "" {
			notes = append(notes, note)
			break
		}
	}
	return strings.Join(notes, "; ")
}

// cutNote says why a text may hold more than was found in it.
func cutNote(t *text) string {
	switch {
	case t.work.spent:
		return "the patterns of all workflows are too much work on this text: some were not tried"
	case t.cut():
		return fmt.Sprintf("only the first %d KB of the text were matched", MaxMatchedBytes>>10)
	default:
		return ""
	}
}

// excerpt returns what an explanation shows of a text: the surroundings of what
// was found when they can be told, else its beginning.
func excerpt(t *text, o operator, v operand) string {
	const before = 60
	raw := t.raw
	start := -1
	if o.value == patternValue {
		if t.match(v.pattern) {
			start = v.pattern.FindStringIndex(raw)[0]
		}
	} else if v.text != "" {
		start = strings.Index(raw, v.text)
	}
	if start <= before {
		return shorten(raw, actualLength)
	}
	from := start - before
	for from < start && raw[from]&0xC0 == 0x80 {
		from++
	}
	return shorten("…"+raw[from:], actualLength)
}
