package check_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
)

func flow(id, name string, actions []automation.Action, rows ...automation.Condition) check.Workflow {
	d := automation.Definition{Name: name, Type: automation.TypeAutomatic, MaxRuns: 5, Actions: actions}
	for _, r := range rows {
		d.Conditions = append(d.Conditions, automation.Group{Any: []automation.Condition{r}})
	}
	return check.Workflow{ID: automation.DefinitionID(id), MailboxID: "m1", Mode: automation.ModeOn, Definition: d}
}

func TestAfterDeletingForeverNothingIsDone(t *testing.T) {
	t.Parallel()
	replied := automation.Condition{Field: "customer_replied"}
	note, gone := automation.Action{Do: automation.DoNote, Body: "x"}, automation.Action{Do: "delete_forever"}
	found := check.One(flow("", "A", []automation.Action{note, gone, note}, replied).Definition)
	if len(found) != 1 || found[0].ID != "action_after_delete_forever" || found[0].Path != "actions[2]" ||
		found[0].Severity != automation.SeverityError {
		t.Errorf("%+v", found)
	}
	if found = check.One(flow("", "A", []automation.Action{note, gone}, replied).Definition); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// TestACircleIsToldWithItsWayAndItsLimit holds the sentence and that the whole
// mailbox is told once.
func TestACircleIsToldWithItsWayAndItsLimit(t *testing.T) {
	t.Parallel()
	set := func(status string) []automation.Action {
		return []automation.Action{{Do: automation.DoSetStatus, Status: status}}
	}
	is := func(status string) automation.Condition {
		return automation.Condition{Field: "status", Op: "is", Value: status}
	}
	a, b := flow("w1", "A", set("pending"), is("active")), flow("w2", "B", set("active"), is("pending"))
	found := check.Whole([]check.Workflow{a, b}, "m1", check.World{})
	if len(found) != 1 || found[0].Workflow != "w1" || len(found[0].Others) != 1 || found[0].Others[0] != "w2" ||
		!strings.Contains(found[0].Message, `"A" > "B" > "A"; it ends only because a workflow runs once for one event from outside`) {
		t.Errorf("%+v", found)
	}
	b.Definition.MaxRuns = 1
	found = check.Whole([]check.Workflow{a, b}, "m1", check.World{})
	if len(found) != 1 || !strings.Contains(found[0].Message, `max_runs of "B" is 1`) {
		t.Errorf("%+v", found)
	}
	b.Mode = automation.ModeWatch
	if found = check.Whole([]check.Workflow{a, b}, "m1", check.World{}); len(found) != 0 {
		t.Errorf("what only watches goes round no circle: %+v", found)
	}
}

// TestADraftStandsAtItsPlace holds that the order counts, and where a new draft is.
func TestADraftStandsAtItsPlace(t *testing.T) {
	t.Parallel()
	replied := automation.Condition{Field: "customer_replied"}
	stop := []automation.Action{{Do: automation.DoStop}}
	first := flow("w1", "First", stop, replied)
	draft := flow("w2", "Draft", []automation.Action{{Do: automation.DoNote, Body: "x"}}, replied)
	if found := check.Draft(draft, []check.Workflow{first}, check.World{}); len(found) != 1 || found[0].ID != "shadowed_by_stop" {
		t.Errorf("at the end: %+v", found)
	}
	if found := check.Draft(draft, []check.Workflow{draft, first}, check.World{}); len(found) != 0 {
		t.Errorf("before the one that stops: %+v", found)
	}
	first.Mode = automation.ModeOff
	if found := check.Draft(draft, []check.Workflow{first}, check.World{}); len(found) != 0 {
		t.Errorf("what is off stops nothing: %+v", found)
	}
}

// TestTheSolverGivesUpInTime holds that a workflow of many conditions is looked at in
// bounded time, and that nothing is said where the solver gave up.
func TestTheSolverGivesUpInTime(t *testing.T) {
	t.Parallel()
	var d automation.Definition
	d.Type, d.MaxRuns = automation.TypeAutomatic, 1
	d.Actions = []automation.Action{{Do: automation.DoNote, Body: "x"}}
	for range 10 {
		var g automation.Group
		for _, tag := range strings.Fields("a b c d e f g h i j") {
			g.Any = append(g.Any, automation.Condition{Field: "tags", Op: "has_all", Value: []any{tag, tag + "x"}})
		}
		d.Conditions = append(d.Conditions, g)
	}
	all := make([]check.Workflow, 50)
	for i := range all {
		all[i] = check.Workflow{ID: automation.DefinitionID(rune('a' + i)), MailboxID: conversation.MailboxID("m1"), Mode: automation.ModeOn,
			Definition: d}
	}
	if found := check.Draft(all[0], all, check.World{}); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// TestWhoseTurnItIsIsKnownToNobody holds that a rota is no user who is missing.
func TestWhoseTurnItIsIsKnownToNobody(t *testing.T) {
	t.Parallel()
	nobody := check.World{Member: func(string, conversation.MailboxID) bool { return false }}
	w := flow("w1", "A", []automation.Action{{Do: automation.DoAssign, To: []string{"round_robin"}}},
		automation.Condition{Field: "customer_replied"})
	if found := check.Draft(w, nil, nobody); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// TestChecks_KnowWhatEachActionLeaves holds that checks read what every action of the
// catalogue says that it leaves: a workflow that asks for the opposite then cannot hold.
func TestChecks_KnowWhatEachActionLeaves(t *testing.T) {
	t.Parallel()
	known := 0
	for _, do := range automation.ActionNames() {
		a := automation.Action{Do: do, Tags: []string{"a"}, Status: "closed", To: []string{"u1"}, Mailbox: "m1", Subject: "x", Body: "x"}
		for _, left := range a.Leaves() {
			if left.Field == automation.AboutMailbox {
				continue
			}
			known++
			opposite := left
			opposite.Op = map[string]string{"is": "is_not", "has_all": "has_none", "has_none": "has_all"}[left.Op]
			found := check.One(flow("", "A", []automation.Action{{Do: automation.DoNote, Body: "x"}}, left, opposite).Definition)
			if len(found) == 0 || found[0].ID != "never_true" {
				t.Errorf("%s leaves %+v, and checks do not see that %q is its opposite: %+v", do, left, opposite.Op, found)
			}
		}
	}
	if known == 0 {
		t.Error("no action leaves anything: this test would prove nothing")
	}
}
