package automation

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/errs"
)

// definitionKeys, groupKeys and conditionKeys are the keys of a written workflow
// and its parts, in the order in which their problems are told; those of an action
// are in the table of actions.
var (
	definitionKeys = []string{"name", "type", "max_runs", "replies_per_hour", "too_late_after", "apply_to_earlier", "confirm", "notes",
		"conditions", "actions", "tests"}
	groupKeys     = []string{"any"}
	conditionKeys = []string{"field", "op", "value", "from", "to"}
)

// Decode reads a workflow from a tree as JSON or YAML give it (map[string]any,
// []any, string, numbers, bool, nil). It is strict: unknown keys, wrong types,
// and unknown names of fields, operators and actions are problems, each with its
// path and a sentence, in the order of the definition. The top-level keys named
// in ignore are passed over.
//
// Decode knows what is written; Compile knows whether it makes sense. The
// definition holds all that could be read.
func Decode(tree any, ignore ...string) (Definition, []errs.Problem) {
	d := decoder{}
	def := Definition{MaxRuns: DefaultRuns}
	m, ok := tree.(map[string]any)
	if !ok {
		d.wrong("", "a workflow must be an object, not "+typeWord(tree))
		return def, d.bad
	}
	d.members(m, "", definitionKeys, ignore, func(k string, v any) {
		switch k {
		case "name":
			def.Name = d.text(v, k)
		case "type":
			def.Type = Type(d.text(v, k))
		case "max_runs":
			def.MaxRuns = d.whole(v, k)
		case "replies_per_hour":
			if def.RepliesPerHour = d.whole(v, k); def.RepliesPerHour == 0 {
				d.wrong(k, fmt.Sprintf("0 is out of range: from 1 to %d", MaxReplies))
			}
		case "too_late_after":
			def.TooLateAfter = d.duration(v, k)
		case "apply_to_earlier":
			def.ApplyToEarlier = d.boolean(v, k)
		case "confirm":
			yes := d.boolean(v, k)
			def.Confirm = &yes
		case "notes":
			def.Notes = d.text(v, k)
		case "conditions":
			for i, e := range d.groups(v, k) {
				def.Conditions = append(def.Conditions, d.group(e, k+PathIndex(i)))
			}
		case "actions":
			for i, e := range d.list(v, k, MaxActions, "actions") {
				def.Actions = append(def.Actions, d.action(e, k+PathIndex(i)))
			}
		case "tests":
			for i, e := range d.list(v, k, MaxTests, "tests") {
				def.Tests = append(def.Tests, d.test(e, k+PathIndex(i)))
			}
		}
	})
	return def, d.bad
}

// noValueThere says what is wrong with a key that holds nothing.
const noValueThere = "has no value: give one, or leave the key out"

// decoder collects problems on its way through a tree.
type decoder struct{ bad []errs.Problem }

func (d *decoder) wrong(path, sentence string) {
	d.bad = append(d.bad, errs.Problem{Path: path, Message: sentence})
}

// members calls read for each known key that is there, in order, and reports
// the others and of those without a value.
func (d *decoder) members(m map[string]any, path string, known, ignore []string, read func(string, any)) {
	for _, k := range known {
		v, there := m[k]
		switch {
		case !there || slices.Contains(ignore, k):
		case v == nil:
			d.wrong(JoinPath(path, k), noValueThere)
		default:
			read(k, v)
		}
	}
	var strange []string
	for _, k := range SortedKeys(m) {
		if !slices.Contains(known, k) && (path != "" || !slices.Contains(ignore, k)) {
			strange = append(strange, k)
		}
	}
	for i, k := range strange {
		if i == maxTold {
			d.wrong(path, fmt.Sprintf("there are %d more keys that are not known", len(strange)-maxTold))
			return
		}
		d.wrong(JoinPath(path, PathKey(k)), unknown("key", k, known))
	}
}

func (d *decoder) text(v any, path string) string {
	s, problem := readTreeString(v)
	if problem != "" {
		d.wrong(path, problem)
	}
	return s
}

func (d *decoder) boolean(v any, path string) bool {
	b, ok := v.(bool)
	if !ok {
		d.wrong(path, "must be true or false, not "+typeWord(v))
	}
	return b
}

func (d *decoder) whole(v any, path string) int {
	n, problem := readTreeNumber(v)
	if problem == "" && (n != math.Trunc(n) || math.Abs(n) > math.MaxInt32) {
		problem = "must be a whole number of at least 1"
	}
	if problem != "" {
		d.wrong(path, problem)
		return DefaultRuns
	}
	return int(n)
}

func (d *decoder) duration(v any, path string) time.Duration {
	o, problem := readDuration(v)
	if problem == "" && (o.span.Business || o.span.BusinessDays > 0) {
		problem = "this is counted by the clock, not in business time: write it as in 30m or 2h"
	}
	if problem != "" {
		d.wrong(path, problem)
	}
	return o.span.Clock
}

func (d *decoder) group(v any, path string) Group {
	var g Group
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, `a group must be an object with the key "any", not `+typeWord(v))
		return g
	}
	if _, there := m["any"]; !there {
		d.wrong(path, `a group needs the key "any": the list of conditions of which one must hold`)
	}
	d.members(m, path, groupKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		for i, e := range d.list(v, at, MaxConditions, "conditions") {
			g.Any = append(g.Any, d.condition(e, at+PathIndex(i)))
		}
	})
	return g
}

func (d *decoder) condition(v any, path string) Condition {
	var c Condition
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "a condition must be an object, not "+typeWord(v))
		return c
	}
	d.members(m, path, conditionKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "field":
			c.Field = d.text(v, at)
		case "op":
			c.Op = d.text(v, at)
		case "value":
			c.Value = d.value(v, at)
		case "from":
			c.From = d.end(v, at)
		case "to":
			c.To = d.end(v, at)
		}
	})
	if problem, where := nameProblem(c); problem != "" && !d.told(JoinPath(path, where)) {
		d.wrong(JoinPath(path, where), problem)
	}
	return c
}

// end reads a condition's from or to. An empty one is refused: it would mean any.
func (d *decoder) end(v any, path string) string {
	s := d.text(v, path)
	if v == "" {
		d.wrong(path, "is empty: give a value, or leave the key out for any")
	}
	return s
}

// nameProblem says what is wrong with the names of a condition's field and operator.
func nameProblem(c Condition) (problem, where string) {
	f := findField(c.Field)
	switch {
	case c.Field == "":
		return "a condition needs a field: one of " + strings.Join(fieldNames(), ", "), "field"
	case f == nil && familyProblem(c.Field) != "":
		return familyProblem(c.Field), "field"
	case f == nil:
		return unknown("field", c.Field, fieldNames()), "field"
	}
	if _, ok := f.operator(c.Op); ok {
		return "", ""
	}
	switch {
	case f.event():
		return fmt.Sprintf("%s is an event and takes no operator", f.name), "op"
	case c.Op == "":
		return fmt.Sprintf("%s needs an operator: one of %s", f.name, strings.Join(operatorNames(f), ", ")), "op"
	default:
		return unknown("operator", c.Op, operatorNames(f)) + " (of " + f.name + ")", "op"
	}
}

// told reports whether there is a problem at the path already.
func (d *decoder) told(path string) bool {
	return slices.ContainsFunc(d.bad, func(p errs.Problem) bool { return p.Path == path })
}

// value reads the value of a condition: a text, number, bool, or a list of them.
func (d *decoder) value(v any, path string) any {
	switch v := v.(type) {
	case []any:
		if problem := tooMany(len(v), maxListed, "values"); problem != "" {
			d.wrong(path, problem)
			return nil
		}
		for i, e := range v {
			switch e.(type) {
			case []any, map[string]any, nil:
				d.wrong(path+PathIndex(i), "must be a text, not "+typeWord(e))
				return nil
			}
		}
	case map[string]any:
		d.wrong(path, "must be a text or a list of texts, not "+typeWord(v))
		return nil
	}
	normal, bad := normalTree(v, path, 0)
	d.bad = append(d.bad, bad...)
	if len(bad) > 0 {
		return nil
	}
	return normal
}

func (d *decoder) action(v any, path string) Action {
	var a Action
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "an action must be an object, not "+typeWord(v))
		return a
	}
	do, there := m["do"]
	if !there || do == nil {
		d.wrong(JoinPath(path, "do"), doProblem(""))
		return a
	}
	a.Do = d.text(do, JoinPath(path, "do"))
	kind := findAction(a.Do)
	if kind == nil {
		if !d.told(JoinPath(path, "do")) {
			d.wrong(JoinPath(path, "do"), doProblem(a.Do))
		}
		return a
	}
	d.members(m, path, kind.keys(), nil, func(k string, v any) {
		if p := kind.part(k); p != nil {
			d.bad = append(d.bad, PathUnder(JoinPath(path, k), p.read(&a, v))...)
		}
	})
	return a
}

func doProblem(do string) string {
	if do == "" {
		return `an action needs the key "do": one of ` + strings.Join(actionNames(), ", ")
	}
	return unknown("action", do, actionNames())
}
