package match

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

// foldASCII folds a text of ASCII only, which most are; it says no to any other.
// All texts that are looked at pass through its loop, so that it does not branch.
func foldASCII(s string) (string, bool) {
	out := make([]byte, len(s))
	n, all, afterSpace := 0, byte(0), byte(1) // leading white space goes
	for i := range len(s) {
		c := s[i]
		all |= c
		folded := asciiFold[c]
		space := asciiSpace[c]
		out[n] = folded
		n += int(1 - space&afterSpace)
		afterSpace = space
	}
	if n > 0 && afterSpace == 1 {
		n--
	}
	return string(out[:n]), all < utf8.RuneSelf
}

// What foldASCII makes of each byte: lower case, and one kind of white space.
var asciiFold, asciiSpace = func() (fold, space [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			fold[c], space[c] = ' ', 1
		case 'A' <= c && c <= 'Z':
			fold[c] = c + 'a' - 'A'
		default:
			fold[c] = c
		}
	}
	return fold, space
}()
