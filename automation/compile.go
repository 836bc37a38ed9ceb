package automation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// MaxConditions and MaxActions are how many conditions and actions a definition may have,
// MaxNotesLength how long its notes may be, in characters.
const (
	MaxConditions  = 100
	MaxActions     = 50
	MaxNotesLength = 10_000
)

// Program is a definition ready to be evaluated. It is never changed, and may be
// used by many goroutines.
type Program struct {
	definition Definition
	groups     []group
	ordered    []group // the same, cheap groups and conditions first
	times      []*row  // date and calendar conditions
	listens    map[conversation.Kind]bool
	needs      Needs
}

// group is a compiled group.
type group struct{ rows []*row }

// condition is a compiled condition.
type row struct {
	path      string
	condition Condition
	sentence  string
	op        operator
	operand   operand
	group     int // which group it is in
	cost      cost
	test
}

// Compile checks all that d alone can tell, and makes it ready to be evaluated.
// What it names elsewhere (users, mailboxes) is for the caller: see References.
// The program is nil when there are problems; they are in the order of the
// definition, each with its path and a sentence.
func Compile(d Definition) (*Program, []errs.Problem) {
	p := &Program{definition: clone(d), listens: make(map[conversation.Kind]bool)}
	bad := checkSettings(d)
	bad = append(bad, p.compileConditions()...)
	bad = append(bad, checkActions(d)...)
	if len(bad) > 0 {
		return nil, bad
	}
	p.order()
	return p, nil
}

// Problems returns what Decode and Compile found together, without what Compile
// says of a place of which Decode told already.
func Problems(decoded, compiled []errs.Problem) []errs.Problem {
	all := slices.Clone(decoded)
	for _, c := range compiled {
		told := slices.ContainsFunc(decoded, func(p errs.Problem) bool {
			// What stands within a wrong place could not be read; what stands around
			// one (a list without its wrong elements) may only seem wrong.
			return within(c.Path, p.Path) || within(p.Path, c.Path)
		})
		if !told {
			all = append(all, c)
		}
	}
	return all
}

// within reports whether a path is another one or inside it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

func checkSettings(d Definition) []errs.Problem {
	var bad []errs.Problem
	wrong := func(path, sentence string) { bad = append(bad, errs.Problem{Path: path, Message: sentence}) }
	switch n := utf8.RuneCountInString(d.Name); {
	case strings.TrimSpace(d.Name) == "":
		wrong("name", "a workflow needs a name")
	case n > MaxNameLength:
		wrong("name", fmt.Sprintf("the name is %d characters long: at most %d", n, MaxNameLength))
	case !utf8.ValidString(d.Name) || strings.IndexFunc(d.Name, unicode.IsControl) >= 0:
		wrong("name", "the name has a line end or another control character in it")
	}
	if d.Type != TypeAutomatic && d.Type != TypeManual {
		known := []string{string(TypeAutomatic), string(TypeManual)}
		if d.Type == "" {
			wrong("type", "a workflow needs a type: automatic (on events and on time) or manual (run by an agent)")
		} else {
			wrong("type", unknown("type", string(d.Type), known))
		}
	}
	if d.RepliesPerHour < 0 || d.RepliesPerHour > MaxReplies {
		wrong("replies_per_hour", fmt.Sprintf("%d is out of range: from 1 to %d", d.RepliesPerHour, MaxReplies))
	}
	if d.TooLateAfter < 0 || d.TooLateAfter > MaxDuration || d.TooLateAfter%time.Second != 0 {
		wrong("too_late_after", "this must be whole seconds, from 1s to "+FormatDuration(MaxDuration))
	}
	if d.Confirm != nil && d.Type == TypeAutomatic {
		wrong("confirm", "only who runs a manual workflow can be asked: an automatic one runs by itself")
	}
	if d.MaxRuns < 1 || d.MaxRuns > MaxRunsLimit {
		wrong("max_runs", fmt.Sprintf("%d is out of range: from 1 to %d", d.MaxRuns, MaxRunsLimit))
	}
	if n := utf8.RuneCountInString(d.Notes); n > MaxNotesLength {
		wrong("notes", fmt.Sprintf("the notes are %d characters long: at most %d", n, MaxNotesLength))
	}
	return bad
}

// compileConditions fills the program's groups and says what is wrong with them.
func (p *Program) compileConditions() []errs.Problem {
	var bad []errs.Problem
	rows := 0
	for _, g := range p.definition.Conditions {
		rows += max(len(g.Any), 1)
	}
	if problem := tooMany(rows, MaxConditions, "conditions"); problem != "" {
		return []errs.Problem{{Path: "conditions", Message: problem}}
	}
	for g, written := range p.definition.Conditions {
		path := "conditions" + PathIndex(g)
		if len(written.Any) == 0 {
			bad = append(bad, errs.Problem{Path: path + ".any",
				Message: "the group has no condition: an empty group would say something about every conversation"})
		}
		var made group
		for r, c := range written.Any {
			at := path + ".any" + PathIndex(r)
			compiled, wrong := compileRow(c)
			bad = append(bad, PathUnder(at, wrong)...)
			if len(wrong) > 0 {
				continue
			}
			compiled.path, compiled.group = at, g
			made.rows = append(made.rows, compiled)
			if compiled.time != nil {
				p.times = append(p.times, compiled)
			}
			f := findField(c.Field)
			p.needs |= f.needs
			for _, k := range f.listensTo(c) {
				p.listens[k] = true
			}
		}
		p.groups = append(p.groups, made)
	}
	if len(p.definition.Conditions) == 0 && p.definition.Type == TypeAutomatic {
		bad = append(bad, errs.Problem{Path: "conditions",
			Message: "an automatic workflow needs at least one condition: no condition must never mean every conversation"})
	}
	return bad
}

// compileRow makes the test of a condition; problems have paths relative to it.
func compileRow(c Condition) (*row, []errs.Problem) {
	if problem, where := nameProblem(c); problem != "" {
		return nil, []errs.Problem{{Path: where, Message: problem}}
	}
	f, o, _ := lookUp(c)
	var bad []errs.Problem
	v, problem := valueKinds[o.value].read(c.Value)
	switch {
	case problem != "" && o.value == noValue:
		problem = strings.TrimSpace(f.name+" "+o.name) + " " + problem
		fallthrough
	case problem != "":
		bad = append(bad, errs.Problem{Path: "value", Message: problem})
	}
	if v.from, problem = readEnd(f, f.from, "from", c.From); problem != "" {
		bad = append(bad, errs.Problem{Path: "from", Message: problem})
	}
	if v.to, problem = readEnd(f, f.to, "to", c.To); problem != "" {
		bad = append(bad, errs.Problem{Path: "to", Message: problem})
	}
	if o.value == mailboxValue && v.from != nil {
		if v.text != "" && v.text != v.from.text {
			bad = append(bad, errs.Problem{Path: "from", Message: "value and from name different mailboxes: give one of them"})
		}
		v.text = v.from.text
	}
	if len(bad) > 0 {
		return nil, bad
	}
	r := &row{condition: c, op: o, operand: v, sentence: c.Sentence(nil), cost: f.cost, test: f.build(o, v)}
	if o.value == patternValue {
		r.cost += costPattern
	}
	return r, nil
}

// readEnd reads what a condition's from or to is, nil where it is left out.
func readEnd(f *field, kind valueKind, key, written string) (*operand, string) {
	switch {
	case written == "":
		return nil, ""
	case kind == noValue:
		return nil, fmt.Sprintf("%s takes no %q", f.name, key)
	}
	v, problem := valueKinds[kind].read(written)
	return &v, problem
}

// order puts what is cheap to decide first.
func (p *Program) order() {
	byCost := func(a, b *row) int { return cmp.Compare(a.cost, b.cost) }
	for _, g := range p.groups {
		g.rows = slices.Clone(g.rows)
		slices.SortStableFunc(g.rows, byCost)
		p.ordered = append(p.ordered, g)
	}
	dearest := func(g group) cost { return g.rows[len(g.rows)-1].cost }
	slices.SortStableFunc(p.ordered, func(a, b group) int { return cmp.Compare(dearest(a), dearest(b)) })
}

func checkActions(d Definition) []errs.Problem {
	var bad []errs.Problem
	switch n := len(d.Actions); {
	case n == 0:
		return []errs.Problem{{Path: "actions", Message: "a workflow needs at least one action"}}
	case n > MaxActions:
		return []errs.Problem{{Path: "actions", Message: tooMany(n, MaxActions, "actions")}}
	}
	for i, a := range d.Actions {
		bad = append(bad, PathUnder("actions"+PathIndex(i), checkAction(a, d.Type))...)
		if a.Effects().Ends == EndsConversation && i < len(d.Actions)-1 {
			bad = append(bad, errs.Problem{Path: "actions" + PathIndex(i) + ".do",
				Message: a.Do + " must be the last action: after it there is no conversation"})
		}
	}
	return bad
}

// checkAction checks one action of a workflow of the type; paths are relative to
// the action.
func checkAction(a Action, t Type) []errs.Problem {
	kind := findAction(a.Do)
	if kind == nil {
		return []errs.Problem{{Path: "do", Message: doProblem(a.Do)}}
	}
	var bad []errs.Problem
	for _, p := range kind.parts() {
		switch {
		case p.has(a):
			bad = append(bad, PathUnder(p.key, p.check(a))...)
		case slices.Contains(kind.needs, p):
			bad = append(bad, errs.Problem{Path: p.key, Message: fmt.Sprintf("%s needs %s", kind.do, p.key)})
		}
	}
	for _, p := range allParts {
		if p.has(a) && !kind.fills(p.slot) {
			bad = append(bad, errs.Problem{Path: p.key, Message: unknown("key", p.key, kind.keys()) + " (of " + kind.do + ")"})
		}
	}
	if kind.check != nil {
		bad = append(bad, kind.check(a)...)
	}
	const nobody = `"me" is the agent who runs a manual workflow: an automatic one has none`
	switch {
	case t != TypeAutomatic:
	case slices.Contains(PersonWords(a.Do), ToMe) && slices.Contains(a.To, ToMe):
		bad = append(bad, errs.Problem{Path: "to", Message: nobody})
	case a.User == ToMe:
		bad = append(bad, errs.Problem{Path: "user", Message: nobody})
	case a.As == AsAgent && kind.fills("As"):
		bad = append(bad, errs.Problem{Path: "as", Message: `"agent" is who runs a manual workflow: an automatic one has none`})
	}
	return bad
}
