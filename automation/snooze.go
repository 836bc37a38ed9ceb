package automation

import (
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

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
