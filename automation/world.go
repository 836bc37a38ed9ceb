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

// unknownFields says which of the custom fields that d names the mailbox does not
// have.
func (w World) unknownFields(d Definition) []errs.Problem {
	names := make([]string, len(w.Fields))
	for i, f := range w.Fields {
		names[i] = f.Name
	}
	return unknownNames(d, RefField, "custom field", names)
}

// customRow says what a condition asks of a custom field that its type does not have;
// paths are relative to the condition.
func (w World) customRow(c Condition) []errs.Problem {
	name, ok := customName(c.Field)
	if !ok {
		return nil
	}
	f, known := conversation.FindField(w.Fields, name)
	if !known {
		return nil // unknownFields says it
	}
	ops := customOperatorsOf[f.Type]
	if !slices.Contains(ops, c.Op) {
		return []errs.Problem{{Path: "op", Message: unknown("operator", c.Op, ops) + " (of a field of type " + string(f.Type) + ")"}}
	}
	if c.Op != "is" && c.Op != "is_not" {
		return nil
	}
	written, isText := c.Value.(string)
	switch {
	case f.Type == conversation.FieldNumber && isText:
		return []errs.Problem{{Path: "value", Message: match.Quote(written) + " is a text: give a number, without quotes"}}
	case f.Type != conversation.FieldNumber && !isText:
		return []errs.Problem{{Path: "value", Message: "the field is of type " + string(f.Type) + ": give a text, in quotes"}}
	case f.Type == conversation.FieldCheckbox || f.Type == conversation.FieldDropdown:
		if _, problem := f.CleanValue(written); problem != "" {
			return []errs.Problem{{Path: "value", Message: problem}}
		}
	}
	return nil
}

// customValue says what is wrong with the value that an action gives a custom
// field; paths are relative to the action. What a variable will say is not known
// yet: only texts take one.
func (w World) customValue(a Action) []errs.Problem {
	if a.Do != DoSetField {
		return nil
	}
	f, known := conversation.FindField(w.Fields, a.Field)
	if !known {
		return nil
	}
	if _, _, _, variable := nextVariable(a.Value); variable {
		if f.Type == conversation.FieldText || f.Type == conversation.FieldLongText {
			return nil
		}
		return []errs.Problem{{Path: "value", Message: "a field of type " + string(f.Type) + " takes no variables"}}
	}
	if _, problem := f.CleanValue(strings.TrimSpace(a.Value)); problem != "" {
		return []errs.Problem{{Path: "value", Message: problem}}
	}
	return nil
}
