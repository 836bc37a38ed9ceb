package match

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/internal/property"
)

func TestLiteralsOfAPattern(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string][]string{
		`refund`:                      {"refund"},
		`\bcharge(back|d)?s?\b`:       {"charge"},
		`/money\s+back/i`:             {"money"},
		`a lone Word of it`:           {"lone"},
		`(cancel|terminate) (now|it)`: {"cancel", "terminate"},
		`(order|invoice)? no`:         {"no"},
		`x{2,3}refund+`:               {"refun"},
		`(?-i)VIP`:                    {"vip"},
		`\d{4,}`:                      nil,
		`.*`:                          nil,
		`order|\d+`:                   nil,
		`a|bc`:                        nil,
		`(\w+\s+){2,9}zzz`:            {"zzz"},
		"\u212Aelvin":                 {"kelvin"},
	} {
		p, problem := ParsePattern(pattern)
		if problem != "" {
			t.Fatal(problem)
		}
		if !slices.Equal(p.Literals, want) {
			t.Errorf("%s: %q, want %q", pattern, p.Literals, want)
		}
	}
}

// A text that a pattern matches has one of its literals, however it is written.
func TestEveryMatchHasALiteral(t *testing.T) {
	matched := 0
	n := property.Check(t, 20_000, func(t *rapid.T) {
		source := rapid.SampledFrom([]string{"refund now", `ask\s+(me|us)`, "(?-i)Kind", "maß", `x?(kiss|mass)+`, "[sk]it", "İs",
			"[^a-z]off"}).Draw(t, "source")
		p, problem := ParsePattern(source)
		if problem != "" {
			t.Fatal(problem)
		}
		raw := rapid.StringMatching("(?i).?("+source+").{0,2}").Draw(t, "text")
		raw = strings.Map(func(r rune) rune {
			switch {
			case r == 's' && rapid.Bool().Draw(t, "ſ"):
				return 'ſ'
			case r == 'k' && rapid.Bool().Draw(t, "K"):
				return '\u212A'
			}
			return r
		}, raw) + rapid.SampledFrom([]string{"", "\u0301", "\u200B", "\xff"}).Draw(t, "mark")
		fresh := (*Text)(nil).Or(raw)
		got, _ := fresh.Match(p)
		if want := p.MatchString(raw); got != want {
			t.Fatalf("%s on %q: want %v; literals %q of %q", source, raw, want, p.Literals, fresh.SimpleFold())
		} else if want {
			matched++
		}
	})
	if matched < n/2 {
		t.Errorf("%d of %d matched: the test proves little", matched, n)
	}
}

func TestPatternsAreNotTriedBeyondTheirBound(t *testing.T) {
	t.Parallel()
	long := (*Text)(nil).Or(strings.Repeat("word ", MaxMatchedBytes/5))
	long.Work.Done = MaxPatternWork - 1
	p, _ := ParsePattern(`[a-z]{3} [0-9]|d`)
	if _, known := long.Match(p); known || !long.Work.Spent || !strings.Contains(long.Note(), "not tried") {
		t.Errorf("it was tried: %+v, %q", long.Work, long.Note())
	}
	long.Work = &PatternWork{}
	if matched, known := long.Match(p); !matched || !known || long.Work.Done != len(long.Raw)*p.Steps || long.Note() != "" {
		t.Errorf("it was not tried: %+v", long.Work)
	}
	done := long.Work.Done
	if matched, known := long.Match(p); !matched || !known || long.Work.Done != done {
		t.Error("the same pattern is tried twice")
	}
	missing, _ := ParsePattern(`[a-z]+ refund`)
	if matched, known := long.Match(missing); matched || !known || long.Work.Done != done {
		t.Error("a pattern whose literal is missing costs work")
	}
}
