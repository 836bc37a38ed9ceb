package automation

import "slices"

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
