package conversation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// FieldID names a custom field.
type FieldID string

// FieldType says what the values of a custom field are.
type FieldType string

// The types. The zero value is never valid.
const (
	FieldDropdown FieldType = "dropdown" // one of the field's options
	FieldText     FieldType = "text"     // one line
	FieldLongText FieldType = "long_text"
	FieldNumber   FieldType = "number"
	FieldDate     FieldType = "date"     // a day: 2026-11-23
	FieldCheckbox FieldType = "checkbox" // yes or no; no where nobody said
)

// FieldTypes lists the types in the order of screens.
var FieldTypes = []FieldType{FieldDropdown, FieldText, FieldLongText, FieldNumber, FieldDate, FieldCheckbox}

// The bounds of custom fields. Lengths are in characters.
const (
	MaxFields        = 100 // of one mailbox
	MaxFieldName     = 50
	MaxFieldLabel    = 100
	MaxFieldOptions  = 200
	MaxFieldText     = 500
	MaxFieldLongText = 10_000
)

// fieldDay is how days are written.
const fieldDay = "2006-01-02"

// Field is a custom field of the conversations of a mailbox. Its name and its
// type never change: workflows and templates rely on them.
type Field struct {
	ID        FieldID
	MailboxID MailboxID
	Name      string // unique in its mailbox, whatever the case
	Label     string // for screens; empty: the name
	Type      FieldType
	Options   []string // of a dropdown, each once
	CreatedAt time.Time
	Revision  int64 // counts the changes
}

// FieldChange changes what is not nil.
type FieldChange struct {
	Label   *string
	Options *[]string // all of them
}

// CheckFieldName says what is wrong with the name of a field; empty when it is
// fine. A name stands in templates, so it is made of plain characters.
func CheckFieldName(name string) string {
	if problem := CheckLine(name, 1, MaxFieldName); problem != "" {
		return problem
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_- ", r) {
			return "a field's name is made of letters, digits, spaces, hyphens and underscores"
		}
	}
	return ""
}

// CleanValue returns a value as it is kept: an option as the field spells it, a
// number and a day in their one form. Empty stays empty: no value. The problem
// says what the field takes.
func (f Field) CleanValue(value string) (clean, problem string) {
	trimmed := strings.TrimSpace(value)
	if trimmed == "" {
		return "", ""
	}
	switch f.Type {
	case FieldDropdown:
		for _, o := range f.Options {
			if strings.EqualFold(o, trimmed) {
				return o, ""
			}
		}
		return "", "this is none of the options: " + strings.Join(f.Options, ", ")
	case FieldText:
		if problem := CheckLine(trimmed, 0, MaxFieldText); problem != "" {
			return "", problem
		}
		return trimmed, ""
	case FieldLongText:
		if n := utf8.RuneCountInString(value); n > MaxFieldLongText || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return "", fmt.Sprintf("this must be a text of at most %d characters", MaxFieldLongText)
		}
		return value, ""
	case FieldNumber:
		n, err := strconv.ParseFloat(trimmed, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return "", "this must be a number"
		}
		return strconv.FormatFloat(n, 'f', -1, 64), ""
	case FieldDate:
		day, err := time.Parse(fieldDay, trimmed)
		if err != nil {
			return "", "this must be a day, written as 2026-11-23"
		}
		return day.Format(fieldDay), ""
	case FieldCheckbox:
		switch strings.ToLower(trimmed) {
		case "yes", "true":
			return "yes", ""
		case "no", "false":
			return "no", ""
		}
		return "", "this must be yes or no"
	}
	return "", "this build does not know the type of the field"
}

// Field returns the mailbox's field of that name, whatever its case.
func (m Mailbox) Field(name string) (Field, bool) { return FindField(m.Fields, name) }

// FindField returns the field of that name, whatever its case.
func FindField(fields []Field, name string) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// FieldValue returns the value of a custom field, whatever the case of its name;
// empty when it has none.
func (c Conversation) FieldValue(name string) string {
	if v, ok := c.Fields[name]; ok {
		return v
	}
	for have, v := range c.Fields {
		if strings.EqualFold(have, name) {
			return v
		}
	}
	return ""
}

// FieldsIn returns the values of the custom fields that the mailbox has, by name:
// what was set elsewhere is kept, and out of sight.
func (c Conversation) FieldsIn(fields []Field) map[string]string {
	seen := map[string]string{}
	for _, f := range fields {
		if v := c.FieldValue(f.Name); v != "" {
			seen[f.Name] = v
		}
	}
	return seen
}

// SetField gives a custom field its value, cleaned by CleanValue; empty takes it
// away. False: it has it already.
func (e *Editor) SetField(f Field, to string) bool {
	from := e.c.FieldValue(f.Name)
	if from == to {
		return false
	}
	fields := maps.Clone(e.c.Fields)
	maps.DeleteFunc(fields, func(name, _ string) bool { return strings.EqualFold(name, f.Name) })
	if to != "" {
		if fields == nil {
			fields = map[string]string{}
		}
		fields[f.Name] = to
	}
	e.c.Fields = fields
	e.Record(Event{Kind: KindFieldChanged, Field: f.Name, From: from, To: to})
	return true
}
