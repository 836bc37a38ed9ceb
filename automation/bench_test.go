package automation_test

import (
	"fmt"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/manyrules"
)

// messages are the mails that the measurements rotate over: none is seen twice
// in a condition.
const messages = 64

func programs(tb testing.TB, list []automation.Definition) []*automation.Program {
	tb.Helper()
	out := make([]*automation.Program, len(list))
	for i, d := range list {
		var bad any
		if out[i], bad = automation.Compile(d); out[i] == nil {
			tb.Fatal(bad)
		}
	}
	return out
}

// decide says how many workflows a new mail makes run.
func decide(set *automation.Set, all []*automation.Program, f conversation.Facts) (held, looked int) {
	prepared := automation.Prepare(f)
	may := set.Candidates(*f.Event, prepared)
	for i := may.Next(0); i >= 0; i = may.Next(i + 1) {
		if looked++; all[i].Holds(prepared) == automation.True {
			held++
		}
	}
	return held, looked
}

// BenchmarkDecide measures what one new mail of 4 KB costs per workflow of its
// mailbox, all that is done for the mail included.
func BenchmarkDecide(b *testing.B) {
	facts := make([]conversation.Facts, messages)
	for i := range facts {
		facts[i] = manyrules.Facts(i, 4<<10)
	}
	for _, patterns := range []bool{false, true} {
		for _, n := range []int{10, 100, 1000} {
			b.Run(fmt.Sprintf("patterns=%v/workflows=%d", patterns, n), func(b *testing.B) {
				all := programs(b, manyrules.Definitions(n, patterns))
				set := automation.NewSet(all)
				held, looked := 0, 0
				for i := 0; b.Loop(); i++ {
					h, l := decide(set, all, facts[i%messages])
					held, looked = held+h, looked+l
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/workflow")
				b.ReportMetric(float64(looked)/float64(b.N), "looked-at")
				b.ReportMetric(float64(held)/float64(b.N), "held")
			})
		}
	}
}

// BenchmarkHostile measures a mail of 1 MiB against 1,000 workflows whose
// patterns are as costly as a pattern may be.
func BenchmarkHostile(b *testing.B) {
	all := programs(b, manyrules.Hostile(1000))
	set := automation.NewSet(all)
	f := manyrules.Facts(1, 1<<20)
	for b.Loop() {
		decide(set, all, f)
	}
}

// BenchmarkNewSet measures what a change of a mailbox's workflows costs once.
func BenchmarkNewSet(b *testing.B) {
	all := programs(b, manyrules.Definitions(1000, true))
	for b.Loop() {
		automation.NewSet(all)
	}
}

// The cost of a message must grow slower than the number of workflows. Counted
// are looks, not time: they are the same on every machine.
func TestFewOfManyWorkflowsAreLookedAt(t *testing.T) {
	t.Parallel()
	for _, patterns := range []bool{false, true} {
		all := programs(t, manyrules.Definitions(1000, patterns))
		set := automation.NewSet(all)
		held, looked := 0, 0
		const some = 8
		for i := range some {
			f := manyrules.Facts(i, 4<<10)
			h, l := decide(set, all, f)
			held, looked = held+h, looked+l
			want := 0
			for _, p := range all {
				if p.Evaluate(f).Holds == automation.True {
					want++
				}
			}
			if h != want {
				t.Fatalf("patterns=%v: %d held, one by one %d", patterns, h, want)
			}
		}
		if held == 0 || looked > some*1000/4 {
			t.Errorf("patterns=%v: %d held, %d of %d looked at", patterns, held, looked, some*1000)
		}
	}
}
