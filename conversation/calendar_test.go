package conversation_test

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// berlin is a calendar from nine to five with a lunch break, Monday to Friday.
func berlin(t *testing.T, holidays ...string) conversation.Calendar {
	t.Helper()
	m := conversation.Mailbox{TimeZone: "Europe/Berlin"}
	for day := time.Monday; day <= time.Friday; day++ {
		m.Hours.Days[day] = []conversation.Interval{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 17 * 60}}
	}
	m.Hours.Holidays = holidays
	if problem := m.Hours.Check(); problem != "" {
		t.Fatal(problem)
	}
	return m.Calendar()
}

func local(t *testing.T, c conversation.Calendar, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestBusinessTime(t *testing.T) {
	t.Parallel()
	c := berlin(t, "2026-12-25")
	hours := func(n int) func(time.Time) time.Time {
		return func(at time.Time) time.Time { return c.Add(at, time.Duration(n)*time.Hour) }
	}
	days := func(n int) func(time.Time) time.Time {
		return func(at time.Time) time.Time { return c.AddDays(at, n) }
	}
	for _, row := range []struct {
		name string
		add  func(time.Time) time.Time
		from string
		want string
	}{
		{"within a morning", hours(2), "2026-11-24 09:30", "2026-11-24 11:30"},
		{"the lunch break does not count", hours(4), "2026-11-24 10:00", "2026-11-24 15:00"},
		{"up to the closing instant", hours(7), "2026-11-24 09:00", "2026-11-24 17:00"},
		{"over the night", hours(1), "2026-11-24 16:30", "2026-11-25 09:30"},
		{"over the weekend", hours(4), "2026-11-27 16:00", "2026-11-30 12:00"},
		{"from the night", hours(1), "2026-11-24 03:00", "2026-11-24 10:00"},
		{"over a holiday and a weekend", hours(1), "2026-12-24 16:30", "2026-12-28 09:30"},
		{"over the end of a month", hours(8), "2026-02-27 16:00", "2026-03-02 17:00"},
		{"the clock goes forward on Sunday", hours(8), "2026-03-27 16:00", "2026-03-30 17:00"},
		{"the clock goes back on Sunday", hours(8), "2026-10-23 16:00", "2026-10-26 17:00"},
		{"the next business day, same time", days(1), "2026-11-24 10:15", "2026-11-25 10:15"},
		{"two over the weekend", days(2), "2026-11-27 10:15", "2026-12-01 10:15"},
		{"over a holiday", days(1), "2026-12-24 10:15", "2026-12-28 10:15"},
		{"from outside it counts from the next opening", days(1), "2026-11-27 18:00", "2026-12-01 09:00"},
		{"over the clock's going forward", days(1), "2026-03-27 10:15", "2026-03-30 10:15"},
	} {
		if got, want := row.add(local(t, c, row.from)), local(t, c, row.want); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", row.name, got, want)
		}
	}
}

func TestBusinessHoursWithoutAnyAreNeverReached(t *testing.T) {
	t.Parallel()
	m := conversation.Mailbox{TimeZone: "UTC"}
	c := m.Calendar()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if !c.Add(at, time.Hour).IsZero() || !c.AddDays(at, 1).IsZero() || c.Open(at) || len(c.Changes(at, at.AddDate(0, 0, 9))) > 0 {
		t.Error("a calendar without hours reaches something")
	}
}

// The clock's own minutes count: a night shift is an hour shorter when the clock
// goes forward, an hour longer when it goes back.
func TestAnIntervalHasTheLengthThatTheClockGivesIt(t *testing.T) {
	t.Parallel()
	m := conversation.Mailbox{TimeZone: "Europe/Berlin"}
	m.Hours.Days[time.Sunday] = []conversation.Interval{{From: 60, To: 240}} // 01:00 to 04:00
	c := m.Calendar()
	for day, hours := range map[string]time.Duration{"2026-03-29": 2, "2026-10-25": 4, "2026-06-07": 3} {
		from := local(t, c, day+" 00:00")
		changes := c.Changes(from, from.Add(20*time.Hour))
		if len(changes) != 2 || changes[1].Sub(changes[0]) != hours*time.Hour {
			t.Errorf("%s: %v, want %d hours", day, changes, hours)
		}
	}
}

// Add agrees with counting open minutes one by one.
func TestBusinessTimeAgreesWithCountingMinutes(t *testing.T) {
	t.Parallel()
	c := berlin(t, "2026-03-30", "2026-10-26")
	for _, start := range []string{"2026-03-26 07:00", "2026-10-22 18:30", "2026-12-30 16:59", "2026-02-27 12:30"} {
		from := local(t, c, start)
		at, open := from, 0
		for open < 1500 {
			if c.Open(at) {
				open++
			}
			at = at.Add(time.Minute)
			if c.Open(at.Add(-time.Minute)) {
				if got := c.Add(from, time.Duration(open)*time.Minute); !got.Equal(at) {
					t.Fatalf("%d open minutes after %v: %v, counted %v", open, from, got, at)
				}
			}
		}
	}
}

func TestBadHoursAreTold(t *testing.T) {
	t.Parallel()
	var overlap, backwards, late conversation.BusinessHours
	overlap.Days[1] = []conversation.Interval{{From: 60, To: 120}, {From: 100, To: 200}}
	backwards.Days[2] = []conversation.Interval{{From: 120, To: 60}}
	late.Days[3] = []conversation.Interval{{From: 120, To: 1441}}
	for _, b := range []conversation.BusinessHours{overlap, backwards, late, {Holidays: []string{"25.12.2026"}}} {
		if b.Check() == "" {
			t.Errorf("%+v is taken", b)
		}
	}
}

// Minute by minute over changes of the clock, at any hour and of any length: what
// the calendar says changes at the instants that it names, and at no other.
func TestNothingChangesBetweenTheInstantsThatTheCalendarNames(t *testing.T) {
	t.Parallel()
	for zone, days := range map[string][]string{
		"Europe/Berlin":       {"2026-03-28", "2026-10-24"},
		"America/New_York":    {"2026-03-07", "2026-10-31"},
		"America/Sao_Paulo":   {"2018-11-03", "2018-02-17"}, // at midnight
		"Africa/Cairo":        {"2026-04-23", "2026-10-29"}, // at midnight
		"Australia/Lord_Howe": {"2026-04-04", "2026-10-03"}, // half an hour
		"Pacific/Apia":        {"2011-12-29"},               // a day left out
		"UTC":                 {"2026-02-28"},
	} {
		m := conversation.Mailbox{TimeZone: zone}
		for day := range m.Hours.Days {
			m.Hours.Days[day] = []conversation.Interval{{From: 0, To: 90}, {From: 150, To: 1380}}
		}
		c := m.Calendar()
		for _, day := range days {
			from := local(t, c, day+" 03:00")
			until := from.Add(60 * time.Hour)
			named := map[int64]bool{}
			for _, at := range append(c.Changes(from, until), c.Clocks(from, until, 0, 90, 150)...) {
				named[at.Unix()] = true
			}
			says := func(at time.Time) [4]any {
				shown := c.MinuteOfDay(at)
				return [4]any{c.Open(at), at.In(c.Zone).Weekday(), shown >= 90, shown >= 150}
			}
			for at := from; at.Before(until); at = at.Add(time.Minute) {
				if says(at) != says(at.Add(-time.Minute)) && !named[at.Unix()] {
					t.Errorf("%s: %v changes to %v, which is not named", zone, at, says(at))
				}
			}
		}
	}
}

// What the clock leaves out is the jump, what it shows twice the first of the two,
// in the east as in the west.
func TestTimesThatTheClockLeavesOutOrShowsTwice(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ zone, day, opens, closes string }{
		{"Europe/Berlin", "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
		{"Europe/Berlin", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"},
		{"America/New_York", "2026-03-08", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"},
		{"America/New_York", "2026-11-01", "2026-11-01T07:30:00Z", "2026-11-01T09:00:00Z"},
	} {
		m := conversation.Mailbox{TimeZone: row.zone}
		m.Hours.Days[time.Sunday] = []conversation.Interval{{From: 150, To: 240}} // 02:30 to 04:00
		c := m.Calendar()
		from := local(t, c, row.day+" 12:00").Add(-12 * time.Hour)
		changes := c.Changes(from, from.Add(20*time.Hour))
		if len(changes) != 2 || changes[0].UTC().Format(time.RFC3339) != row.opens || changes[1].UTC().Format(time.RFC3339) != row.closes {
			t.Errorf("%s, %s: %v", row.zone, row.day, changes)
		}
	}
}
