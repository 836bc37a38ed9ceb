package automation

import (
	"unicode/utf8"

	"github.com/smarticks/smarticks/conversation"
)

// MaxMatchedBytes is how much of a text is matched; the explanation says so when
// a text is longer.
const MaxMatchedBytes = 256 << 10

// Prepared is facts together with the work on them that all workflows share:
// each text is folded at most once. It is for one goroutine at a time.
type Prepared struct {
	facts   conversation.Facts
	subject *text
	emails  []*text
	bodies  []*text
	tags    []string // folded
}

// Prepare makes facts ready to be looked at by many programs.
func Prepare(f conversation.Facts) *Prepared { return (*Prepared)(nil).With(f) }

// With returns the facts f prepared, and takes over from p what was folded of
// texts that did not change: each workflow of a mailbox sees what the earlier
// ones did, and the message stays the same. p may be nil, and is not to be used
// any more.
func (p *Prepared) With(f conversation.Facts) *Prepared {
	if p == nil {
		p = &Prepared{}
	}
	next := &Prepared{facts: f, subject: p.subject.or(f.Conversation.Subject)}
	next.emails = make([]*text, len(f.Customer.Emails))
	for i, address := range f.Customer.Emails {
		next.emails[i] = at(p.emails, i).or(address)
	}
	if f.Message != nil {
		next.bodies = []*text{at(p.bodies, 0).or(f.Message.Text)}
	} else {
		next.bodies = make([]*text, len(f.Recent))
		for i := range f.Recent {
			next.bodies[i] = at(p.bodies, i).or(f.Recent[i].Text)
		}
	}
	next.tags = make([]string, len(f.Conversation.Tags))
	for i, tag := range f.Conversation.Tags {
		next.tags[i] = Fold(tag)
	}
	return next
}

// text is one text with its folded form, made when first asked for.
type text struct {
	source string // as it came
	raw    string // what is matched of it
	folded string
	done   bool
}

// or returns t if it is of this source, else a new text.
func (t *text) or(source string) *text {
	if t != nil && t.source == source {
		return t
	}
	return &text{source: source, raw: cutText(source, MaxMatchedBytes)}
}

// fold returns the folded form.
func (t *text) fold() string {
	if !t.done {
		t.folded, t.done = Fold(t.raw), true
	}
	return t.folded
}

// cut tells whether only a part of the text is matched.
func (t *text) cut() bool { return len(t.raw) < len(t.source) }

// cutText returns at most limit bytes of s, whole characters.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for i := limit; i > limit-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:limit]
}

func at(texts []*text, i int) *text {
	if i < len(texts) {
		return texts[i]
	}
	return nil
}
