package automation

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// machineRow tests the mark of a mail: that of the event, else of the customer's last
// one.
func machineRow(mark conversation.Machine) func(operator, operand) test {
	return yesNoRow(func(p *Prepared) bool {
		if m := p.facts.Message; m != nil && m.Kind.FromOutside() {
			return m.Machine == mark
		}
		return p.facts.Conversation.LastCustomerMachine == mark
	})
}

// reading is the texts that a condition on several looks at.
type reading struct {
	texts []*match.Text
	// none says why there is nothing to look at: then the condition is unknown.
	none string
	// gap says why there may be more than these; empty: these are all.
	gap string
}

// source gathers a reading.
type source func(*Prepared) reading

// find looks for the first text that matches: -1 when none does. That is false, or
// unknown where there may be more.
func (r reading) find(match func(*match.Text) Truth) (found int, holds Truth) {
	found, holds = find(r.texts, match)
	if found < 0 && (r.none != "" || r.gap != "") {
		holds = Unknown
	}
	return found, holds
}

// listRow tests a list of texts: a positive operator holds when one of them is
// meant, a negative one when none of them is. An empty list has none.
func listRow(from source) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth {
				_, holds := from(p).find(match)
				return o.meant(holds)
			},
			look: func(p *Prepared) (string, string) { return from(p).look(match, o, v) },
		}
	}
}

// look shows what was found, or else the list.
func (r reading) look(match func(*match.Text) Truth, o operator, v operand) (actual, why string) {
	if r.none != "" {
		return "", r.none
	}
	found, _ := r.find(match)
	if found >= 0 {
		if actual = excerpt(r.texts[found], o, v); actual == "" {
			return "", "it is empty"
		}
		return actual, r.texts[found].Note()
	}
	if r.gap != "" {
		why = "not all of it could be read: " + r.gap
	}
	for _, t := range r.texts {
		if note := t.Note(); why == "" && note != "" {
			why = note
		}
	}
	return textsShown(r.texts), why
}

// textsShown shows a list of texts.
func textsShown(texts []*match.Text) string {
	if len(texts) == 0 {
		return "none"
	}
	var all strings.Builder
	for i, t := range texts {
		if i > 0 {
			all.WriteString(", ")
		}
		all.WriteString(match.Shorten(t.Raw, actualLength))
		if all.Len() > actualLength*4 {
			break
		}
	}
	return match.Shorten(all.String(), actualLength)
}

// noteBodies are the note of the event, or else the recent notes.
func noteBodies(p *Prepared) reading {
	notes := p.notes()
	if len(notes) == 0 {
		return reading{none: "there is no note to look at"}
	}
	r := reading{texts: make([]*match.Text, len(notes))}
	for i, m := range notes {
		r.texts[i] = p.of(m).body()
	}
	return r
}

// headerLines are all header fields of the mails, as "Name: value".
func headerLines(p *Prepared) reading {
	return p.incoming(func(m *messageText) []*match.Text { return m.headerLines() })
}

// headerNamed are the values of the header fields of one name.
func headerNamed(name string) source {
	return func(p *Prepared) reading {
		return p.incoming(func(m *messageText) []*match.Text { return m.headersNamed(name) })
	}
}

// incoming gathers texts of the mails that conditions on header fields look at.
func (p *Prepared) incoming(of func(*messageText) []*match.Text) reading {
	mails := p.mails()
	if len(mails) == 0 {
		return reading{none: "there is no customer message to look at"}
	}
	var r reading
	for _, m := range mails {
		r.texts = append(r.texts, of(p.of(m))...)
		r.gap = cmp.Or(r.gap, m.Gaps.Headers)
	}
	return r
}

// recipients are the addresses of one field of the last message.
func recipients(of func(*messageText) []*match.Text) source {
	return func(p *Prepared) reading {
		m := p.last()
		if m == nil {
			return reading{none: "there is no message to look at"}
		}
		return reading{texts: of(p.of(m)), gap: m.Gaps.Headers}
	}
}

// addressRow tests addresses. A value that is written as mail programs show it,
// Maria <maria@smarticks.test>, is compared as the address.
func addressRow(from source) func(operator, operand) test {
	return func(o operator, v operand) test {
		if o.name == "is" || o.name == "is_not" {
			v.folded = match.Fold(bareAddress(v.text))
		}
		return listRow(from)(o, v)
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

// fileNames are the names of the files of the messages that conditions look at.
func fileNames(p *Prepared) reading {
	var r reading
	for _, m := range p.filed() {
		r.texts = append(r.texts, p.of(m).fileNames()...)
		r.gap = cmp.Or(r.gap, m.Gaps.Files)
	}
	return r
}

// fileCount is how many files there are, at least where there is a gap. What the text
// itself shows is no file.
func fileCount(p *Prepared) (n int, gap string) {
	for _, m := range p.filed() {
		for i := range m.Attachments {
			if !m.Attachments[i].Inline {
				n++
			}
		}
		gap = cmp.Or(gap, m.Gaps.Files)
	}
	return n, gap
}

// attachmentRow tests whether there is a file.
func attachmentRow(o operator, _ operand) test {
	return test{
		holds: func(p *Prepared) Truth {
			n, gap := fileCount(p)
			switch {
			case n > 0:
				return truth(o.name == "has")
			case gap != "":
				return Unknown
			default:
				return truth(o.name == "has_not")
			}
		},
		look: func(p *Prepared) (string, string) {
			if n, gap := fileCount(p); n > 0 {
				return match.Shorten(fmt.Sprintf("%d: %s", n, textsShown(fileNames(p).texts)), actualLength), gap
			} else if gap != "" {
				return "", gap
			}
			return "none", ""
		},
	}
}

// fileCountRow tests how many files there are. Where some could not be read, there are
// at least as many as were.
func fileCountRow(o operator, v operand) test {
	return test{
		holds: func(p *Prepared) Truth {
			n, gap := fileCount(p)
			return compareCounts(o, n, gap != "", v.number)
		},
		look: func(p *Prepared) (string, string) {
			n, gap := fileCount(p)
			if gap != "" {
				return fmt.Sprintf("at least %d", n), gap
			}
			return strconv.Itoa(n), ""
		},
	}
}

func sayAttachment(_ Condition, o operator, _ Names) string {
	if o.name == "has" {
		return "it has an attachment"
	}
	return "it has no attachment"
}
