package automation

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// FieldEntry is a field of conditions as the catalogue shows it to screens and programs.
type FieldEntry struct {
	Name string
	// Family is what the names begin with that Name stands for, as header.NAME does; empty
	// where it is a name.
	Family string
	// Listens are the kinds of event that a condition on it listens to, beside a
	// conversation's first message, and ListensYes those that are more where it compares
	// with yes.
	Listens, ListensYes []conversation.Kind
	// Operators are those that it takes; one about the event takes none, and has one without
	// a name.
	Operators []OperatorEntry
	// From and To are what it takes beside; of the kind none where it takes nothing.
	From, To ValueEntry
}

// OperatorEntry is an operator of a field, with the value that it compares with.
type OperatorEntry struct {
	Name  string
	Value ValueEntry
}

// ValueEntry is a kind of value.
type ValueEntry struct {
	Kind string // text, number, duration, tags …; none: no value
	// Words are all that there are; nil where there is no end of them.
	Words    []string
	Optional bool
	// Refers is what it names, RefUser say; empty: nothing.
	Refers string
	Schema map[string]any // JSON Schema
}

// ActionEntry is an action as the catalogue shows it.
type ActionEntry struct {
	Do      string
	Parts   []PartEntry
	Effects Effects
}

// PartEntry is a key of an action.
type PartEntry struct {
	Key    string
	Needed bool
	Doc    string
	// People are the words that stand for people in it.
	People []string
	Schema map[string]any // JSON Schema
}

// FieldEntries lists the fields of conditions, in the order of screens.
func FieldEntries() []FieldEntry {
	var out []FieldEntry
	for _, f := range everyField() {
		e := FieldEntry{Name: f.name, Listens: slices.Clone(f.listens), ListensYes: slices.Clone(f.yes), From: valueOf(f.from), To: valueOf(f.to)}
		if family, _ := findFamily(f.name); family != nil {
			e.Family = family.prefix
		}
		for _, o := range f.ops {
			e.Operators = append(e.Operators, OperatorEntry{o.name, valueOf(o.value)})
		}
		out = append(out, e)
	}
	return out
}

func valueOf(k valueKind) ValueEntry {
	v := valueKinds[k]
	return ValueEntry{Kind: v.name, Words: slices.Clone(v.words), Optional: v.optional, Refers: v.refers, Schema: v.schema()}
}

// ActionEntries lists the actions, in the order of screens.
func ActionEntries() []ActionEntry {
	out := make([]ActionEntry, len(actionKinds))
	for i := range actionKinds {
		k := &actionKinds[i]
		out[i] = ActionEntry{Do: k.do, Effects: k.effects}
		for _, p := range k.parts() {
			out[i].Parts = append(out[i].Parts, PartEntry{
				Key: p.key, Needed: slices.Contains(k.needs, p), Doc: p.doc, People: slices.Clone(p.people), Schema: p.schema(),
			})
		}
	}
	return out
}
