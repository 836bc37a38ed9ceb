package automation

import "github.com/smarticks/smarticks/conversation"

// machineRow tests the mark of a customer's mail: that of the event, else the
// last one.
func machineRow(mark conversation.Machine) func(operator, operand) test {
	return yesNoRow(func(p *Prepared) bool {
		if m := p.facts.Message; m != nil && m.Kind == conversation.MessageCustomer {
			return m.Machine == mark
		}
		return p.facts.Conversation.LastCustomerMachine == mark
	})
}
