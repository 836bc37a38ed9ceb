package match

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLiterals is how many literals stand for a pattern at most: more say little.
const maxLiterals = 16

// patternLiterals returns literals of which every text that the pattern matches
// has at least one in its simple fold; nil when none can be told. They tell in a
// moment that most patterns do not match, and are in most of those that people
// write.
func patternLiterals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return literalOf(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return patternLiterals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return patternLiterals(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if found := patternLiterals(sub); Shortest(found) > Shortest(best) {
				best = found
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			found := patternLiterals(sub)
			if found == nil || len(all)+len(found) > maxLiterals {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	return nil
}

// literalOf returns the longest piece without white space, which the fold of a
// text collapses; nil when it is a single character, which most texts have in
// them.
func literalOf(runes []rune) []string {
	longest := ""
	for _, piece := range strings.FieldsFunc(simpleFold(string(runes)), isASCIISpace) {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	if utf8.RuneCountInString(longest) < 2 {
		return nil
	}
	return []string{longest}
}

func isASCIISpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

// Shortest returns the length of the shortest literal, 0 when there is none.
func Shortest(literals []string) int {
	n := 0
	for i, l := range literals {
		if i == 0 || len(l) < n {
			n = len(l)
		}
	}
	return n
}

// simpleFold makes one character of those that patterns take for the same. Of a
// text of ASCII it is Fold, but for white space.
func simpleFold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		if 'A' <= least && least <= 'Z' {
			least += 'a' - 'A'
		}
		return least
	}, s)
}

// HasAny reports whether one of the literals is in the text.
func HasAny(text string, literals []string) bool {
	for _, l := range literals {
		if strings.Contains(text, l) {
			return true
		}
	}
	return false
}
