package automation

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// FieldNames lists the fields that a row may look at, in the order of screens.
func FieldNames() []string { return fieldNames() }

// OperatorNames lists the operators of all fields, each once. Which ones a field
// takes, Compile says.
func OperatorNames() []string {
	var names []string
	for _, f := range fields {
		for _, o := range f.ops {
			if o.name != "" && !slices.Contains(names, o.name) {
				names = append(names, o.name)
			}
		}
	}
	return names
}

// ActionNames lists what an action may do, in the order of screens.
func ActionNames() []string { return actionNames() }

// DefinitionKeys lists the keys in which a workflow is written, in the order in
// which they are documented.
func DefinitionKeys() []string { return slices.Clone(definitionKeys) }

// ConditionKeys lists the keys of a row.
func ConditionKeys() []string { return slices.Clone(conditionKeys) }

// ActionKeys lists the keys that an action takes; nil for what is no action.
func ActionKeys(do string) []string {
	if k := findAction(do); k != nil {
		return k.keys()
	}
	return nil
}

// Listens lists the kinds of event that a condition listens to, beside a
// conversation's first message; nil for one on what is no field.
func Listens(c Condition) []conversation.Kind {
	if f := findField(c.Field); f != nil {
		return slices.Clone(f.listensTo(c))
	}
	return nil
}

// IsEvent tells whether a row on the field is about the event itself.
func IsEvent(name string) bool {
	f := findField(name)
	return f != nil && f.event()
}

// IsTime tells whether time alone may make a row on the field true and so a
// workflow run.
func IsTime(name string) bool {
	f := findField(name)
	return f != nil && slices.ContainsFunc(f.ops, func(o operator) bool { return o.value == durationValue })
}
