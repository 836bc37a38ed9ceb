package benchexpr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/expr-lang/expr/vm"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/manyrules"
	"github.com/smarticks/smarticks/tools/benchexpr"
)

const (
	messages = 32
	bytes    = 4 << 10
)

// rules are the same workflows, compiled twice.
type rules struct {
	ours   []*automation.Program
	set    *automation.Set
	theirs []*vm.Program
	vm     vm.VM
}

func compile(tb testing.TB, n int, patterns bool) *rules {
	tb.Helper()
	r := &rules{}
	for _, d := range manyrules.Definitions(n, patterns) {
		p, problems := automation.Compile(d)
		if len(problems) > 0 {
			tb.Fatal(problems)
		}
		e, err := benchexpr.Compile(d)
		if err != nil {
			tb.Fatal(err)
		}
		r.ours, r.theirs = append(r.ours, p), append(r.theirs, e)
	}
	r.set = automation.NewSet(r.ours)
	return r
}

// decide calls held for each workflow whose conditions hold, in their order.
func (r *rules) decide(f conversation.Facts, held func(int)) {
	prepared := automation.Prepare(f)
	may := r.set.Candidates(*f.Event, prepared)
	for i := may.Next(0); i >= 0; i = may.Next(i + 1) {
		if r.ours[i].Holds(prepared) == automation.True {
			held(i)
		}
	}
}

// decideByExpr is decide with the other engine. Folding the texts is part of
// both.
func (r *rules) decideByExpr(tb testing.TB, f conversation.Facts, held func(int)) {
	env := benchexpr.NewEnv(f)
	for i, p := range r.theirs {
		out, err := r.vm.Run(p, env)
		if err != nil {
			tb.Fatal(err)
		}
		if out.(bool) {
			held(i)
		}
	}
}

func TestBothDecideTheSame(t *testing.T) {
	for _, patterns := range []bool{false, true} {
		r := compile(t, 1000, patterns)
		all := 0
		for i := range messages {
			f := manyrules.Facts(i, bytes)
			var ours, theirs []int
			r.decide(f, func(i int) { ours = append(ours, i) })
			r.decideByExpr(t, f, func(i int) { theirs = append(theirs, i) })
			if fmt.Sprint(ours) != fmt.Sprint(theirs) {
				t.Fatalf("patterns=%v, mail %d: we say %v, expr %v", patterns, i, ours, theirs)
			}
			all += len(ours)
		}
		if all == 0 {
			t.Error("nothing holds: this test would prove nothing")
		}
	}
}

// BenchmarkBesideExpr decides the same mails with both, a round of them each in
// turns, so that a busy machine slows both, and reports how many times faster ours
// is.
func BenchmarkBesideExpr(b *testing.B) {
	for _, patterns := range []bool{false, true} {
		for _, n := range []int{10, 100, 1000} {
			b.Run(fmt.Sprintf("patterns=%v/workflows=%d", patterns, n), func(b *testing.B) {
				r := compile(b, n, patterns)
				facts := make([]conversation.Facts, messages)
				for i := range facts {
					facts[i] = manyrules.Facts(i, bytes)
				}
				var ours, theirs time.Duration
				for b.Loop() {
					began := time.Now()
					for _, f := range facts {
						r.decide(f, func(int) {})
					}
					between := time.Now()
					for _, f := range facts {
						r.decideByExpr(b, f, func(int) {})
					}
					ours, theirs = ours+between.Sub(began), theirs+time.Since(between)
				}
				each := float64(b.N * messages * n)
				b.ReportMetric(float64(ours.Nanoseconds())/each, "ours-ns/workflow")
				b.ReportMetric(float64(theirs.Nanoseconds())/each, "expr-ns/workflow")
				b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
