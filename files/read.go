package files

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/errs"
)

// Set is what some files say.
type Set struct {
	// Mailboxes are in the order in which the files name them.
	Mailboxes []*Mailbox
}

// Mailbox is the workflows of one mailbox, in their order.
type Mailbox struct {
	Address   string
	Workflows []Workflow
}

// Workflow is one workflow as the API takes it.
type Workflow struct {
	// Tree has the keys in which it is written, templates put in.
	Tree map[string]any

	place place
}

// Name returns the workflow's name.
func (w Workflow) Name() string {
	name, _ := w.Tree["name"].(string)
	return name
}

// Trees returns the workflows as the API takes them.
func (m *Mailbox) Trees() []map[string]any {
	out := make([]map[string]any, len(m.Workflows))
	for i, w := range m.Workflows {
		out[i] = w.Tree
	}
	return out
}

// Locate returns the problem with its place in the files, when its path is one of
// the mailbox's set: workflows[2].actions[0].to.
func (m *Mailbox) Locate(p errs.Problem) (Problem, bool) {
	var i int
	n, err := fmt.Sscanf(p.Path, "workflows[%d]", &i)
	if n != 1 || err != nil || i < 0 || i >= len(m.Workflows) {
		return Problem{}, false
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(p.Path, fmt.Sprintf("workflows[%d]", i)), ".")
	return m.Workflows[i].place.problem(rest, p.Message), true
}

// Read reads files, in the order of their names. It is strict: keys that there are
// not, keys that stand twice, and what no workflow can be are problems. What only
// the server knows (users, mailboxes, fields) is not looked at.
//
// Errors: Problems, all of all files.
func Read(sources []Source) (*Set, error) {
	sources = slices.SortedFunc(slices.Values(sources), func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	var parsed []*file
	var bad Problems
	for _, s := range sources {
		f, problems := parse(s)
		bad = append(bad, problems...)
		parsed = append(parsed, f)
	}
	templates, problems := templatesOf(parsed)
	bad = append(bad, problems...)
	set := &Set{}
	for _, f := range parsed {
		for _, w := range f.workflows {
			bad = append(bad, templates.put(w)...)
			bad = append(bad, check(w)...)
			m := set.mailbox(f.mailbox)
			m.Workflows = append(m.Workflows, w)
		}
	}
	for _, m := range set.Mailboxes {
		bad = append(bad, m.twice()...)
	}
	slices.SortStableFunc(bad, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return set, bad.err()
}

// mailbox returns the mailbox with the address, which is made when it is new.
func (s *Set) mailbox(address string) *Mailbox {
	for _, m := range s.Mailboxes {
		if strings.EqualFold(m.Address, address) {
			return m
		}
	}
	m := &Mailbox{Address: address}
	s.Mailboxes = append(s.Mailboxes, m)
	return m
}

// twice reports names that stand twice.
func (m *Mailbox) twice() Problems {
	var bad Problems
	first := map[string]place{}
	for _, w := range m.Workflows {
		key := plan.NameKey(w.Name())
		if there, known := first[key]; known {
			at := there.problem("name", "")
			bad = append(bad, w.place.problem("name", fmt.Sprintf("%s has this name already (%s:%d), and case does not count", m.Address, at.File,
				at.Line)))
			continue
		}
		first[key] = w.place
	}
	return bad
}

// check says what is wrong with a workflow whatever the server has.
func check(w Workflow) Problems {
	d, decoded := automation.Decode(any(w.Tree), "mode")
	_, compiled := automation.Compile(d)
	var bad Problems
	for _, p := range automation.Problems(decoded, compiled) {
		bad = append(bad, w.place.problem(p.Path, p.Message))
	}
	if mode, there := w.Tree["mode"]; there && mode != "on" && mode != "watch" && mode != "off" {
		bad = append(bad, w.place.problem("mode", "the mode is one of on, watch and off"))
	}
	return bad
}
