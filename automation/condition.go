package automation

import (
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// test is what a condition became: how it is decided, and what was looked at.
type test struct {
	// holds decides. It may not look at the time, except through time.
	holds func(*Prepared) Truth
	// look returns the actual value, and why the condition is unknown or what was cut.
	look func(*Prepared) (actual, why string)
	// time is set for date and calendar conditions, the only ones that time alone can
	// change.
	time timeRow
}

// truth turns a yes or no into a Truth.
func truth(yes bool) Truth {
	if yes {
		return True
	}
	return False
}

// not turns true into false and false into true (Kleene).
func not(t Truth) Truth {
	switch t {
	case True:
		return False
	case False:
		return True
	default:
		return Unknown
	}
}

// and is true when both are, false when one is, else unknown (Kleene).
func and(a, b Truth) Truth {
	switch {
	case a == False || b == False:
		return False
	case a == True && b == True:
		return True
	default:
		return Unknown
	}
}

// or is true when one is, false when both are, else unknown (Kleene).
func or(a, b Truth) Truth {
	switch {
	case a == True || b == True:
		return True
	case a == False && b == False:
		return False
	default:
		return Unknown
	}
}

// has is the truth about something that was looked for in a text and found or not: what
// was not found may still be in what was not looked at.
func has(t *match.Text, found bool) Truth {
	if !found && t.Partly() {
		return Unknown
	}
	return truth(found)
}

// Matches is the truth about a pattern on a text.
func Matches(t *match.Text, p *match.Pattern) Truth {
	matched, known := t.Match(p)
	if !known {
		return Unknown
	}
	return has(t, matched)
}

// newConversationRow is true for a conversation's first message, whoever wrote
// it.
func newConversationRow(operator, operand) test {
	return happened(func(e conversation.Event) bool { return e.First })
}

// eventRow is true for an event of the kind. A conversation's first message is
// no reply: it is a new conversation.
func eventRow(kind conversation.Kind) func(operator, operand) test {
	return func(operator, operand) test {
		return happened(func(e conversation.Event) bool { return e.Kind == kind && !e.First })
	}
}

// movedHereRow is true for a move into this mailbox, from a given one if named.
func movedHereRow(_ operator, v operand) test {
	return happened(func(e conversation.Event) bool {
		return e.Kind == conversation.KindMoved && (v.text == "" || e.From == v.text)
	})
}

// happened tests the event. Without one (time or a person led here) an event condition
// is false: time alone never makes it true.
func happened(is func(conversation.Event) bool) test {
	return test{
		holds: func(p *Prepared) Truth { return truth(p.facts.Event != nil && is(*p.facts.Event)) },
		look: func(p *Prepared) (string, string) {
			if p.facts.Event == nil {
				return "no event", ""
			}
			return EventWords(*p.facts.Event), ""
		},
	}
}
