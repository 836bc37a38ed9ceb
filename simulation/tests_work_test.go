package simulation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/simulation"
)

// restless runs again and again for as long as time passes.
const restless = `
name: Restless
type: automatic
max_runs: 1000
conditions:
  - any: [{field: status_changed, to: active}, {field: new_conversation}]
actions:
  - {do: snooze, until: 4m}
tests:
  - {name: one, when: [{customer_writes: Hello}, {after: 365d}], expect: {runs: 1000}}
  - {name: two, when: [{customer_writes: Hello}, {after: 365d}], expect: {runs: 1000}}
  - {name: three, when: [{customer_writes: Hello}, {after: 365d}], expect: {runs: 1000}}
  - {name: four, when: [{customer_writes: Hello}], expect: {runs: 1}}
`

// All tests of a workflow together have so much work and no more, counted and not
// timed: what is too much is told.
func TestTheWorkOnTestsIsBounded(t *testing.T) {
	t.Parallel()
	w := testWorld()
	got := results(t, w, read(t, []byte(restless), w))
	for i, want := range []string{"", "", "tests[2].when", "tests[3].when"} {
		switch {
		case want == "" && !got[i].Passed:
			t.Errorf("test %d: %+v", i, got[i].Why)
		case want != "" && (len(got[i].Why) != 1 || got[i].Why[0].Path != want || !strings.Contains(got[i].Why[0].Message, "too much work")):
			t.Errorf("test %d: %+v, the bound is %d", i, got[i].Why, simulation.MaxAdvances)
		}
	}
}

// Patterns that look at much text are counted before they look.
func TestTheWorkOfPatternsInTestsIsBounded(t *testing.T) {
	t.Parallel()
	w := testWorld()
	var b strings.Builder
	b.WriteString("name: Heavy\ntype: automatic\nconditions:\n")
	for i := range 95 {
		fmt.Fprintf(&b, "  - any: [{field: body, op: matches, value: '(x+x+)+y|[a-z]{%d}q?[^b]*(w|z)*$'}]\n", 20+i)
	}
	b.WriteString("actions: [{do: note, body: Seen}]\ntests:\n")
	fmt.Fprintf(&b, "  - {name: long, when: [{customer_writes: %s}], expect: {runs: 0}}\n", strings.Repeat("xa", 30<<10))
	got := results(t, w, read(t, []byte(b.String()), w))
	if why := got[0].Why; len(why) != 1 || why[0].Path != "tests[0].when" ||
		!strings.Contains(why[0].Message, "patterns look too often at too much text") {
		t.Errorf("got %+v", why)
	}
}
