package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
)

// planned is a workflow of a mailbox or of its files.
type planned struct {
	name string
	tag  string // what it does
	mode automation.Mode
	// version and changed are as in a record.
	version int
	changed bool
}

func (p planned) definition() automation.Definition {
	return automation.Definition{Name: p.name, Type: automation.TypeManual, MaxRuns: 1,
		Actions: []automation.Action{{Do: automation.DoAddTags, Tags: []string{p.tag}}}}
}

func on(name string) planned {
	return planned{name: name, tag: "x", mode: automation.ModeOn, version: 1}
}

func records(list ...planned) []automation.Workflow {
	out := make([]automation.Workflow, len(list))
	for i, p := range list {
		out[i] = automation.Workflow{ID: automation.DefinitionID("id-" + strings.ToLower(p.name)), Position: i + 1, Mode: p.mode,
			Draft: p.definition(), Version: p.version, Changed: p.changed}
	}
	return out
}

func wanted(list ...planned) []plan.Wanted {
	out := make([]plan.Wanted, len(list))
	for i, p := range list {
		out[i] = plan.Wanted{Definition: p.definition(), Mode: p.mode}
	}
	return out
}

// said is a step in short: create A off>on publish.
func said(p plan.Plan) []string {
	var out []string
	for _, s := range p.Steps {
		line := string(s.Do) + " " + s.Name
		for _, c := range s.Changes {
			line += " " + c.Path + ":" + c.Before + ">" + c.After
		}
		if s.From != s.To {
			line += " " + string(s.From) + ">" + string(s.To)
		}
		if s.Publish {
			line += " publish"
		}
		out = append(out, line)
	}
	return out
}

func TestAPlanSaysWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	as := func(p planned, change func(*planned)) planned { change(&p); return p }
	draft := as(on("A"), func(p *planned) { p.version, p.mode = 0, automation.ModeOff })
	for _, c := range []struct {
		name       string
		have, want []planned
		prune      bool
		steps      []string
		after      []string
	}{
		{name: "nothing", have: []planned{on("A"), on("B")}, want: []planned{on("A"), on("B")}, after: []string{"A", "B"}},
		{name: "case of a name", have: []planned{on("a")}, want: []planned{on("A")}, after: []string{"A"},
			steps: []string{`change A name:"a">"A" publish`}},
		{name: "all new", want: []planned{on("A"), draft}, after: []string{"A", "A"}, steps: []string{"create A off>on publish", "create A"}},
		{name: "a change", have: []planned{on("A")}, want: []planned{as(on("A"), func(p *planned) { p.tag = "y" })}, after: []string{"A"},
			steps: []string{`change A actions[0].tags:["x"]>["y"] publish`}},
		{name: "a change of what is off", have: []planned{draft}, want: []planned{as(draft, func(p *planned) { p.tag = "y" })},
			after: []string{"A"},
			steps: []string{`change A actions[0].tags:["x"]>["y"]`}},
		{name: "switched on for the first time", have: []planned{draft}, want: []planned{on("A")}, after: []string{"A"},
			steps: []string{"change A off>on publish"}},
		{name: "switched off", have: []planned{on("A")}, want: []planned{as(on("A"), func(p *planned) { p.mode = automation.ModeOff })},
			after: []string{"A"},
			steps: []string{"change A on>off"}},
		{name: "an unpublished draft", have: []planned{as(on("A"), func(p *planned) { p.changed = true })}, want: []planned{on("A")},
			after: []string{"A"},
			steps: []string{"change A publish"}},
		{name: "order", have: []planned{on("A"), on("B"), on("C")}, want: []planned{on("C"), on("A"), on("B")}, after: []string{"C", "A", "B"}},
		{name: "others keep their places", have: []planned{on("U"), on("A"), on("V"), on("B")}, want: []planned{on("B"), on("N"), on("A")},
			after: []string{"U", "B", "V", "N", "A"}, steps: []string{"create N off>on publish"}},
		{name: "pruned", have: []planned{on("U"), on("A")}, want: []planned{on("A")}, prune: true, after: []string{"A"},
			steps: []string{"delete U on>"}},
		{name: "all pruned", have: []planned{on("U")}, prune: true, steps: []string{"delete U on>"}},
	} {
		set := plan.WantedSet{Workflows: wanted(c.want...), Prune: c.prune}
		p := plan.Make(records(c.have...), set, func(d automation.Definition) automation.Definition { return d })
		if diff := cmp.Diff(c.steps, said(p)); diff != "" {
			t.Errorf("%s: steps (-want +got)\n%s", c.name, diff)
		}
		if !slices.Equal(p.After, c.after) {
			t.Errorf("%s: the order is %v, want %v", c.name, p.After, c.after)
		}
		if p.Empty() != (len(c.steps) == 0 && c.name != "order") {
			t.Errorf("%s: empty is %v", c.name, p.Empty())
		}
	}
}

// What a plan makes is what is wanted: the next plan has nothing to do.
func TestAnOrderThatWasMadeIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	same := func(d automation.Definition) automation.Definition { return d }
	set := plan.WantedSet{Workflows: wanted(on("B"), on("N"), on("A"))}
	first := plan.Make(records(on("U"), on("A"), on("V"), on("B")), set, same)
	var made []planned
	for _, name := range first.After {
		made = append(made, on(name))
	}
	if next := plan.Make(records(made...), set, same); !next.Empty() {
		t.Errorf("it would be done again: %v, %v to %v", said(next), next.Before, next.After)
	}
}

func TestAFingerprintSaysWhatBecameOfAMailbox(t *testing.T) {
	t.Parallel()
	base := plan.BaseOf(records(on("A"), on("B"), on("C")))
	b := on("B")
	b.mode = automation.ModeOff
	for _, c := range []struct {
		name string
		now  []planned
		want plan.Drift
	}{
		{"nothing", []planned{on("A"), on("B"), on("C")}, plan.Drift{}},
		{"another order", []planned{on("B"), on("A"), on("C")}, plan.Drift{Reordered: true}},
		{"switched off", []planned{on("A"), b, on("C")}, plan.Drift{Changed: []automation.DefinitionID{"id-b"}}},
		{"made and gone", []planned{on("A"), on("D"), on("B")},
			plan.Drift{Made: []automation.DefinitionID{"id-d"}, Gone: []automation.DefinitionID{"id-c"}}},
	} {
		got := plan.BaseOf(records(c.now...)).Since(base)
		if diff := cmp.Diff(c.want, got); diff != "" || got.None() != (c.name == "nothing") {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}
