package match

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/internal/property"
)

func TestAnAutomatonFindsEachLiteralOnce(t *testing.T) {
	property.Check(t, 5_000, func(t *rapid.T) {
		piece := rapid.StringOfN(rapid.RuneFrom([]rune("abcß")), 1, 6, -1)
		literals := rapid.SliceOfN(piece, 0, 20).Draw(t, "literals")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abcßx")), 0, 60, -1).Draw(t, "text")
		a := newWords(literals)
		a.dense = int32(rapid.IntRange(1, int(a.dense)).Draw(t, "dense"))
		found := map[string]int{}
		a.find(text, func(l int32) { found[a.literals[l]]++ })
		for _, l := range literals {
			want := 0
			if strings.Contains(text, l) {
				want = 1
			}
			if found[l] != want {
				t.Fatalf("%q is told %d times of %q, want %d", l, found[l], text, want)
			}
		}
	})
}
