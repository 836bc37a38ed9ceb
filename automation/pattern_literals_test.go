package automation

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
		p, problem := compilePattern(pattern)
		if problem != "" {
			t.Fatal(problem)
		}
		if !slices.Equal(p.literals, want) {
			t.Errorf("%s: %q, want %q", pattern, p.literals, want)
		}
	}
}

// A text that a pattern matches has one of its literals, however it is written.
func TestEveryMatchHasALiteral(t *testing.T) {
	matched := 0
	n := property.Check(t, 20_000, func(t *rapid.T) {
		source := pick(t, []string{"refund now", `ask\s+(me|us)`, "(?-i)Kind", "maß", `x?(kiss|mass)+`, "[sk]it", "İs", "[^a-z]off"})
		p, problem := compilePattern(source)
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
		}, raw) + pick(t, []string{"", "\u0301", "\u200B", "\xff"})
		fresh := (*text)(nil).or(raw)
		if want := p.MatchString(raw); (matches(fresh, p) == True) != want {
			t.Fatalf("%s on %q: want %v; literals %q of %q", source, raw, want, p.literals, fresh.simpleFold())
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
	long := (*text)(nil).or(strings.Repeat("word ", MaxMatchedBytes/5))
	long.work.done = MaxPatternWork - 1
	p, _ := compilePattern(`[a-z]{3} [0-9]|d`)
	if matches(long, p) != Unknown || !long.work.spent || !strings.Contains(long.note(), "not tried") {
		t.Errorf("it was tried: %+v, %q", long.work, long.note())
	}
	long.work = &patternWork{}
	if matches(long, p) != True || long.work.done != len(long.raw)*p.steps || long.note() != "" {
		t.Errorf("it was not tried: %+v", long.work)
	}
	done := long.work.done
	if matches(long, p) != True || long.work.done != done {
		t.Error("the same pattern is tried twice")
	}
	missing, _ := compilePattern(`[a-z]+ refund`)
	if matches(long, missing) != False || long.work.done != done {
		t.Error("a pattern whose literal is missing costs work")
	}
}

func TestTheHeadersOfAMailShareOneBound(t *testing.T) {
	t.Parallel()
	f := facts(event("customer_message"), mail(header("X-A", "one"), header("X-B", "two")))
	prepared := Prepare(f)
	lines := prepared.of(f.Message).headerLines()
	lines[0].work.done = MaxPatternWork
	p, _ := compilePattern(`\w+ \w`)
	other := *f.Event
	f.Event = &other // the same one, as the next workflow sees it
	for _, line := range prepared.With(f).of(f.Message).headersNamed("X-B") {
		if line.match(p); !line.work.spent {
			t.Error("a header has a bound of its own")
		}
	}
}
