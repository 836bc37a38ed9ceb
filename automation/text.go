package automation

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

// text is one text with what was found out about it, each when first asked for.
type text struct {
	source  string // as it came
	raw     string // what is matched of it
	gap     string // why there may be more of it than came
	whole   string // of what the new text was made
	quotes  []conversation.Span
	folded  string
	simple  string // as patterns take characters for the same; of ASCII it is folded
	done    bool   // folded is made
	ascii   bool
	matched map[string]bool
	work    *patternWork
	index   *placeIndex // whose programs found are
	found   bitset
}

// patternWork counts what patterns cost, and says whether one was not tried
// because it would have been too much.
type patternWork struct {
	done  int
	spent bool
}

// or returns t if it is of this source, else a new text.
func (t *text) or(source string) *text {
	if t != nil && t.source == source {
		return t
	}
	return &text{source: source, raw: cutText(source, MaxMatchedBytes), work: &patternWork{}}
}

// newText returns t if it is what the message's writer wrote now, else a new text.
func (t *text) newText(m *conversation.Message) *text {
	if t != nil && t.whole == m.Text && t.gap == m.Gaps.Text && slices.Equal(t.quotes, m.Quotes) {
		return t
	}
	made := (*text)(nil).or(m.NewText())
	made.whole, made.quotes, made.gap = m.Text, m.Quotes, m.Gaps.Text
	return made
}

// wholeText returns t if it is all of the message's text, else a new text.
func (t *text) wholeText(m *conversation.Message) *text {
	if t != nil && t.source == m.Text && t.gap == m.Gaps.Text {
		return t
	}
	made := (*text)(nil).or(m.Text)
	made.gap = m.Gaps.Text
	return made
}

// sharingWork makes the texts share one bound for patterns.
func sharingWork(texts []*text) []*text {
	for _, t := range texts {
		t.work = texts[0].work
	}
	return texts
}

// fold returns the folded form.
func (t *text) fold() string {
	if !t.done {
		t.done = true
		if t.folded, t.ascii = foldASCII(t.raw); t.ascii {
			t.simple = t.folded
		} else {
			t.folded = foldUnicode(t.raw)
		}
	}
	return t.folded
}

// simpleFold returns the form in which literals of patterns are looked for.
func (t *text) simpleFold() string {
	if t.fold(); t.simple == "" {
		t.simple = simpleFold(t.raw)
	}
	return t.simple
}

// match reports whether the pattern matches. One that would be too much work on
// top of what others cost is not tried: then that is not known, and the note says so.
func (t *text) match(p *pattern) (matched, known bool) {
	if p.literals != nil && !hasAny(t.simpleFold(), p.literals) {
		return false, true
	}
	matched, tried := t.matched[p.value]
	if tried {
		return matched, true
	}
	work := len(t.raw) * p.steps
	if t.work.done+work > MaxPatternWork {
		t.work.spent = true
		return false, false
	}
	t.work.done += work
	if t.matched == nil {
		t.matched = map[string]bool{}
	}
	matched = p.MatchString(t.raw)
	t.matched[p.value] = matched
	return matched, true
}

// partly tells whether there may be more of the text than what is matched.
func (t *text) partly() bool { return t.cut() || t.gap != "" }

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

// note says why a text may hold more than was found in it, empty when it does not.
func (t *text) note() string {
	switch {
	case t.work.spent:
		return "the patterns of all workflows are too much work on this text: some were not tried"
	case t.gap != "" && t.fold() == "":
		return "no readable text: " + t.gap
	case t.gap != "":
		return "not all of the text could be read: " + t.gap
	case t.cut():
		return fmt.Sprintf("only the first %d KB of the text were matched", MaxMatchedBytes>>10)
	default:
		return ""
	}
}
