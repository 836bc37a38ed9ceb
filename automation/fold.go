package automation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns s as text conditions compare it, so that two texts that a reader
// takes for the same are equal: case and compatibility forms are folded
// (straße = STRASSE, ﬁx = FIX, ＲＥＦＵＮＤ = refund, café however it is encoded),
// invisible format characters (zero width space, soft hyphen) are dropped, white
// space is collapsed to single spaces and trimmed, and i, I, İ and ı are one
// letter in every mailbox.
//
// Fold(Fold(s)) == Fold(s). Lengths change: an offset in the folded text means
// nothing in s. Patterns are not matched on folded text: see compilePattern.
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	return foldUnicode(s)
}

// foldUnicode is Fold for any text.
func foldUnicode(s string) string {
	s = strings.Map(dropFormat, s)
	s = norm.NFKC.String(s)
	s = strings.Map(mendFold, cases.Fold().String(s))
	s = norm.NFKC.String(dropDots(norm.NFD.String(s)))
	return strings.Join(strings.Fields(s), " ")
}

// dropFormat drops the format characters (category Cf).
func dropFormat(r rune) rune {
	if r > unicode.MaxASCII && unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// mendFold makes one letter of ı and i, and of the two cases of Cherokee, which
// cases.Fold swaps instead of folding.
func mendFold(r rune) rune {
	switch {
	case r == 'ı':
		return 'i'
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 8
	}
	return r
}

// dropDots drops the dots above (U+0307) that follow an i: İ is folded to the
// two.
func dropDots(s string) string {
	if !strings.Contains(s, "i\u0307") {
		return s
	}
	afterI := false
	return strings.Map(func(r rune) rune {
		if afterI && r == '\u0307' {
			return -1
		}
		afterI = r == 'i'
		return r
	}, s)
}

// foldASCII folds a text of ASCII only, which most are; it says no at the first
// byte that is not.
func foldASCII(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c == ' ' || ('\t' <= c && c <= '\r'):
			space = b.Len() > 0
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}
