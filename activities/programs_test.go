package activities

import (
	"strconv"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// A version that is asked for again and again is compiled once, however many others
// come and go; those are forgotten.
func TestProgramsThatNobodyAsksForAreForgotten(t *testing.T) {
	t.Parallel()
	compiled := map[string]int{}
	a := New(Config{Compile: func(d automation.Definition) (Program, []errs.Problem) {
		compiled[d.Name]++
		return automation.Compile(d)
	}})
	ask := func(name string) {
		t.Helper()
		v := automation.Version{ID: automation.VersionID(name), Definition: automation.Definition{
			Name: name, Type: automation.TypeManual, MaxRuns: 1,
			Actions: []automation.Action{{Do: automation.DoSetStatus, Status: string(conversation.StatusClosed)}},
		}}
		if _, err := a.program(v); err != nil {
			t.Fatal(err)
		}
	}
	const others = 3 * programsKept
	for i := range others {
		ask("in use")
		ask("old " + strconv.Itoa(i))
	}
	if n := len(a.programs.fresh) + len(a.programs.stale); n > 2*programsKept {
		t.Errorf("%d programs are kept of %d", n, others+1)
	}
	if compiled["in use"] != 1 {
		t.Errorf("the one in use was compiled %d times", compiled["in use"])
	}
	if ask("old 0"); compiled["old 0"] != 2 {
		t.Errorf("the oldest was compiled %d times, want it forgotten and made anew", compiled["old 0"])
	}
}
