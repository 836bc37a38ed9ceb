package automation

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

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

// source is texts that a row looks at. Where there is nothing to look at, why
// says so, and the row is unknown.
type source func(*Prepared) (texts []*text, why string)

// listRow tests a list of texts: a positive operator holds when one of them is
// meant, a negative one when none of them is. An empty list has none.
func listRow(from source) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth {
				texts, why := from(p)
				if why != "" {
					return Unknown
				}
				return truth((find(texts, match) >= 0) != o.negative())
			},
			look: func(p *Prepared) (string, string) {
				texts, why := from(p)
				if why != "" {
					return "", why
				}
				return lookAtList(texts, find(texts, match), o, v)
			},
		}
	}
}

// lookAtList shows what was found, or else the list.
func lookAtList(texts []*text, found int, o operator, v operand) (actual, why string) {
	if found >= 0 {
		return excerpt(texts[found], o, v), cutNote(texts[found])
	}
	var all strings.Builder
	for i, t := range texts {
		if i > 0 {
			all.WriteString(", ")
		}
		all.WriteString(shorten(t.raw, actualLength))
		if all.Len() > actualLength*4 {
			break
		}
	}
	if len(texts) == 0 {
		return "none", ""
	}
	return shorten(all.String(), actualLength), ""
}

// noteBodies are the note of the event, or else the recent notes.
func noteBodies(p *Prepared) ([]*text, string) {
	notes := p.notes()
	if len(notes) == 0 {
		return nil, "there is no note to look at"
	}
	var texts []*text
	for _, m := range notes {
		texts = append(texts, p.of(m).body())
	}
	return texts, ""
}

// headerLines are all header fields of the customer's mails, as "Name: value".
func headerLines(p *Prepared) ([]*text, string) {
	return p.customerMails(func(m *messageText) []*text { return m.headerLines() })
}

// headerNamed are the values of the header fields of one name.
func headerNamed(name string) source {
	return func(p *Prepared) ([]*text, string) {
		return p.customerMails(func(m *messageText) []*text { return m.headersNamed(name) })
	}
}

// customerMails gathers texts of the customer messages that rows look at.
func (p *Prepared) customerMails(of func(*messageText) []*text) ([]*text, string) {
	mails := p.mails()
	if len(mails) == 0 {
		return nil, "there is no customer message to look at"
	}
	var texts []*text
	for _, m := range mails {
		texts = append(texts, of(p.of(m))...)
	}
	return texts, ""
}

// recipients are the addresses of one field of the last message.
func recipients(of func(*messageText) []*text) source {
	return func(p *Prepared) ([]*text, string) {
		m := p.last()
		if m == nil {
			return nil, "there is no message to look at"
		}
		return of(p.of(m)), ""
	}
}

// recipientRow tests the addresses of To or Cc. A value that is written as mail
// programs show it, Maria <maria@smarticks.test>, is compared as the address.
func recipientRow(of func(*messageText) []*text) func(operator, operand) test {
	return func(o operator, v operand) test {
		if o.name == "is" || o.name == "is_not" {
			v.folded = Fold(bareAddress(v.text))
		}
		return listRow(recipients(of))(o, v)
	}
}

// bareAddress returns the address of what may be a name and an address.
func bareAddress(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '<'); i >= 0 && strings.HasSuffix(s, ">") {
		return s[i+1 : len(s)-1]
	}
	return s
}

// fileNames are the names of the files of the messages that rows look at.
func fileNames(p *Prepared) ([]*text, string) {
	var texts []*text
	for _, m := range p.filed() {
		texts = append(texts, p.of(m).fileNames()...)
	}
	return texts, ""
}

// fileCount is how many files there are.
func fileCount(p *Prepared) int {
	n := 0
	for _, m := range p.filed() {
		n += len(m.Attachments)
	}
	return n
}

// attachmentRow tests whether there is a file.
func attachmentRow(o operator, _ operand) test {
	return test{
		holds: func(p *Prepared) Truth { return truth((fileCount(p) > 0) == (o.name == "has")) },
		look: func(p *Prepared) (string, string) {
			if n := fileCount(p); n > 0 {
				names, _ := fileNames(p)
				words, _ := lookAtList(names, -1, o, operand{})
				return shorten(fmt.Sprintf("%d: %s", n, words), actualLength), ""
			}
			return "none", ""
		},
	}
}

func sayAttachment(_ Condition, o operator, _ Names) string {
	if o.name == "has" {
		return "it has an attachment"
	}
	return "it has no attachment"
}
