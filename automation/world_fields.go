package automation

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

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
