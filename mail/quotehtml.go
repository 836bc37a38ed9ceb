package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/smarticks/smarticks/conversation"
)

// htmlQuotes follows where in a text that is made of HTML blockquotes stand. Outlook
// and others mark only where the earlier mail begins: it ends with the HTML.
type htmlQuotes struct {
	depth int  // blockquotes that are open
	rest  bool // all that follows is an earlier mail
	spans []conversation.Span
}

// tag notes a start or end tag. The tokenizer's attributes are read.
func (q *htmlQuotes) tag(z *html.Tokenizer, name atom.Atom, kind html.TokenType) {
	switch {
	case name == atom.Blockquote && kind == html.EndTagToken:
		q.depth = max(0, q.depth-1)
	case name == atom.Blockquote:
		q.depth++
	case (name == atom.Div || name == atom.Hr) && kind != html.EndTagToken && !q.rest:
		q.rest = beginsEarlierMail(z)
	}
}

// word notes a word that was written from start to end.
func (q *htmlQuotes) word(start, end int) {
	if q.depth == 0 && !q.rest {
		return
	}
	if n := len(q.spans); n > 0 && start-q.spans[n-1].End <= 2 {
		q.spans[n-1].End = end
		return
	}
	q.spans = append(q.spans, conversation.Span{Start: start, End: end})
}

// beginsEarlierMail reports whether a tag is one by which a mail program marks where the
// mail that is answered begins.
func beginsEarlierMail(z *html.Tokenizer) bool {
	for {
		key, value, more := z.TagAttr()
		v := strings.ToLower(string(value))
		switch string(key) {
		case "id":
			switch strings.TrimPrefix(v, "x_") {
			case "divrplyfwdmsg", "appendonsend", "olk_src_body_section", "mail-editor-reference-message-container",
				"ms-outlook-mobile-reference-message", "reply-intro", "replysplit":
				return true
			}
		case "class":
			for class := range strings.FieldsSeq(v) {
				switch class {
				case "yahoo_quoted", "protonmail_quote", "zmail_extra", "tutanota_quote", "ms-outlook-mobile-reference-message":
					return true
				}
			}
		}
		if !more {
			return false
		}
	}
}

// quotedSpans returns where in the text that joinPieces makes the blockquotes stand.
func quotedSpans(pieces []piece) []conversation.Span {
	var spans []conversation.Span
	at := 0
	for _, p := range pieces {
		trimmed := strings.TrimLeft(p.text, "\n")
		text := strings.TrimRight(trimmed, "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		shift := at - (len(p.text) - len(trimmed))
		for _, s := range p.quotes {
			spans = append(spans, conversation.Span{Start: s.Start + shift, End: s.End + shift})
		}
		at += len(text) + 2
	}
	return spans
}
