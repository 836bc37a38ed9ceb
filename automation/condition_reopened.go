package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// reopenedRow is true when the customer answered what was closed, for longer than a
// given time where one is given. What nobody wrote opens nothing.
func reopenedRow(_ operator, v operand) test {
	return test{
		holds: func(p *Prepared) Truth {
			since := p.closedSince()
			switch {
			case since.IsZero():
				return False
			case v.text == "":
				return True
			}
			over := v.span.After(since, p.facts.Mailbox)
			if over.IsZero() {
				return Unknown
			}
			return truth(!p.facts.Event.At.Before(over))
		},
		look: func(p *Prepared) (string, string) {
			switch since := p.closedSince(); {
			case p.facts.Event == nil:
				return "no event", ""
			case !since.IsZero() && v.text != "" && v.span.After(since, p.facts.Mailbox).IsZero():
				return "closed since " + Stamp(since), "the mailbox's business hours never get there"
			case !since.IsZero():
				return "the customer answered what was closed since " + Stamp(since), ""
			case p.facts.Event.Kind == conversation.KindCustomerMessage && !p.facts.Event.First:
				return "the customer replied, and it was not closed", ""
			default:
				return EventWords(*p.facts.Event), ""
			}
		},
	}
}

// closedSince is when the conversation was closed that the customer opened by the
// message of the event; zero when they opened none.
func (p *Prepared) closedSince() time.Time {
	e, m := p.facts.Event, p.facts.Message
	switch {
	case e == nil || e.Kind != conversation.KindCustomerMessage || e.First || e.Before == nil:
		return time.Time{}
	case m != nil && m.Machine.NobodyWaits():
		return time.Time{}
	default:
		return e.Before.ClosedAt
	}
}

func sayReopened(c Condition, _ operator, _ Names) string {
	const words = "the customer answered what was closed"
	if span, _ := c.Value.(string); span != "" {
		return words + " for longer than " + durationWords(span)
	}
	return words
}
