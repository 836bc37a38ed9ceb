package automation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// fieldPrefix begins the names of conditions and variables of custom fields: field.Plan.
const fieldPrefix = "field."

// customName returns the name of the custom field that a condition is on.
func customName(field string) (string, bool) {
	name, ok := strings.CutPrefix(field, fieldPrefix)
	return name, ok && conversation.CheckFieldName(name) == ""
}

// customNameProblem says what is wrong with that name, empty when nothing is.
func customNameProblem(name string) string {
	if problem := conversation.CheckFieldName(name); problem != "" {
		return match.Quote(name) + " is no custom field's name: " + problem
	}
	return ""
}

// customOperators are those of all types of custom field; which of them one takes,
// Against says, that knows its type.
var customOperators = []operator{
	{"is", customValue, "is"}, {"is_not", customValue, "is not"},
	{"contains", textValue, "contains"}, {"does_not_contain", textValue, "does not contain"},
	{"starts_with", textValue, "starts with"}, {"ends_with", textValue, "ends with"},
	{"matches", patternValue, "matches"},
	{"greater_than", numberValue, "is greater than"}, {"less_than", numberValue, "is less than"},
	{"at_least", numberValue, "is at least"}, {"at_most", numberValue, "is at most"},
	{"past", noValue, "is past"}, {"future", noValue, "is still to come"}, {"today", noValue, "is today"},
	{"in_the_last", durationValue, "is in the last"}, {"not_in_the_last", durationValue, "is not in the last"},
	{"in_the_next", aheadValue, "is in the next"}, {"not_in_the_next", aheadValue, "is not in the next"},
	{"before", momentValue, "is before"}, {"after", momentValue, "is after"},
	{"set", noValue, "is set"}, {"not_set", noValue, "is not set"},
}

// customOperatorsOf are the operators that a type takes.
var customOperatorsOf = map[conversation.FieldType][]string{
	conversation.FieldDropdown: {"is", "is_not", "set", "not_set"},
	conversation.FieldText:     {"is", "is_not", "contains", "does_not_contain", "starts_with", "ends_with", "matches", "set", "not_set"},
	conversation.FieldLongText: {"is", "is_not", "contains", "does_not_contain", "starts_with", "ends_with", "matches", "set", "not_set"},
	conversation.FieldNumber:   {"is", "is_not", "greater_than", "less_than", "at_least", "at_most", "set", "not_set"},
	conversation.FieldDate: {"past", "future", "today", "in_the_last", "not_in_the_last", "in_the_next", "not_in_the_next", "before",
		"after", "set", "not_set"},
	conversation.FieldCheckbox: {"is"},
}

// customField makes the field of the conditions on one custom field.
func customField(name string) field {
	return field{
		reads: ReadsAlone, listens: []conversation.Kind{conversation.KindFieldChanged},
		ops: customOperators, cost: costText, build: customRow(name), say: saying("the field " + match.Quote(name)),
	}
}

// customRow tests a custom field. What the mailbox does not have, and a number or
// a day that nobody gave, is unknown.
func customRow(name string) func(operator, operand) test {
	return func(o operator, v operand) test {
		switch o.name {
		case "greater_than", "less_than", "at_least", "at_most":
			return customNumber(name, o, v)
		case "is", "is_not":
			if v.folded == "" {
				return customNumber(name, o, v)
			}
		case "past", "future", "today", "in_the_last", "not_in_the_last", "in_the_next", "not_in_the_next":
			return customDate(name, o, v)
		case "before", "after":
			return customDay(name, o, v)
		}
		return customText(name, o, v)
	}
}

// custom returns the value of a custom field; why says why there is none to look
// at. A checkbox that nobody touched says no.
func custom(f *conversation.Facts, name string) (value, why string) {
	def, ok := f.Mailbox.Field(name)
	if !ok {
		return "", "the mailbox has no such field"
	}
	value = f.Conversation.FieldValue(name)
	if value == "" && def.Type == conversation.FieldCheckbox {
		value = "no"
	}
	return value, ""
}

func customText(name string, o operator, v operand) test {
	match := matcher(o, v)
	return test{
		holds: func(p *Prepared) Truth {
			value, why := custom(&p.facts, name)
			if why != "" {
				return Unknown
			}
			return o.meant(match(p.custom(value)))
		},
		look: func(p *Prepared) (string, string) {
			value, why := custom(&p.facts, name)
			switch {
			case why != "":
				return "", why
			case value == "":
				return "", "the field is not set"
			}
			return lookAtText(p.custom(value), o, v)
		},
	}
}

// custom returns the text of a value, folded at most once.
func (p *Prepared) custom(value string) *match.Text {
	if p.customs == nil {
		p.customs = map[string]*match.Text{}
	}
	t, ok := p.customs[value]
	if !ok {
		t = (*match.Text)(nil).Or(value)
		p.customs[value] = t
	}
	return t
}

func customNumber(name string, o operator, v operand) test {
	read := func(f *conversation.Facts) (n float64, actual, why string) {
		value, why := custom(f, name)
		switch {
		case why != "":
		case value == "":
			why = "the field is not set"
		default:
			var err error
			if n, err = strconv.ParseFloat(value, 64); err != nil {
				why = "the value is no number"
			}
		}
		return n, match.Shorten(value, actualLength), why
	}
	return test{
		holds: func(p *Prepared) Truth {
			n, _, why := read(&p.facts)
			if why != "" {
				return Unknown
			}
			return truth(compareNumbers(o, n, v.number))
		},
		look: func(p *Prepared) (string, string) {
			_, actual, why := read(&p.facts)
			return actual, why
		},
	}
}

// customDayOf returns the day of a date field: its first instant and the first one
// of the next day, in the mailbox's time zone. Zero when there is none.
func customDayOf(f *conversation.Facts, name string) (first, next time.Time, why string) {
	value, why := custom(f, name)
	switch {
	case why != "":
		return first, next, why
	case value == "":
		return first, next, "the field is not set"
	}
	calendar := f.Mailbox.Calendar()
	day, err := time.ParseInLocation(time.DateOnly, value, calendar.Zone)
	if err != nil {
		return first, next, "the value is no day"
	}
	return calendar.Midnight(day, 0), calendar.Midnight(day, 1), ""
}

// lookAtDay returns the day of a date field as it is written.
func lookAtDay(f *conversation.Facts, name string) (actual, why string) {
	first, _, why := customDayOf(f, name)
	if why != "" {
		return "", why
	}
	return first.Format(time.DateOnly), ""
}

// customDay compares the day with a moment.
func customDay(name string, o operator, v operand) test {
	return test{
		holds: func(p *Prepared) Truth {
			first, _, why := customDayOf(&p.facts, name)
			switch {
			case why != "":
				return Unknown
			case o.name == "before":
				return truth(first.Before(v.moment.start(p.facts.Mailbox)))
			}
			return truth(!first.Before(v.moment.end(p.facts.Mailbox)))
		},
		look: func(p *Prepared) (string, string) { return lookAtDay(&p.facts, name) },
	}
}

// customTime is a condition on a date field that time alone can change: it is true from
// one instant to another, or outside of that.
type customTime struct {
	name    string
	op      string
	span    Span
	outside bool
}

func customDate(name string, o operator, v operand) test {
	d := &customTime{name: name, op: strings.TrimPrefix(o.name, "not_"), span: v.span, outside: strings.HasPrefix(o.name, "not_")}
	return test{
		time:  d,
		holds: func(p *Prepared) Truth { return d.at(&p.facts, p.facts.Now) },
		look: func(p *Prepared) (string, string) {
			actual, why := lookAtDay(&p.facts, name)
			switch {
			case why != "" || d.at(&p.facts, p.facts.Now) != Unknown:
			case d.endless():
				why = "the conversation is still to be created"
			default:
				why = "that day is still to come"
			}
			return actual, why
		},
	}
}

// window returns from when until when the condition, without its not, is true; a zero
// one is open.
//
// A day is past when the next one begins. The last n days count from where the
// day begins, and the next n days end there.
func (d *customTime) window(f *conversation.Facts) (from, until time.Time, ok bool) {
	first, next, why := customDayOf(f, d.name)
	if why != "" {
		return from, until, false
	}
	switch d.op {
	case "past":
		return next, until, true
	case "future":
		return from, first, true
	case "today":
		return first, next, true
	case "in_the_last":
		end := d.span.After(first, f.Mailbox)
		return first, end, !end.IsZero()
	default: // in_the_next
		return first.Add(-d.span.Clock), first, true
	}
}

// at decides the condition at an instant. Before the day, what is or is not in the last
// days is unknown, as for other dates; and before the conversation was created, what
// has no other beginning.
func (d *customTime) at(f *conversation.Facts, now time.Time) Truth {
	from, until, ok := d.window(f)
	if !ok || d.op == "in_the_last" && now.Before(from) || d.endless() && now.Before(f.Conversation.CreatedAt) {
		return Unknown
	}
	inside := !now.Before(from) && (until.IsZero() || now.Before(until))
	return truth(inside != d.outside)
}

// endless reports whether the condition was true since ever: of a day to come, and of one
// that is not in the next days yet. Its stretch begins with the conversation, or
// there would be no instant at which it became true.
func (d *customTime) endless() bool { return d.op == "future" || d.op == "in_the_next" && d.outside }

func (d *customTime) boundaries(f *conversation.Facts, _, _ time.Time) []time.Time {
	from, until, ok := d.window(f)
	ends := []time.Time{from, until}
	if d.endless() {
		ends = append(ends, f.Conversation.CreatedAt)
	}
	var instants []time.Time
	for _, at := range ends {
		if ok && !at.IsZero() {
			instants = append(instants, at)
		}
	}
	return instants
}

// anchor is the beginning of the day: another value is another episode.
func (d *customTime) anchor(f *conversation.Facts) time.Time {
	first, _, _ := customDayOf(f, d.name)
	return first
}

// readCustom reads what a custom field is compared with: a text or a number.
func readCustom(v any) (operand, string) {
	if _, ok := v.(string); ok {
		return readText(v)
	}
	if b, ok := v.(bool); ok {
		return operand{}, fmt.Sprintf("%v is neither a text nor a number: for a checkbox write yes or no, in quotes", b)
	}
	return readNumber(v)
}

// readAhead reads a duration of the clock: days to come are counted by it.
func readAhead(v any) (operand, string) {
	o, problem := readDuration(v)
	if problem == "" && (o.span.Business || o.span.BusinessDays > 0) {
		problem = "what is to come is counted in hours and days of the clock: write it as in 8h or 3d"
	}
	return o, problem
}
