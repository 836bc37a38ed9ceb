package automation

import "github.com/smarticks/smarticks/conversation"

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
