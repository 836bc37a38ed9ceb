package automation

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// quotedLength is how many characters of an author's word a sentence repeats.
const quotedLength = 60

// quote repeats an author's word in a sentence, shortened.
func quote(s string) string { return quoteAtMost(s, quotedLength) }

// quoteAtMost is quote for another length.
func quoteAtMost(s string, limit int) string { return `"` + shorten(s, limit) + `"` }

// shorten cuts s to so many characters, the last one an ellipsis if it was cut,
// and puts it on one line.
func shorten(s string, limit int) string {
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

// unknown says that a word is not one of the known ones, with the nearest one.
func unknown(what, got string, known []string) string {
	if near := nearest(got, known); near != "" {
		return fmt.Sprintf("unknown %s %s: did you mean %q?", what, quote(got), near)
	}
	return fmt.Sprintf("unknown %s %s: known are %s", what, quote(got), strings.Join(known, ", "))
}

// nearest returns the known word that got is most likely meant to be, empty when
// none is near. Case, spaces, hyphens and underscores do not count.
func nearest(got string, known []string) string {
	if len(got) > quotedLength {
		return ""
	}
	best, bestDistance := "", 0
	for _, k := range known {
		d := editDistance(plainWord(got), plainWord(k))
		if limit := max(len(k)/3, 1); d > limit {
			continue
		}
		if best == "" || d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

func plainWord(s string) []rune {
	return []rune(strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(s)))
}

// editDistance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a.
func editDistance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
