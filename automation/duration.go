package automation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// MaxDuration is the longest duration that a condition may name.
const MaxDuration = 3650 * 24 * time.Hour

type durationUnit struct {
	suffix string
	length time.Duration
	word   string
}

// durationUnits lists the units of a duration as they are written, longest
// first.
var durationUnits = []durationUnit{
	{"d", 24 * time.Hour, "day"},
	{"h", time.Hour, "hour"},
	{"m", time.Minute, "minute"},
	{"s", time.Second, "second"},
}

// businessUnits are those that count business time.
var businessUnits = []durationUnit{{"bd", 0, "business day"}, {"bh", 0, "business hour"}}

const durationForms = `write a whole number and a unit, as in "90s", "30m", "8h" or "3d"`

// ParseDuration reads a duration as conditions write it: a whole number from 1 and one
// of the units s, m, h, d (a day is 24 hours). The problem is a sentence, empty
// when there is none.
func ParseDuration(s string) (d time.Duration, problem string) {
	number, suffix := splitDuration(s)
	if number == "" {
		return 0, fmt.Sprintf("%s is not a duration: %s", match.Quote(s), durationForms)
	}
	for _, u := range durationUnits {
		if u.suffix != suffix {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil || n > int64(MaxDuration/u.length):
			return 0, fmt.Sprintf("%s is too long: at most 3650d", match.Quote(s))
		case n == 0:
			return 0, fmt.Sprintf("%s is too short: at least 1s", match.Quote(s))
		}
		return time.Duration(n) * u.length, ""
	}
	return 0, fmt.Sprintf("%s is not a duration: %s", match.Quote(s), durationForms)
}

// splitDuration takes the number and the unit of a duration apart.
func splitDuration(s string) (number, unit string) {
	digits := 0
	for digits < len(s) && '0' <= s[digits] && s[digits] <= '9' {
		digits++
	}
	return s[:digits], s[digits:]
}

// FormatDuration writes whole seconds as ParseDuration reads them, in the
// longest unit that says them exactly.
func FormatDuration(d time.Duration) string {
	for _, u := range durationUnits {
		if d >= u.length && d%u.length == 0 {
			return strconv.FormatInt(int64(d/u.length), 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

// durationWords says a duration as it was written: 24h is "24 hours", not a day.
func durationWords(written string) string {
	if _, problem := ParseSpan(written); problem != "" {
		return match.Quote(written)
	}
	number, suffix := splitDuration(written)
	for _, u := range append(durationUnits[:len(durationUnits):len(durationUnits)], businessUnits...) {
		if u.suffix == suffix {
			if n, _ := strconv.ParseInt(number, 10, 64); n == 1 {
				return "1 " + u.word
			}
			return number + " " + u.word + "s"
		}
	}
	return match.Quote(written)
}

// Scale returns d with every duration of its conditions divided by the factor, to
// whole seconds and at least one: a demo or a test shows in a minute what takes a
// day. Business hours and days become hours and days of the clock by that, which no
// office hours hold up. TooLateAfter stays: what is late by a part of a minute is
// late by no fault of the workflow. The tests, which speak of the durations as they were,
// are left out. A factor of one, of zero or less changes nothing.
func Scale(d Definition, factor float64) Definition {
	d = clone(d)
	if !(factor > 0) || factor == 1 {
		return d
	}
	d.Tests = nil
	for g := range d.Conditions {
		for r := range d.Conditions[g].Any {
			c := &d.Conditions[g].Any[r]
			_, op, ok := lookUp(*c)
			written, isText := c.Value.(string)
			if !ok || !isText || op.value != durationValue && op.value != aheadValue {
				continue
			}
			span, problem := ParseSpan(written)
			if problem != "" {
				continue
			}
			length := span.Clock + time.Duration(span.BusinessDays)*24*time.Hour
			scaled := min(float64(length)/factor, float64(MaxDuration))
			c.Value = FormatDuration(max(time.Duration(scaled).Round(time.Second), time.Second))
		}
	}
	return d
}

// SinceWords says a length of time to the second.
func SinceWords(d time.Duration) string {
	var parts []string
	for _, u := range durationUnits {
		if n := d / u.length; n > 0 {
			word := u.word
			if n > 1 {
				word += "s"
			}
			parts, d = append(parts, fmt.Sprintf("%d %s", n, word)), d%u.length
		}
	}
	return strings.Join(parts, " ")
}

func checkUntil(s string) []errs.Problem {
	if _, ok := SnoozeUntil(s, time.Time{}); ok {
		return nil
	}
	return problems(match.Quote(s) + ` is neither a duration ("2h", "3d") nor an instant with its zone ("2030-01-31T09:00:00+01:00")`)
}

// SnoozeUntil is the instant that a snooze of this text ends when it begins at
// now; false when it cannot be read. It has microseconds, as it is kept.
func SnoozeUntil(text string, now time.Time) (time.Time, bool) {
	if d, problem := ParseDuration(text); problem == "" {
		return now.Add(d), true
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return time.Time{}, false
	}
	return at.UTC().Truncate(time.Microsecond), true
}
