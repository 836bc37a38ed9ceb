package match

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/smarticks/smarticks/conversation"
)

// MaxMatchedBytes is how much of a text is matched; the explanation says so when
// a text is longer.
const MaxMatchedBytes = 256 << 10

// MaxPatternWork bounds what the patterns of all workflows together may cost on
// one text: for each pattern that is tried its steps times the bytes of the text.
// The recent messages count as one text, and so do all headers, notes, files and
// recipients that workflows look at for an event. Patterns whose literals are not
// in the text cost nothing. It is a count and no time, so that the same text gives
// the same answer on every machine.
const MaxPatternWork = 1 << 29

// Text is one text with what was found out about it, each when first asked for.
type Text struct {
	Source  string // as it came
	Raw     string // what is matched of it
	Gap     string // why there may be more of it than came
	Whole   string // of what the new text was made
	Quotes  []conversation.Span
	folded  string
	simple  string // as patterns take characters for the same; of ASCII it is folded
	done    bool   // folded is made
	ascii   bool
	matched map[string]bool
	Work    *PatternWork
	index   *Place // whose programs found are
	found   Bits
}

// PatternWork counts what patterns cost, and says whether one was not tried
// because it would have been too much.
type PatternWork struct {
	Done  int
	Spent bool
}

// Or returns t if it is of this source, else a new text.
func (t *Text) Or(source string) *Text {
	if t != nil && t.Source == source {
		return t
	}
	return &Text{Source: source, Raw: cutText(source, MaxMatchedBytes), Work: &PatternWork{}}
}

// NewText returns t if it is what the message's writer wrote now, else a new text.
func (t *Text) NewText(m *conversation.Message) *Text {
	if t != nil && t.Whole == m.Text && t.Gap == m.Gaps.Text && slices.Equal(t.Quotes, m.Quotes) {
		return t
	}
	made := (*Text)(nil).Or(m.NewText())
	made.Whole, made.Quotes, made.Gap = m.Text, m.Quotes, m.Gaps.Text
	return made
}

// WholeText returns t if it is all of the message's text, else a new text.
func (t *Text) WholeText(m *conversation.Message) *Text {
	if t != nil && t.Source == m.Text && t.Gap == m.Gaps.Text {
		return t
	}
	made := (*Text)(nil).Or(m.Text)
	made.Gap = m.Gaps.Text
	return made
}

// SharingWork makes the texts share one bound for patterns.
func SharingWork(texts []*Text) []*Text {
	for _, t := range texts {
		t.Work = texts[0].Work
	}
	return texts
}

// Fold returns the folded form.
func (t *Text) Fold() string {
	if !t.done {
		t.done = true
		if t.folded, t.ascii = foldASCII(t.Raw); t.ascii {
			t.simple = t.folded
		} else {
			t.folded = foldUnicode(t.Raw)
		}
	}
	return t.folded
}

// SimpleFold returns the form in which literals of patterns are looked for.
func (t *Text) SimpleFold() string {
	if t.Fold(); t.simple == "" {
		t.simple = simpleFold(t.Raw)
	}
	return t.simple
}

// Match reports whether the pattern matches. One that would be too much work on
// top of what others cost is not tried: then that is not known, and the note says so.
func (t *Text) Match(p *Pattern) (matched, known bool) {
	if p.Literals != nil && !HasAny(t.SimpleFold(), p.Literals) {
		return false, true
	}
	matched, tried := t.matched[p.value]
	if tried {
		return matched, true
	}
	work := len(t.Raw) * p.Steps
	if t.Work.Done+work > MaxPatternWork {
		t.Work.Spent = true
		return false, false
	}
	t.Work.Done += work
	if t.matched == nil {
		t.matched = map[string]bool{}
	}
	matched = p.MatchString(t.Raw)
	t.matched[p.value] = matched
	return matched, true
}

// Partly reports whether there may be more of the text than what is matched.
func (t *Text) Partly() bool { return t.cut() || t.Gap != "" }

// cut reports whether only a part of the text is matched.
func (t *Text) cut() bool { return len(t.Raw) < len(t.Source) }

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

// Note says why a text may hold more than was found in it, empty when it does not.
func (t *Text) Note() string {
	switch {
	case t.Work.Spent:
		return "the patterns of all workflows are too much work on this text: some were not tried"
	case t.Gap != "" && t.Fold() == "":
		return "no readable text: " + t.Gap
	case t.Gap != "":
		return "not all of the text could be read: " + t.Gap
	case t.cut():
		return fmt.Sprintf("only the first %d KB of the text were matched", MaxMatchedBytes>>10)
	default:
		return ""
	}
}
