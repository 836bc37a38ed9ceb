package automation

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// unknown says that a word is not one of the known ones, with the nearest one.
func unknown(what, got string, known []string) string {
	if near := nearest(got, known); near != "" {
		return fmt.Sprintf("unknown %s %s: did you mean %q?", what, match.Quote(got), near)
	}
	return fmt.Sprintf("unknown %s %s: known are %s", what, match.Quote(got), strings.Join(known, ", "))
}

// nearest returns the known word that got is most likely meant to be, empty when
// none is near. Case, spaces, hyphens and underscores do not count.
func nearest(got string, known []string) string {
	if len(got) > match.QuotedLength {
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
