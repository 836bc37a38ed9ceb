package automation

import (
	"fmt"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Limits of business durations: the search for their end goes day by day.
const (
	maxBusinessHours = 2000
	maxBusinessDays  = 500
)

// Span is a duration as a condition writes it: time that passes, or business time.
type Span struct {
	Clock time.Duration // of the clock, or business time when Business
	// Business says that Clock counts business hours only.
	Business bool
	// BusinessDays counts business days; Clock is zero then.
	BusinessDays int
}

// ParseSpan reads a duration as conditions write it: see ParseDuration, or 4bh and 2bd
// for business hours and days. The problem is a sentence, empty when there is
// none.
func ParseSpan(s string) (span Span, problem string) {
	number, unit := splitDuration(s)
	if unit != "bh" && unit != "bd" || number == "" {
		d, problem := ParseDuration(s)
		return Span{Clock: d}, problem
	}
	most := maxBusinessHours
	if unit == "bd" {
		most = maxBusinessDays
	}
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n > most:
		return Span{}, fmt.Sprintf("%s is too long: at most %d%s", match.Quote(s), most, unit)
	case n == 0:
		return Span{}, fmt.Sprintf("%s is too short: at least 1%s", match.Quote(s), unit)
	case unit == "bd":
		return Span{BusinessDays: n}, ""
	}
	return Span{Clock: time.Duration(n) * time.Hour, Business: true}, ""
}

// After returns when the span since t is over; zero when the mailbox's business
// hours never get there.
func (s Span) After(t time.Time, m conversation.Mailbox) time.Time {
	switch {
	case s.BusinessDays > 0:
		return m.Calendar().AddDays(t, s.BusinessDays)
	case s.Business:
		return m.Calendar().Add(t, s.Clock)
	}
	return t.Add(s.Clock)
}

// moment is a date, or an instant.
type moment struct {
	date    string // 2006-01-02, in the mailbox's time zone
	instant time.Time
}

// start returns where the moment begins; end where what comes after it begins.
func (m moment) start(mb conversation.Mailbox) time.Time { return m.day(mb, 0) }

func (m moment) end(mb conversation.Mailbox) time.Time {
	if m.date == "" {
		return m.instant.Add(1)
	}
	return m.day(mb, 1)
}

func (m moment) day(mb conversation.Mailbox, add int) time.Time {
	if m.date == "" {
		return m.instant
	}
	c := mb.Calendar()
	at, err := time.ParseInLocation(time.DateOnly, m.date, c.Zone)
	if err != nil {
		return time.Time{} // it was parsed when the condition was read
	}
	return c.Midnight(at, add)
}

// readMoment reads 2026-03-01 or an instant of RFC 3339.
func readMoment(v any) (operand, string) {
	s, problem := readString(v, "a date like 2026-03-01, or an instant like 2026-03-01T09:00:00Z")
	if problem != "" {
		return operand{}, problem
	}
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return operand{text: s, moment: moment{date: s}}, ""
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return operand{}, match.Quote(s) + " is no date: write 2026-03-01, or an instant like 2026-03-01T09:00:00Z"
	}
	return operand{text: s, moment: moment{instant: at}}, ""
}
