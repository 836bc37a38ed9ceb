package automation

import (
	"cmp"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Conditions on who sent a mail. The mail is that of the event where somebody outside
// wrote it, else the customer's recent ones.

// senders are the addresses of From.
func senders(p *Prepared) reading {
	return p.incoming(func(m *messageText) []*match.Text { return m.senderAddress() })
}

// replyTo are the addresses of Reply-To.
func replyTo(p *Prepared) reading {
	return p.incoming(func(m *messageText) []*match.Text { return m.replyToAddresses() })
}

// authenticationRow tests what a trusted server found out about the sender. Where
// none is trusted, or it said nothing, it is unknown.
func authenticationRow(o operator, v operand) test {
	read := func(p *Prepared) (is conversation.Authentication, why string) {
		switch mails := p.mails(); {
		case len(mails) == 0:
			return "", "there is no customer message to look at"
		case mails[0].Sender.Authentication == "":
			return "", "no server that is trusted to check senders said anything about the mail"
		default:
			return mails[0].Sender.Authentication, ""
		}
	}
	return test{
		holds: func(p *Prepared) Truth {
			is, why := read(p)
			if why != "" {
				return Unknown
			}
			return o.meant(truth(string(is) == v.text))
		},
		look: func(p *Prepared) (string, string) {
			is, why := read(p)
			return string(is), why
		},
	}
}

// claimedRow tests whether nothing shows that the mail's sender is who it says.
func claimedRow(_ operator, v operand) test {
	const none = "there is no customer message to look at"
	return test{
		holds: func(p *Prepared) Truth {
			if len(p.mails()) == 0 {
				return Unknown
			}
			return truth(yesNo(p.mails()[0].Sender.Claimed) == v.text)
		},
		look: func(p *Prepared) (string, string) {
			if len(p.mails()) == 0 {
				return "", none
			}
			return yesNo(p.mails()[0].Sender.Claimed), ""
		},
	}
}

func (t *messageText) senderAddress() []*match.Text {
	t.sender = t.addressTexts(t.sender, []string{cmp.Or(t.message.Sender.Address, t.message.From)})
	return t.sender
}

func (t *messageText) replyToAddresses() []*match.Text {
	t.replyTo = t.addressTexts(t.replyTo, t.message.Sender.ReplyTo)
	return t.replyTo
}
