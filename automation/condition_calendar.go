package automation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// calendarTest is a calendar condition: something that the clock on the wall says. It
// narrows and may move a due time later, but counts from nothing: by itself it
// makes a workflow due at no time.
type calendarTest struct {
	is       func(c conversation.Calendar, now time.Time) bool
	changes  func(c conversation.Calendar, from, until time.Time) []time.Time
	negative bool
	// unknown says why it cannot be told, empty when it can.
	unknown func(c conversation.Calendar) string
}

func (t *calendarTest) at(f *conversation.Facts, now time.Time) Truth { return t.settle(f)(now) }

func (t *calendarTest) settle(f *conversation.Facts) func(time.Time) Truth {
	c := f.Mailbox.Calendar()
	if t.unknown != nil && t.unknown(c) != "" {
		return func(time.Time) Truth { return Unknown }
	}
	return func(now time.Time) Truth { return truth(t.is(c, now) != t.negative) }
}

func (t *calendarTest) boundaries(f *conversation.Facts, from, until time.Time) []time.Time {
	return t.changes(f.Mailbox.Calendar(), from, until)
}

func (t *calendarTest) anchor(*conversation.Facts) time.Time { return time.Time{} }

// narrows reports whether the condition is a calendar condition.
func (r *row) narrows() bool {
	_, is := r.time.(*calendarTest)
	return is
}

// condition makes the test of a calendar condition.
func (t *calendarTest) row() test {
	return test{
		time:  t,
		holds: func(p *Prepared) Truth { return t.at(&p.facts, p.facts.Now) },
		look: func(p *Prepared) (string, string) {
			c := p.facts.Mailbox.Calendar()
			why := ""
			if t.unknown != nil {
				why = t.unknown(c)
			}
			return p.facts.Now.In(c.Zone).Format("Monday 15:04") + " in " + c.Zone.String(), why
		},
	}
}

// businessHoursRow tests whether now is inside the mailbox's business hours.
func businessHoursRow(_ operator, v operand) test {
	t := &calendarTest{
		is:       conversation.Calendar.Open,
		changes:  conversation.Calendar.Changes,
		negative: v.text == hoursOutside,
		unknown: func(c conversation.Calendar) string {
			if !c.Hours.Set() {
				return "the mailbox has no business hours"
			}
			return ""
		},
	}
	return t.row()
}

// The values of a business_hours condition.
const (
	hoursInside  = "inside"
	hoursOutside = "outside"
)

// dayOfWeekRow tests the day of the week in the mailbox's time zone.
func dayOfWeekRow(o operator, v operand) test {
	t := &calendarTest{
		is: func(c conversation.Calendar, now time.Time) bool {
			return slices.Contains(v.tags, strings.ToLower(now.In(c.Zone).Weekday().String()))
		},
		changes: func(c conversation.Calendar, from, until time.Time) []time.Time {
			return c.Clocks(from, until, 0)
		},
		negative: o.negative(),
	}
	return t.row()
}

// timeOfDayRow tests the time of the day in the mailbox's time zone. A stretch
// that ends before it begins goes over midnight.
func timeOfDayRow(o operator, v operand) test {
	t := &calendarTest{
		is: func(c conversation.Calendar, now time.Time) bool {
			m := c.MinuteOfDay(now)
			if v.clock.From < v.clock.To {
				return v.clock.From <= m && m < v.clock.To
			}
			return v.clock.From <= m || m < v.clock.To
		},
		changes: func(c conversation.Calendar, from, until time.Time) []time.Time {
			return c.Clocks(from, until, 0, v.clock.From, v.clock.To)
		},
		negative: o.name == "not_between",
	}
	return t.row()
}

// weekdays are the values of a day_of_week condition, Monday first.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// readWeekdays reads one day or a list.
func readWeekdays(v any) (operand, string) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) == 0 {
		return operand{}, "the list is empty: name at least one day"
	}
	var o operand
	for _, e := range list {
		one, problem := readWord(e, "day", weekdays)
		if problem != "" {
			return operand{}, problem
		}
		o.tags = append(o.tags, one.text)
	}
	return o, ""
}

// readClock reads a stretch of the day: 09:00-17:30.
func readClock(v any) (operand, string) {
	const what = `a stretch of the day, as in "09:00-17:30"`
	s, problem := readString(v, what)
	if problem != "" {
		return operand{}, problem
	}
	clock, ok := conversation.ParseInterval(s)
	switch {
	case !ok:
		return operand{}, match.Quote(s) + " is no stretch of the day: give " + what
	case clock.From == clock.To || clock.From == 24*60:
		return operand{}, fmt.Sprintf("%s is empty: it must end at another time than it begins", match.Quote(s))
	}
	return operand{text: s, clock: clock}, ""
}

// sayHours, sayWeekdays and sayClock say calendar conditions.
func sayHours(c Condition, _ operator, _ Names) string {
	v, _ := c.Value.(string)
	return "now is " + match.Shorten(v, match.QuotedLength) + " business hours"
}

func sayWeekdays(c Condition, o operator, _ Names) string {
	list, ok := c.Value.([]any)
	if !ok {
		list = []any{c.Value}
	}
	days := make([]string, len(list))
	for i, e := range list {
		s, _ := e.(string)
		if s != "" {
			days[i] = strings.ToUpper(s[:1]) + match.Shorten(s[1:], match.QuotedLength)
		}
	}
	return "the day " + o.words + " " + strings.Join(days, " or ")
}

func sayClock(c Condition, o operator, _ Names) string {
	v, _ := c.Value.(string)
	return "the time of the day " + o.words + " " + match.Shorten(strings.Replace(v, "-", " and ", 1), match.QuotedLength)
}
