package mail

import (
	"errors"
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/smarticks/smarticks/conversation"
)

// mailHTML is what may stay of a mail's HTML: structure, links and pictures,
// colours and alignment; nothing that runs, loads a frame or sends a form.
//
// Its AllowStyles stays unused: that parses CSS with work that grows with the
// square of what a stranger writes. cleanStyles has read the styles before, and
// only what it writes passes.
var mailHTML = newMailHTML()

func newMailHTML() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowURLSchemes("mailto", "http", "https", "tel", "cid")
	p.AllowAttrs("align", "valign", "bgcolor", "color").Globally()
	p.AllowAttrs("style").Matching(cleanStyle).Globally()
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}

// sanitise removes from HTML whatever could act in a reader's browser. cut tells
// that the result was longer than maxTextBytes, as escaped characters are, and
// ends there.
func sanitise(s string) (clean string, cut bool) {
	if s == "" {
		return "", false
	}
	w := cappedHTML{left: maxTextBytes}
	if err := mailHTML.SanitizeReaderToWriter(strings.NewReader(cleanStyles(s)), &w); err != nil && !w.cut {
		return "", true
	}
	return cleanText(strings.TrimSpace(w.String())), w.cut
}

// cappedHTML takes sanitised HTML, one token in each write, and refuses what is too much.
type cappedHTML struct {
	strings.Builder
	left int
	cut  bool
}

var errTooMuchHTML = errors.New("more HTML than is kept")

func (w *cappedHTML) Write(b []byte) (int, error) { return w.WriteString(string(b)) }

// WriteString cuts text that is too much between two characters, and leaves out a
// tag that is.
func (w *cappedHTML) WriteString(s string) (int, error) {
	if len(s) <= w.left {
		w.left -= len(s)
		return w.Builder.WriteString(s)
	}
	w.cut = true
	if !strings.HasPrefix(s, "<") {
		s = cutBytes(s, w.left)
		if i := strings.LastIndexByte(s, '&'); i > strings.LastIndexByte(s, ';') {
			s = s[:i]
		}
		w.Builder.WriteString(s)
	}
	w.left = 0
	return 0, errTooMuchHTML
}

// textOfHTML renders HTML as text for conditions and for reading: blocks end
// lines, white space collapses, links lose their target. It works on tokens and
// builds no tree, so nesting costs nothing.
func textOfHTML(s string) string {
	text, _ := quotedTextOfHTML(s)
	return text
}

// quotedTextOfHTML is textOfHTML, and tells where in the text blockquotes stand.
func quotedTextOfHTML(s string) (string, []conversation.Span) {
	var w htmlText
	z := html.NewTokenizer(strings.NewReader(s))
	hidden := false
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return w.String(), w.quotes.spans
		case html.TextToken:
			if !hidden {
				w.words(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name := tagAtom(z)
			// The tokenizer gives what stands in these elements as one text.
			hidden = !hidden && isHidden(name)
			w.quotes.tag(z, name, kind)
			w.tag(name)
		}
	}
}

func tagAtom(z *html.Tokenizer) atom.Atom {
	name, _ := z.TagName()
	return atom.Lookup(name)
}

func isHidden(a atom.Atom) bool {
	switch a {
	case atom.Style, atom.Script, atom.Title, atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript:
		return true
	}
	return false
}

// htmlText builds text from words and breaks.
type htmlText struct {
	strings.Builder
	breaks int  // line ends due before the next word
	space  bool // a space is due before the next word
	quotes htmlQuotes
}

// tag notes what an element does to the flow of text.
func (w *htmlText) tag(a atom.Atom) {
	switch a {
	case atom.Br:
		w.breaks++
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.Pre, atom.Hr:
		w.breaks = max(w.breaks, 2)
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Center,
		atom.Form:
		w.breaks = max(w.breaks, 1)
	case atom.Td, atom.Th:
		w.space = true
	}
}

func (w *htmlText) words(s string) {
	w.space = w.space || unicode.IsSpace(firstRune(s))
	for word := range strings.FieldsFuncSeq(s, unicode.IsSpace) {
		switch {
		case w.Len() == 0:
		case w.breaks > 0:
			w.WriteString(strings.Repeat("\n", min(w.breaks, 2)))
		case w.space:
			w.WriteByte(' ')
		}
		start := w.Len()
		w.WriteString(word)
		w.quotes.word(start, w.Len())
		w.breaks, w.space = 0, true
	}
	w.space = s != "" && unicode.IsSpace(lastRune(s))
}

func firstRune(s string) rune {
	for _, c := range s {
		return c
	}
	return 0
}

func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	return rune(s[len(s)-1]) // a space that matters here is ASCII
}
