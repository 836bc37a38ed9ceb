package automation

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// FieldNames lists the fields that a condition may look at, in the order of screens.
func FieldNames() []string { return fieldNames() }

// everyField are the fields, with a sample of each family.
func everyField() []*field {
	var all []*field
	for i := range fields {
		all = append(all, &fields[i])
	}
	for i := range families {
		all = append(all, families[i].sample())
	}
	return all
}

// OperatorNames lists the operators of all fields, each once. Which ones a field
// takes, Compile says.
func OperatorNames() []string {
	var names []string
	for _, f := range everyField() {
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

// ConditionKeys lists the keys of a condition.
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

// ReadingOf returns how checks read conditions on the field; ReadsAlone for what is no
// field.
func ReadingOf(name string) Reading {
	if f := findField(name); f != nil && f.reads != "" {
		return f.reads
	}
	return ReadsAlone
}

// WordsOf lists the words with which a condition may compare; nil where there is no end of
// them.
func WordsOf(c Condition) []string {
	if _, o, ok := lookUp(c); ok {
		return slices.Clone(valueKinds[o.value].words)
	}
	return nil
}

// IsEvent reports whether a condition on the field is about the event itself.
func IsEvent(name string) bool {
	f := findField(name)
	return f != nil && f.event()
}

// IsTime reports whether time alone may make a condition on the field true and so a
// workflow run.
func IsTime(name string) bool {
	f := findField(name)
	return f != nil && slices.ContainsFunc(f.ops, func(o operator) bool { return o.value == durationValue })
}
