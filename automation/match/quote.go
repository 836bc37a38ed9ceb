package match

import (
	"strings"
	"unicode/utf8"
)

// QuotedLength is how many characters of an author's word a sentence repeats.
const QuotedLength = 60

// Quote repeats an author's word in a sentence, shortened.
func Quote(s string) string { return QuoteAtMost(s, QuotedLength) }

// QuoteAtMost is quote for another length.
func QuoteAtMost(s string, limit int) string { return `"` + Shorten(s, limit) + `"` }

// Shorten cuts s to so many characters, the last one an ellipsis if it was cut,
// and puts it on one line.
func Shorten(s string, limit int) string {
	// Four bytes a character and some for white space: the rest is never seen.
	cut := len(s) > 8*limit
	if cut {
		s = cutText(s, 8*limit)
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if utf8.RuneCountInString(s) <= limit {
		if cut {
			return s + "…"
		}
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// QuoteList quotes words and joins them by commas.
func QuoteList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, ", ")
}
