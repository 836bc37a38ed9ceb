package automation

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// office gives the mailbox hours from nine to five, Monday to Friday.
func office(zone string) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		f.Mailbox.TimeZone = zone
		for day := time.Monday; day <= time.Friday; day++ {
			f.Mailbox.Hours.Days[day] = []conversation.Interval{{From: 9 * 60, To: 17 * 60}}
		}
	}
}

func changedAt(at time.Time) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.StatusChangedAt, f.Conversation.ClosedAt = at, at }
}

var calendarRowCases = []rowCase{
	{"the office opens at nine", cond("business_hours", "is", "inside"), facts(office("UTC")), True, "Monday 09:00 in UTC", ""},
	{"a second before it is closed", cond("business_hours", "is", "outside"), facts(office("UTC"), now(t0.Add(-time.Second))), True, "", ""},
	{"at five it is closed", cond("business_hours", "is", "inside"), facts(office("UTC"), now(t0.Add(8*time.Hour))), False, "", ""},
	{"nine in London is four in New York", cond("business_hours", "is", "inside"), facts(office("America/New_York")), False,
		"Monday 04:00 in America/New_York", ""},
	{"without hours nobody knows", cond("business_hours", "is", "outside"), facts(), Unknown, "", "no business hours"},
	{"it is Monday", cond("day_of_week", "is", "monday"), facts(), True, "Monday", ""},
	{"it is one of the days", cond("day_of_week", "is", []any{"sunday", "monday"}), facts(), True, "", ""},
	{"it is none of the days: no", cond("day_of_week", "is_not", []any{"sunday", "monday"}), facts(), False, "", ""},
	{"it is Monday in Apia before anywhere else", cond("day_of_week", "is_not", "monday"),
		facts(now(t0.Add(-15*time.Hour)), func(f *conversation.Facts) { f.Mailbox.TimeZone = "Pacific/Apia" }), False, "Monday", ""},
	{"nine is from nine to ten", cond("time_of_day", "between", "09:00-10:00"), facts(), True, "09:00", ""},
	{"ten is not", cond("time_of_day", "between", "09:00-10:00"), facts(now(t0.Add(time.Hour))), False, "", ""},
	{"nine is not in the night", cond("time_of_day", "not_between", "22:00-06:00"), facts(), True, "", ""},
	{"one is in the night", cond("time_of_day", "between", "22:00-06:00"), facts(now(t0.Add(-8 * time.Hour))), True, "01:00", ""},
	{"until midnight", cond("time_of_day", "between", "17:00-24:00"), facts(now(t0.Add(14*time.Hour + 59*time.Minute))), True, "23:59", ""},

	{"created before a day", cond("created", "before", "2026-11-24"), facts(), True, "2026-11-23 08:00:00", ""},
	{"created on the day is not before it", cond("created", "before", "2026-11-23"), facts(), False, "", ""},
	{"created on the day is not after it", cond("created", "after", "2026-11-23"), facts(), False, "", ""},
	{"created after the day before", cond("created", "after", "2026-11-22"), facts(), True, "", ""},
	{"the day is the mailbox's", cond("created", "before", "2026-11-23"),
		facts(func(f *conversation.Facts) { f.Mailbox.TimeZone = "America/Los_Angeles"; f.Conversation.CreatedAt = t0 }), False, "", ""},
	{"created after an instant", cond("created", "after", "2026-11-23T08:59:59+01:00"), facts(), True, "", ""},
	{"the instant itself is not after it", cond("created", "after", "2026-11-23T08:00:00Z"), facts(), False, "", ""},

	{"the status has not changed for an hour", cond("last_status_change", "not_in_the_last", "1h"), facts(changedAt(t0.Add(-time.Hour))),
		True, "1h0m0s ago", ""},
	{"the status changed in the last hour", cond("last_status_change", "in_the_last", "2h"), facts(changedAt(t0.Add(-time.Hour))), True, "",
		""},
	{"it was closed in the last hour", cond("closed", "in_the_last", "2h"), facts(changedAt(t0.Add(-time.Hour))), True, "", ""},
	{"it was not closed in the last day", cond("closed", "not_in_the_last", "1d"), facts(changedAt(t0.Add(-time.Hour))), False, "", ""},
	{"what is open was closed at no time", cond("closed", "not_in_the_last", "1d"), facts(), Unknown, "", "it is not closed"},

	{"four business hours of waiting", cond("waiting_since", "longer_than", "4bh"), facts(office("UTC"), now(t0.Add(4*time.Hour))), True,
		"", ""},
	{"not yet four", cond("waiting_since", "longer_than", "4bh"), facts(office("UTC"), now(t0.Add(4*time.Hour-time.Second))), False, "", ""},
	{"two business days of waiting, since before nine", cond("waiting_since", "longer_than", "2bd"),
		facts(office("UTC"), now(t0.Add(48*time.Hour))), True, "", ""},
	{"business time needs business hours", cond("waiting_since", "longer_than", "4bh"), facts(), Unknown, "", "no business hours"},
}

// A date condition fires when its span is over and the office is open.
func TestCalendarRowsMoveADueTimeLater(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	f := facts(office("UTC"), now(friday), func(f *conversation.Facts) { f.Conversation.WaitingSince = friday })
	for _, c := range []struct {
		name string
		rows []Condition
		want time.Time
	}{
		{"an hour later the office is closed", []Condition{cond("waiting_since", "longer_than", "1h"), cond("business_hours", "is", "inside")},
			time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)},
		{"20 minutes later it is open", []Condition{cond("waiting_since", "longer_than", "20m"), cond("business_hours", "is", "inside")},
			friday.Add(20 * time.Minute)},
		{"outside", []Condition{cond("waiting_since", "longer_than", "1m"), cond("business_hours", "is", "outside")},
			friday.Add(30 * time.Minute)},
		{"on a Wednesday", []Condition{cond("waiting_since", "longer_than", "1h"), cond("day_of_week", "is", "wednesday")},
			time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)},
		{"in the evening", []Condition{cond("waiting_since", "longer_than", "1m"), cond("time_of_day", "between", "20:00-21:30")},
			time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)},
		{"on a Sunday evening", []Condition{cond("waiting_since", "longer_than", "1m"), cond("time_of_day", "between", "20:00-21:30"),
			cond("day_of_week", "is", "sunday")}, time.Date(2026, 11, 29, 20, 0, 0, 0, time.UTC)},
		{"one business hour", []Condition{cond("waiting_since", "longer_than", "1bh")}, time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC)},
		{"never while somebody is there and not", []Condition{cond("waiting_since", "longer_than", "1m"),
			cond("business_hours", "is", "inside"), cond("business_hours", "is", "outside")}, time.Time{}},
	} {
		due, ok := compiled(t, definition(c.rows...)).NextDue(f, Used{})
		if ok == c.want.IsZero() || ok && !due.At.Add(-due.Spread).Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, due.At, ok, c.want)
		}
	}
}

// Calendar conditions alone are due at no time.
func TestCalendarRowsAloneMakeNothingDue(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(cond("business_hours", "is", "outside"), cond("day_of_week", "is", "monday")))
	if due, ok := p.NextDue(facts(office("UTC")), Used{}); ok || p.HasDates() {
		t.Errorf("due %v", due)
	}
}

func TestBusinessTimeIsRefusedWithoutBusinessHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  Condition
		path string
	}{
		{cond("business_hours", "is", "inside"), "conditions[0].any[0].field"},
		{cond("created", "in_the_last", "4bh"), "conditions[0].any[0].value"},
		{cond("waiting_since", "longer_than", "2bd"), "conditions[0].any[0].value"},
	} {
		d := definition(c.row)
		onlyProblem(t, d.Against(World{}), c.path, "no business hours")
		if bad := d.Against(World{BusinessHours: true}); len(bad) > 0 {
			t.Errorf("%+v", bad)
		}
	}
	if bad := definition(cond("created", "in_the_last", "4h"), cond("day_of_week", "is", "monday")).Against(World{}); len(bad) > 0 {
		t.Errorf("%+v", bad)
	}
}

func TestBadCalendarValuesAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row   Condition
		words string
	}{
		{cond("time_of_day", "between", "9-17"), "no stretch of the day"},
		{cond("time_of_day", "between", "09:00"), "no stretch of the day"},
		{cond("time_of_day", "between", "09:00-25:00"), "no stretch of the day"},
		{cond("time_of_day", "between", "09:00-09:00"), "is empty"},
		{cond("day_of_week", "is", "mondy"), `did you mean "monday"`},
		{cond("day_of_week", "is", []any{}), "the list is empty"},
		{cond("business_hours", "is", "closed"), "known are inside, outside"},
		{cond("created", "before", "24.11.2026"), "no date"},
		{cond("created", "before", nil), "the value is missing"},
		{cond("created", "in_the_last", "2001bh"), "too long"},
		{cond("created", "in_the_last", "0bd"), "too short"},
	} {
		_, bad := Compile(definition(c.row))
		onlyProblem(t, bad, "conditions[0].any[0].value", c.words)
	}
}

// The answer to why a workflow did not run says what the clock shows.
func TestWhatACalendarRowLookedAtInWords(t *testing.T) {
	t.Parallel()
	f := facts(office("Europe/Berlin"))
	for _, c := range []struct {
		row  Condition
		want string
	}{
		{cond("business_hours", "is", "outside"), "it is Monday 10:00 in Europe/Berlin"},
		{cond("day_of_week", "is", "sunday"), "it is Monday 10:00 in Europe/Berlin"},
		{cond("time_of_day", "between", "20:00-21:00"), "it is Monday 10:00 in Europe/Berlin"},
		{cond("created", "after", "2026-11-24"), "it was created at 2026-11-23 08:00:00 UTC"},
	} {
		row := compiled(t, definition(c.row)).Evaluate(f).Groups[0].Rows[0]
		if got := ActualWords(c.row, row); got != c.want {
			t.Errorf("%s: %s, want %s", row.Sentence, got, c.want)
		}
	}
}

// Conditions that never come true cost the whole search.
func BenchmarkDuesOfARareCalendar(b *testing.B) {
	f := facts(office("Europe/Berlin"))
	p, _ := Compile(definition(cond("waiting_since", "longer_than", "2000bh"), cond("business_hours", "is", "inside"),
		cond("time_of_day", "between", "03:00-03:01")))
	for b.Loop() {
		if _, ok := p.NextDue(f, Used{}); ok {
			b.Fatal("it is due")
		}
	}
}
