package automation

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// World is what a definition may refer to beside ids and names: what its mailbox
// has. Whether a definition fits it is told at save; what is gone later makes a
// condition unknown.
type World struct {
	// BusinessHours says that the mailbox has some.
	BusinessHours bool
	// Fields are its custom fields.
	Fields []conversation.Field
	// Folders are its folders.
	Folders []conversation.Folder
}

// Against says what of d does not fit the world, in the order of the definition,
// each with its path.
func (d Definition) Against(w World) []errs.Problem {
	var bad []errs.Problem
	for g, group := range d.Conditions {
		for r, c := range group.Any {
			at := "conditions" + PathIndex(g) + ".any" + PathIndex(r)
			bad = append(bad, PathUnder(at, c.against(w))...)
			bad = append(bad, PathUnder(at, w.customRow(c))...)
		}
	}
	for i, a := range d.Actions {
		bad = append(bad, PathUnder("actions"+PathIndex(i), w.customValue(a))...)
	}
	return slices.Concat(bad, w.unknownFields(d), w.unknownFolders(d))
}

// unknownNames says which of the names of a kind that d refers to the mailbox does
// not have; case does not count. what is the kind in words.
func unknownNames(d Definition, kind, what string, names []string) []errs.Problem {
	var bad []errs.Problem
	for _, r := range d.References() {
		if r.Kind != kind || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, r.ID) }) {
			continue
		}
		problem := "this mailbox has no " + what + "s: there is no " + what + " " + match.Quote(r.ID)
		if len(names) > 0 {
			problem = unknown(what, r.ID, names)
		}
		bad = append(bad, errs.Problem{Path: r.Path, Message: problem})
	}
	return bad
}

func (c Condition) against(w World) []errs.Problem {
	_, o, ok := lookUp(c)
	if !ok || w.BusinessHours {
		return nil
	}
	written, _ := c.Value.(string)
	switch span, problem := ParseSpan(written); {
	case o.value == hoursValue:
		return []errs.Problem{{Path: "field", Message: "this mailbox has no business hours: set them first (business_hours of the mailbox)"}}
	case (o.value == durationValue || o.value == closedForValue) && problem == "" && (span.Business || span.BusinessDays > 0):
		return []errs.Problem{{Path: "value", Message: match.Quote(written) +
			" counts business time, and this mailbox has no business hours: set them first (business_hours of the mailbox)"}}
	}
	return nil
}
