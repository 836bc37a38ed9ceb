package automation

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/property"
)

// dateFields are the fields of the random definitions of this file: date conditions
// twice as often as others.
var dateFields = []string{
	"waiting_since", "created", "last_customer_reply", "last_agent_reply", "waiting_since", "created", "last_customer_reply",
	"last_agent_reply",
	"last_status_change", "closed", "business_hours", "time_of_day", "day_of_week",
	"status", "tags", "state", "customer_replied", "assignee",
}

func TestDuesAgreeWithASteppingThroughTime(t *testing.T) {
	var none, past, ahead int
	n := property.Check(t, 100_000, func(t *rapid.T) {
		d := drawDefinition(t, dateFields, 20)
		f := drawFacts(t, 20)
		p, bad := Compile(d)
		if len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
		used := drawUsed(t, p, f)
		all := p.Dues(f, used)
		got := until(unspread(t, p, f, all), f.Now.Add(30*time.Second))
		want := naiveDues(d, f, used, 45, 30, time.Second)
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("dues of %+v\nare  %+v\nwant %+v\nnow %v, %+v", d.Conditions, got, want, f.Now, f.Conversation)
		}
		next, ok := p.NextDue(f, used)
		ok = ok && len(got) > 0
		switch {
		case ok != (len(want) > 0) || ok && next != all[0]:
			t.Fatalf("next due %+v, want the first of %+v", next, all)
		case !ok:
			none++
		case next.At.After(f.Now):
			ahead++
		default:
			past++
		}
	})
	if none < n/20 || past < n/20 || ahead < n/20 {
		t.Errorf("none due %d, past %d, ahead %d: the test proves little", none, past, ahead)
	}
}

// unspread takes the spread away again, which the stepping knows nothing of, and
// holds it to its bounds: by then the conditions hold still.
func unspread(t *rapid.T, p *Program, f conversation.Facts, dues []Due) []Due {
	out := slices.Clone(dues)
	for i, d := range dues {
		if d.Spread < 0 || d.Spread >= MaxSpread {
			t.Fatalf("%+v is spread beyond the bound", d)
		}
		then := f
		then.Now, then.Event, then.Message = d.At, nil, nil
		if p.Holds(Prepare(then)) != True {
			t.Fatalf("at %v, where %+v was moved to, the conditions do not hold", d.At, d)
		}
		out[i].At, out[i].Spread = d.At.Add(-d.Spread), 0
	}
	slices.SortFunc(out, func(a, b Due) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Row, b.Row)) })
	return out
}

// until returns the dues that the stepping reaches: a calendar condition moves others to
// days that it does not.
func until(dues []Due, last time.Time) []Due {
	return slices.DeleteFunc(dues, func(d Due) bool { return d.At.After(last) })
}

// daysAround are days on which a random test of the calendar begins: an ordinary
// one, and those before the clock changes in Berlin and in New York.
var daysAround = []string{"2026-11-23", "2026-02-27", "2026-03-27", "2026-10-23", "2026-03-06", "2026-10-30"}

// drawWeek draws facts of a mailbox somewhere with hours and holidays; all its
// moments are half hours.
func drawWeek(t *rapid.T) conversation.Facts {
	clear(naiveEnds)
	f := conversation.Facts{Mailbox: conversation.Mailbox{TimeZone: pick(t,
		[]string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"})}}
	day, err := time.Parse(time.DateOnly, pick(t, daysAround))
	if err != nil {
		t.Fatal(err)
	}
	f.Now = day.Add(time.Duration(rapid.IntRange(0, 4*48).Draw(t, "now")) * 30 * time.Minute)
	moment := func(name string) time.Time {
		return f.Now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, name)) * 30 * time.Minute)
	}
	f.Conversation.Status, f.Conversation.State = conversation.StatusActive, conversation.StatePublished
	f.Conversation.WaitingSince, f.Conversation.CreatedAt, f.Conversation.LastCustomerReplyAt = moment("waiting"), moment("created"),
		moment("wrote")
	for day := range f.Mailbox.Hours.Days {
		f.Mailbox.Hours.Days[day] = pick(t, [][]conversation.Interval{nil, {{From: 540, To: 1020}},
			{{From: 480, To: 720}, {From: 780, To: 1440}}})
	}
	for range rapid.IntRange(0, 2).Draw(t, "holidays") {
		f.Mailbox.Hours.Holidays = append(f.Mailbox.Hours.Holidays,
			f.Now.AddDate(0, 0, rapid.IntRange(0, 6).Draw(t, "holiday")).Format(time.DateOnly))
	}
	return f
}

// drawCalendarConditions draws date conditions that calendar conditions narrow.
func drawCalendarConditions(t *rapid.T) []Group {
	span := func() string {
		return fmt.Sprintf("%d%s", rapid.IntRange(1, 20).Draw(t, "span"), pick(t, []string{"h", "bh", "h", "bh"}))
	}
	if rapid.IntRange(0, 3).Draw(t, "days") == 0 {
		span = func() string { return fmt.Sprintf("%dbd", rapid.IntRange(1, 4).Draw(t, "span")) }
	}
	clock := func() any {
		return pick(t, []any{"09:00-17:00", "22:00-06:30", "00:00-24:00", "12:30-13:00", "01:30-03:00", "02:30-01:30"})
	}
	calendar := pick(t, []Condition{
		{Field: "business_hours", Op: "is", Value: pick(t, []string{hoursInside, hoursOutside})},
		{Field: "time_of_day", Op: pick(t, []string{"between", "not_between"}), Value: clock()},
	})
	days := Condition{Field: "day_of_week", Op: pick(t, []string{"is", "is_not"}),
		Value: anyList(rapid.SliceOfN(rapid.SampledFrom(weekdays), 1, 6).Draw(t, "days"))}
	groups := []Group{{Any: []Condition{
		{Field: pick(t, []string{"created", "last_customer_reply"}), Op: pick(t, []string{"in_the_last", "not_in_the_last"}), Value: span()},
		{Field: "waiting_since", Op: "longer_than", Value: span()},
	}}}
	if rapid.Bool().Draw(t, "both") {
		return append(groups, Group{Any: []Condition{calendar}}, Group{Any: []Condition{days}})
	}
	return append(groups, Group{Any: []Condition{calendar, days}})
}

// The same with opening hours, holidays, days of the week, times of the day and
// business time, in time zones whose clock changes, over more than a week in steps
// of half an hour.
func TestDuesAgreeWithASteppingThroughDays(t *testing.T) {
	moved, spread := 0, 0
	n := property.Check(t, 3_000, func(t *rapid.T) {
		f := drawWeek(t)
		d := Definition{Name: "W", Type: TypeAutomatic, MaxRuns: 1, Actions: []Action{{Do: DoStop}}, Conditions: drawCalendarConditions(t)}
		f.Mailbox.Fields, f.Conversation.Fields = someFields,
			map[string]string{"Renews": pick(t, []string{"", "2026-11-24", "2026-11-25", "2026-11-27"})}
		renews := drawCustom(t, Condition{Field: "field.Renews",
			Op: pick(t, []string{"past", "today", "in_the_last", "not_in_the_last", "future", "in_the_next", "not_in_the_next"})}, someFields[2])
		if rapid.Bool().Draw(t, "renews") { // whose naive days are those of UTC
			f.Mailbox.TimeZone = "UTC"
			d.Conditions[0].Any = append(d.Conditions[0].Any, renews)
		}
		p, bad := Compile(d)
		if len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
		f.Conversation.ID = conversation.ID(pick(t, []string{"one", "another", "a third"}))
		dues := p.Dues(f, Used{})
		for _, d := range dues {
			if d.Spread > 0 {
				spread++
			}
		}
		got := until(unspread(t, p, f, dues), f.Now.Add(9*24*time.Hour))
		want := naiveDues(d, f, Used{}, 4*48, 9*48, 30*time.Minute)
		if len(got) != len(want) || !slices.EqualFunc(got, want, sameDue) {
			t.Fatalf("dues of %+v\nare  %+v\nwant %+v\nnow %v, %+v", d.Conditions, got, want, f.Now, f.Mailbox)
		}
		if len(want) > 0 && want[0].At.After(f.Now) {
			moved++
		}
	})
	if moved < n/20 || spread < n/20 {
		t.Errorf("later %d of %d, spread %d: the test proves little", moved, n, spread)
	}
}

func sameDue(a, b Due) bool {
	return a.Row == b.Row && a.Episode == b.Episode && a.At.Equal(b.At)
}

// Conditions on the clock and on business time say what the naive evaluator says.
func TestCalendarRowsAgreeWithANaiveEvaluator(t *testing.T) {
	property.Check(t, 10_000, func(t *rapid.T) {
		f := drawWeek(t)
		d := Definition{Name: "W", Type: TypeAutomatic, MaxRuns: 1, Actions: []Action{{Do: DoStop}}, Conditions: drawCalendarConditions(t)}
		p, bad := Compile(d)
		if len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
		want := map[int]Truth{-1: False, 0: Unknown, 1: True}
		for g, group := range p.Evaluate(f).Groups {
			for r, row := range group.Rows {
				if naive := want[naiveRow(d.Conditions[g].Any[r], f)]; row.Holds != naive {
					t.Fatalf("%s: %v, the naive evaluator says %v; now %v, %+v, %+v", row.Sentence, row.Holds, naive, f.Now, f.Conversation, f.Mailbox)
				}
			}
		}
	})
}

// A run at a due time uses up what made it due, or the same time would be due
// permanently.
func TestARunAtItsDueTimeUsesUpItsEpisode(t *testing.T) {
	runs := 0
	n := property.Check(t, 10_000, func(t *rapid.T) {
		d := drawDefinition(t, dateFields, 20)
		d.MaxRuns = MaxRunsLimit
		p, _ := Compile(d)
		f := drawFacts(t, 20)
		f.Event, f.Message = nil, nil
		used := Used{Episodes: map[string]bool{}}
		for {
			due, ok := p.NextDue(f, used)
			if !ok {
				break
			}
			if due.At.After(f.Now) {
				f.Now = due.At
			}
			if holds := p.Evaluate(f).Holds; holds != True {
				t.Fatalf("at the due time %v it is %v", due, holds)
			}
			if p.EpisodeUsed(f, used) {
				t.Fatalf("due %v, but its episodes are used", due)
			}
			for _, e := range p.EpisodesAt(f) {
				used.Episodes[e] = true
			}
			if !used.Episodes[due.Episode] {
				t.Fatalf("a run at %v does not use up %s", f.Now, due.Episode)
			}
			if used.Runs++; used.Runs > len(p.times) {
				t.Fatalf("%d runs of %d date conditions, and nothing happened", used.Runs, len(p.times))
			}
			runs++
		}
	})
	if runs < n/4 {
		t.Errorf("only %d runs: the test proves little", runs)
	}
}

// The microsecond before a due time the conditions do not hold, at it they do.
func TestADueTimeIsExactToTheMicrosecond(t *testing.T) {
	exact := 0
	n := property.Check(t, 5_000, func(t *rapid.T) {
		p, _ := Compile(drawDefinition(t, dateFields, 20))
		f := drawFacts(t, 20)
		f.Event, f.Message = nil, nil
		for _, at := range []*time.Time{&f.Conversation.CreatedAt, &f.Conversation.WaitingSince, &f.Conversation.LastAgentReplyAt,
			&f.Conversation.LastCustomerReplyAt} {
			if !at.IsZero() {
				*at = at.Add(time.Duration(rapid.IntRange(0, 999_999).Draw(t, "µs")) * time.Microsecond)
			}
		}
		due, ok := p.NextDue(f, Used{})
		if !ok || !due.At.After(f.Now) {
			return
		}
		f.Now = due.At
		if got := p.Evaluate(f).Holds; got != True {
			t.Fatalf("at its due time it is %v", got)
		}
		f.Now = due.At.Add(-due.Spread - time.Microsecond)
		v := p.Evaluate(f)
		var g, r int
		if _, err := fmt.Sscanf(due.Row, "conditions[%d].any[%d]", &g, &r); err != nil {
			t.Fatal(err)
		}
		if v.Holds == True && v.Groups[g].Rows[r].Holds == True {
			t.Fatalf("a microsecond before its due time %v it holds already", due)
		}
		exact++
	})
	if exact < n/10 {
		t.Errorf("only %d due times: the test proves little", exact)
	}
}
