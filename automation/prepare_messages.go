package automation

import (
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Which messages a condition looks at: the message of the event where it is one of
// the kind that the condition is about, else the recent ones of that kind.

// mails are the messages from outside whose header fields and senders are looked at.
func (p *Prepared) mails() []*conversation.Message {
	if m := p.facts.Message; m != nil && m.Kind.FromOutside() {
		return []*conversation.Message{m}
	}
	return pointers(p.facts.Recent)
}

// filed are the messages whose bodies and files are looked at.
func (p *Prepared) filed() []*conversation.Message {
	if m := p.facts.Message; m != nil {
		return []*conversation.Message{m}
	}
	return pointers(p.facts.Recent)
}

// notes are the notes that are looked at.
func (p *Prepared) notes() []*conversation.Message {
	if m := p.facts.Message; m != nil && m.Kind == conversation.MessageNote {
		return []*conversation.Message{m}
	}
	return pointers(p.facts.Notes)
}

// last is the message whose recipients are looked at, nil when there is none.
func (p *Prepared) last() *conversation.Message {
	if m := p.facts.Message; m != nil && m.Kind != conversation.MessageNote {
		return m
	}
	return p.facts.Last
}

func pointers(list []conversation.Message) []*conversation.Message {
	out := make([]*conversation.Message, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// of returns the texts of a message, which are made when first asked for.
func (p *Prepared) of(m *conversation.Message) *messageText {
	t := p.messages[m]
	if t == nil || len(t.headers) != len(m.Headers) || len(t.files) != len(m.Attachments) {
		t = &messageText{message: m, headers: make([]headerText, len(m.Headers)), files: make([]*match.Text, len(m.Attachments))}
		if p.messages == nil {
			p.messages = map[*conversation.Message]*messageText{}
		}
		p.messages[m] = t
	}
	t.work = p.work
	return t
}

// messageText is the texts of one message that only some conditions look at.
type messageText struct {
	message       *conversation.Message
	work          *match.PatternWork // of the texts that are made from now on
	note          *match.Text
	headers       []headerText
	files, to, cc []*match.Text
	sender        []*match.Text
	replyTo       []*match.Text
}

// headerText is one header field: its value alone, and the whole line.
type headerText struct{ value, line *match.Text }

func (t *messageText) body() *match.Text {
	if t.note == nil || t.note.Source != t.message.Text {
		t.note = t.newText(t.message.Text)
		t.note.Gap = t.message.Gaps.Text
	}
	return t.note
}

func (t *messageText) headerLines() []*match.Text {
	lines := make([]*match.Text, len(t.headers))
	for i, h := range t.message.Headers {
		if t.headers[i].line == nil {
			t.headers[i].line = t.newText(h.Name + ": " + h.Value)
		}
		lines[i] = t.headers[i].line
	}
	return lines
}

func (t *messageText) headersNamed(name string) []*match.Text {
	var values []*match.Text
	for i, h := range t.message.Headers {
		if !strings.EqualFold(h.Name, name) {
			continue
		}
		if t.headers[i].value == nil {
			t.headers[i].value = t.newText(h.Value)
		}
		values = append(values, t.headers[i].value)
	}
	return values
}

func (t *messageText) fileNames() []*match.Text {
	var names []*match.Text
	for i, a := range t.message.Attachments {
		if a.Inline {
			continue
		}
		if t.files[i] == nil {
			t.files[i] = t.newText(a.Name)
		}
		names = append(names, t.files[i])
	}
	return names
}

func (t *messageText) toAddresses() []*match.Text {
	t.to = t.addressTexts(t.to, t.message.To)
	return t.to
}

func (t *messageText) ccAddresses() []*match.Text {
	t.cc = t.addressTexts(t.cc, t.message.Cc)
	return t.cc
}

func (t *messageText) addressTexts(known []*match.Text, addresses []string) []*match.Text {
	if len(known) == len(addresses) {
		return known
	}
	texts := make([]*match.Text, len(addresses))
	for i, a := range addresses {
		texts[i] = t.newText(bareAddress(a))
	}
	return texts
}

// newText makes a text that shares one bound for patterns with the others.
func (t *messageText) newText(s string) *match.Text {
	made := (*match.Text)(nil).Or(s)
	made.Work = t.work
	return made
}
