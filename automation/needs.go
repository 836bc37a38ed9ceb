package automation

// Needs says what a program looks at beyond what every event comes with, so that
// the caller loads no more than that.
type Needs uint8

// What a program may need of the facts.
const (
	NeedsBodies     Needs = 1 << iota // the recent customer messages where the event has no message
	NeedsMails                        // the recent customer messages where the event's message is no customer's
	NeedsHeaders                      // the header fields of customer messages
	NeedsFiles                        // the files of messages
	NeedsNotes                        // the recent notes where the event's message is none
	NeedsRecipients                   // the last message where the event's has no recipients
)

// Needs says what the program looks at. Dues looks at the facts without an
// event: a program that HasDates needs all of it then.
func (p *Program) Needs() Needs { return p.needs }

// Any reports whether one of them is needed.
func (n Needs) Any(of Needs) bool { return n&of != 0 }
