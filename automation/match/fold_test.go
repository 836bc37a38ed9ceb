package match

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/internal/property"
)

func TestFoldMakesEqualWhatReadersTakeForTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, needle string
		same               bool
	}{
		{"a dotted capital I is an i", "İSTANBUL", "istanbul", true},
		{"a dotless i is an i", "ılık", "ILIK", true},
		{"a plain capital I is an i", "ISTANBUL", "istanbul", true},
		{"sharp s is ss", "straße", "STRASSE", true},
		{"capital sharp s is sharp s", "STRAẞE", "straße", true},
		{"a final sigma is a sigma", "ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"an accent may be a character of its own", "café", "CAFE\u0301", true},
		{"a ligature is its letters", "ﬁx", "FIX", true},
		{"full width letters are letters", "ＲＥＦＵＮＤ", "refund", true},
		{"a long s is an s", "ſafe", "safe", true},
		{"a Kelvin sign is a k", "\u212A", "k", true},
		{"a zero width space is nothing", "re\u200Bfund", "refund", true},
		{"a soft hyphen is nothing", "re\u00ADfund", "refund", true},
		{"a zero width joiner before an accent is nothing", "cafe\u200D\u0301", "café", true},
		{"white space is one space", " money \t\r\n back\u00A0", "money back", true},
		{"an ideographic space is a space", "money\u3000back", "money back", true},
		{"Cherokee has two cases", "Ꭰᏸ", "ꭰᏰ", true},
		{"an accent counts", "cafe", "café", false},
		{"an umlaut counts", "Muller", "Müller", false},
		{"a hyphen counts", "re-fund", "refund", false},
		{"a space counts", "re fund", "refund", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Fold(c.text) == Fold(c.needle); got != c.same {
				t.Errorf("Fold(%q) = %q, Fold(%q) = %q", c.text, Fold(c.text), c.needle, Fold(c.needle))
			}
		})
	}
}

func TestFoldMakesTheCasesOfEveryLetterEqual(t *testing.T) {
	t.Parallel()
	letters := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.SimpleFold(r) == r {
			continue
		}
		letters++
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if Fold(string(r)) != Fold(string(other)) {
				t.Errorf("%U folds to %+q, its other case %U to %+q", r, Fold(string(r)), other, Fold(string(other)))
			}
		}
	}
	if letters < 2000 {
		t.Fatalf("only %d letters have cases", letters)
	}
}

func TestFoldTwiceIsFoldOnce(t *testing.T) {
	property.Check(t, 20_000, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringOf(rapid.SampledFrom([]rune("iIİı\u0307\u0323\u0301\u200D ſßẞςﬃÅ\u212B\u00A0K\u212AǰΐᾳͅΩ"))),
		).Draw(t, "s")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("%+q folds to %+q and then to %+q", s, once, twice)
		}
	})
}

func TestFoldOfASCIIIsTheSameBothWays(t *testing.T) {
	property.Check(t, 5_000, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom(nil, ascii), 0, 40, -1).Draw(t, "s")
		want := strings.Join(strings.Fields(strings.ToLower(s)), " ")
		if got := Fold(s); got != want {
			t.Fatalf("Fold(%q) = %q, want %q", s, got, want)
		}
		// A letter that is not ASCII takes the other way.
		if got := Fold(s + "é"); got != strings.TrimSpace(want+lastSpace(s)+"é") {
			t.Fatalf("Fold(%q) = %q", s+"é", got)
		}
	})
}

// lastSpace is the space that is left of white space at the end of s.
func lastSpace(s string) string {
	if strings.TrimSpace(s) != "" && strings.TrimRight(s, " \t\n\v\f\r") != s {
		return " "
	}
	return ""
}

var ascii = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 127, Stride: 1}}, LatinOffset: 1}
