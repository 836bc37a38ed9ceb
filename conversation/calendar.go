package conversation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// minutesOfDay is how many minutes a day's clock shows.
const minutesOfDay = 24 * 60

// Interval is a stretch of a day, in minutes since midnight: From is in it, To is
// not. To is at most 1440.
type Interval struct{ From, To int }

// ParseInterval reads 09:00-17:30; 24:00 is the end of the day. Whether an end
// before its beginning makes sense is for the caller to say.
func ParseInterval(s string) (i Interval, ok bool) {
	from, to, cut := strings.Cut(s, "-")
	start, okFrom := parseMinute(from)
	end, okTo := parseMinute(to)
	return Interval{From: start, To: end}, cut && okFrom && okTo
}

func parseMinute(s string) (int, bool) {
	if len(s) != len("09:00") || s[2] != ':' {
		return 0, false
	}
	hour, errH := strconv.ParseUint(s[:2], 10, 8)
	minute, errM := strconv.ParseUint(s[3:], 10, 8)
	m := int(hour*60 + minute)
	return m, errH == nil && errM == nil && minute < 60 && m <= minutesOfDay
}

// String writes the interval as ParseInterval reads it.
func (i Interval) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", i.From/60, i.From%60, i.To/60, i.To%60)
}

// BusinessHours are the times at which somebody is there, in the mailbox's time
// zone. The zero value has none: nothing counts business time by it.
type BusinessHours struct {
	// Days holds the intervals of each weekday, Sunday first (time.Weekday), in
	// order and apart.
	Days [7][]Interval
	// Holidays are days on which nobody is there: 2006-01-02.
	Holidays []string
}

// Set reports whether there are business hours at all.
func (b BusinessHours) Set() bool {
	return slices.ContainsFunc(b.Days[:], func(day []Interval) bool { return len(day) > 0 })
}

// Calendar is business hours in a time zone. A day has the length that its clock
// gives it: where the clock jumps, an interval is longer or shorter.
type Calendar struct {
	Hours BusinessHours
	Zone  *time.Location
}

// zones keeps the time zones that were looked up: reading one is dear, and there
// are a few hundred.
var zones sync.Map // name -> *time.Location

// Calendar returns the mailbox's. A zone that nobody knows is UTC.
func (m Mailbox) Calendar() Calendar {
	if zone, ok := zones.Load(m.TimeZone); ok {
		return Calendar{m.Hours, zone.(*time.Location)}
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return Calendar{m.Hours, time.UTC}
	}
	zones.Store(m.TimeZone, zone)
	return Calendar{m.Hours, zone}
}

// Midnight returns the beginning of the day that is so many days after t's.
func (c Calendar) Midnight(t time.Time, days int) time.Time {
	return c.minute(t, days, 0)
}

// minute returns the instant at which the clock first shows the minute of the day
// that is so many days after t's, or a later one: a minute that a jump of the clock
// leaves out is the jump, one that the clock shows twice is the first of the two.
func (c Calendar) minute(t time.Time, days, minute int) time.Time {
	y, m, d := t.In(c.Zone).Date()
	return wall(y, m, d+days, time.Duration(minute)*time.Minute, c.Zone)
}

// wall is minute for any time of the day.
func wall(y int, m time.Month, d int, clock time.Duration, zone *time.Location) time.Time {
	at := time.Date(y, m, d, 0, 0, 0, int(clock), zone)
	begins, ends := at.ZoneBounds()
	switch shown := asShown(at); {
	case shown.Before(time.Date(y, m, d, 0, 0, 0, int(clock), time.UTC)):
		return ends
	case shown.After(time.Date(y, m, d, 0, 0, 0, int(clock), time.UTC)):
		return begins
	case begins.IsZero():
		return at
	}
	if earlier := at.Add(asShown(begins).Sub(asShown(begins.Add(-1))) - 1); earlier.Before(begins) {
		return earlier
	}
	return at
}

// asShown returns what the clock shows at t as if it were in UTC.
func asShown(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// intervals returns when somebody is there on the day that is so many days after
// t's, as instants.
func (c Calendar) intervals(t time.Time, days int) [][2]time.Time {
	midnight := c.Midnight(t, days)
	if slices.Contains(c.Hours.Holidays, midnight.Format(time.DateOnly)) {
		return nil
	}
	day := c.Hours.Days[midnight.Weekday()]
	out := make([][2]time.Time, 0, len(day))
	for _, i := range day {
		if from, to := c.minute(t, days, i.From), c.minute(t, days, i.To); from.Before(to) {
			out = append(out, [2]time.Time{from, to})
		}
	}
	return out
}

// Open reports whether t is within business hours: the opening instant is, the
// closing one is not.
func (c Calendar) Open(t time.Time) bool {
	return slices.ContainsFunc(c.intervals(t, 0), func(i [2]time.Time) bool { return !t.Before(i[0]) && t.Before(i[1]) })
}

// horizonDays bounds every search for the next business hours: a calendar that
// has none for so long (all days are holidays) is taken to have none.
const horizonDays = 4000

// Add returns the instant at which so much business time has passed since t;
// zero when it never does. The time that passes while nobody is there does not
// count.
func (c Calendar) Add(t time.Time, d time.Duration) time.Time {
	if !c.Hours.Set() {
		return time.Time{}
	}
	for day := range horizonDays {
		for _, i := range c.intervals(t, day) {
			from := i[0]
			if from.Before(t) {
				from = t
			}
			length := i[1].Sub(from)
			switch {
			case length <= 0:
			case d <= length:
				return from.Add(d)
			default:
				d -= length
			}
		}
	}
	return time.Time{}
}

// AddDays returns the instant that is so many business days after t: on the
// first business day that many after t's, at the same time of the day. A t
// outside business hours counts from the next opening. Zero when there is none.
func (c Calendar) AddDays(t time.Time, days int) time.Time {
	if !c.Hours.Set() {
		return time.Time{}
	}
	if !c.Open(t) {
		if t = c.nextOpening(t); t.IsZero() {
			return t
		}
	}
	local := t.In(c.Zone)
	for day := 1; day <= horizonDays; day++ {
		if len(c.intervals(t, day)) == 0 {
			continue
		}
		if days--; days == 0 {
			y, m, d := local.Date()
			return wall(y, m, d+day, asShown(local).Sub(asShown(local).Truncate(24*time.Hour)), c.Zone)
		}
	}
	return time.Time{}
}

// nextOpening returns the first opening after t, zero when there is none.
func (c Calendar) nextOpening(t time.Time) time.Time {
	for day := range horizonDays {
		for _, i := range c.intervals(t, day) {
			if i[0].After(t) {
				return i[0]
			}
		}
	}
	return time.Time{}
}

// Changes returns the openings and closings from one instant up to another, in
// order.
func (c Calendar) Changes(from, until time.Time) []time.Time {
	if !c.Hours.Set() {
		return nil
	}
	var out []time.Time
	for day := -1; c.Midnight(from, day).Before(until); day++ {
		for _, i := range c.intervals(from, day) {
			out = append(out, i[0], i[1])
		}
	}
	return out
}

// Clocks returns the instants from one up to another at which the clock comes to
// show one of the minutes of the day, each time where it shows one twice, and those at
// which it jumps. They are in no order, and a day more on both sides is among them.
func (c Calendar) Clocks(from, until time.Time, minutes ...int) []time.Time {
	var out []time.Time
	for day := -1; ; day++ {
		midnight := c.Midnight(from, day)
		for _, m := range minutes {
			at := c.minute(from, day, m)
			out = append(out, at)
			if _, ends := at.ZoneBounds(); !ends.IsZero() {
				again := at.Add(asShown(ends.Add(-1)).Sub(asShown(ends)) + 1)
				if !again.Before(ends) && again.Sub(at) < 24*time.Hour {
					out = append(out, again)
				}
			}
		}
		if _, ends := midnight.ZoneBounds(); !ends.IsZero() && ends.Sub(midnight) <= 25*time.Hour {
			out = append(out, ends)
		}
		if !midnight.Before(until) {
			return out
		}
	}
}

// MinuteOfDay returns what the clock shows at t, in minutes since midnight.
func (c Calendar) MinuteOfDay(t time.Time) int {
	local := t.In(c.Zone)
	return local.Hour()*60 + local.Minute()
}

// Check says what is wrong with the hours, empty when nothing is.
func (b BusinessHours) Check() string {
	for _, day := range b.Days {
		end := 0
		for _, i := range day {
			if i.From < end || i.To <= i.From || i.To > minutesOfDay {
				return "the hours of a day must be in order and apart, each from an earlier to a later time, 24:00 at the latest"
			}
			end = i.To
		}
	}
	for _, h := range b.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			return "a holiday is a date like 2026-12-25"
		}
	}
	return ""
}
