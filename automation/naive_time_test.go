package automation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// The part of the naive evaluator that is about time: it counts and steps.

func naiveAnchor(c Condition, conv conversation.Conversation) time.Time {
	switch c.Field {
	case "waiting_since":
		if conv.Status == "active" || conv.Status == "pending" {
			return conv.WaitingSince
		}
	case "created":
		return conv.CreatedAt
	case "last_customer_reply":
		return conv.LastCustomerReplyAt
	case "last_agent_reply":
		return conv.LastAgentReplyAt
	case "last_status_change":
		return conv.StatusChangedAt
	case "closed":
		return conv.ClosedAt
	case "field.Renews":
		day, _ := time.Parse("2006-01-02", conv.Fields["Renews"])
		return day
	}
	return time.Time{}
}

// naiveCalendar decides the conditions on the clock. No business hours of the tests begin
// or end in an hour that the clock shows twice.
func naiveCalendar(c Condition, f conversation.Facts) int {
	f.Now = f.Now.In(f.Mailbox.Calendar().Zone)
	day, minute := int(f.Now.Weekday()), f.Now.Hour()*60+f.Now.Minute()
	inside, some := false, false
	for d, list := range f.Mailbox.Hours.Days {
		for _, i := range list {
			some = true
			inside = inside || d == day && i.From <= minute && minute < i.To
		}
	}
	inside = inside && !slices.Contains(f.Mailbox.Hours.Holidays, f.Now.Format("2006-01-02"))
	switch c.Field {
	case "business_hours":
		if !some {
			return 0
		}
		return naiveBool(inside == (c.Value == "inside"))
	case "day_of_week":
		named := false
		for _, d := range c.Value.([]any) {
			named = named || strings.EqualFold(d.(string), f.Now.Weekday().String())
		}
		return naiveBool(named == (c.Op == "is"))
	default:
		shown := f.Now.Format("15:04")
		from, to, _ := strings.Cut(c.Value.(string), "-")
		between := from <= shown && shown < to
		if to < from {
			between = from <= shown || shown < to
		}
		return naiveBool(between == (c.Op == "between"))
	}
}

func naiveDate(c Condition, f conversation.Facts) int {
	if c.Op == "before" || c.Op == "after" { // a day of UTC
		created := f.Conversation.CreatedAt.Format("2006-01-02")
		return naiveBool(c.Op == "before" && created < c.Value.(string) || c.Op == "after" && created > c.Value.(string))
	}
	written := c.Value.(string)
	if strings.Contains(written, "b") {
		return naiveBusiness(c, f)
	}
	n, err := strconv.Atoi(written[:len(written)-1])
	if err != nil {
		panic(err)
	}
	seconds := int64(n) * map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400}[written[len(written)-1]]
	anchor := naiveAnchor(c, f.Conversation)
	if anchor.IsZero() || f.Now.Sub(anchor) < 0 {
		return 0
	}
	long := f.Now.Sub(anchor).Nanoseconds() >= seconds*1_000_000_000
	return naiveBool(long == (c.Op == "longer_than" || c.Op == "not_in_the_last"))
}

// naiveBusiness decides a condition that counts business time.
func naiveBusiness(c Condition, f conversation.Facts) int {
	anchor := naiveAnchor(c, f.Conversation)
	if anchor.IsZero() || f.Now.Before(anchor) {
		return 0
	}
	key := naiveSpan{anchor, c.Value.(string)}
	end, known := naiveEnds[key]
	if !known {
		end = naiveEnd(c, f, anchor)
		naiveEnds[key] = end
	}
	if end.IsZero() {
		return 0
	}
	return naiveBool(f.Now.Before(end) != (c.Op == "longer_than" || c.Op == "not_in_the_last"))
}

// naiveEnds holds what naiveEnd said of the mailbox that drawWeek drew last: a stepping
// asks the same many times.
var naiveEnds = map[naiveSpan]time.Time{}

type naiveSpan struct {
	anchor time.Time
	span   string
}

// naiveEnd walks from the anchor by half hours until the business time is over, for
// two months at most.
func naiveEnd(c Condition, f conversation.Facts, anchor time.Time) time.Time {
	var n int
	var unit string
	if _, err := fmt.Sscanf(c.Value.(string), "%d%s", &n, &unit); err != nil {
		panic(err)
	}
	began := "" // the time of the day at which somebody was first there
	days := map[string]bool{}
	halves := 0
	for f.Now = anchor; f.Now.Before(anchor.AddDate(0, 2, 0)); f.Now = f.Now.Add(30 * time.Minute) {
		local := f.Now.In(f.Mailbox.Calendar().Zone)
		open := naiveCalendar(Condition{Field: "business_hours", Op: "is", Value: hoursInside}, f) == 1
		if unit == "bh" {
			if open {
				halves++
			}
			if halves == 2*n {
				return f.Now.Add(30 * time.Minute)
			}
			continue
		}
		if open && began == "" {
			began = local.Format("15:04")
		}
		if began != "" && naiveBusinessDay(f, local) {
			days[local.Format("2006-01-02")] = true
			if len(days) > n && local.Format("15:04") >= began {
				return f.Now
			}
		}
	}
	return time.Time{} // nobody is there
}

func naiveBusinessDay(f conversation.Facts, local time.Time) bool {
	return len(f.Mailbox.Hours.Days[local.Weekday()]) > 0 && !slices.Contains(f.Mailbox.Hours.Holidays, local.Format("2006-01-02"))
}

// naiveDues steps through time, from so many steps before now to so many after.
// Anchors and spans must be whole steps.
func naiveDues(d Definition, f conversation.Facts, used Used, before, after int, length time.Duration) []Due {
	if d.Type != TypeAutomatic || used.Runs >= d.MaxRuns {
		return nil
	}
	if f.Conversation.State != "published" && !strings.Contains(fmt.Sprint(d.Conditions), "{state ") {
		return nil
	}
	f.Event, f.Message = nil, nil
	holds := make([]bool, before+after+1)
	for i := range holds {
		step := f
		step.Now = f.Now.Add(time.Duration(i-before) * length)
		holds[i] = naiveEvaluate(d, step) == 1
	}
	var dues []Due
	for g := range d.Conditions {
		for r, c := range d.Conditions[g].Any {
			anchor := naiveAnchor(c, f.Conversation)
			if anchor.IsZero() || c.Op == "before" || c.Op == "after" {
				continue
			}
			episode := fmt.Sprintf("%s.%s@%s", c.Field, c.Op, anchor.UTC().Format("2006-01-02T15:04:05.000000Z07:00"))
			if used.Episodes[episode] {
				continue
			}
			ok := make([]bool, len(holds))
			for i := range holds {
				step := f
				step.Now = f.Now.Add(time.Duration(i-before) * length)
				ok[i] = holds[i] && naiveRow(c, step) == 1
			}
			at := before
			for at < len(ok) && !ok[at] {
				at++
			}
			for at == before && ok[at] || at > 0 && at < before && ok[at] {
				if at == 0 || !ok[at-1] {
					break
				}
				at--
			}
			if at < len(ok) {
				dues = append(dues, Due{Row: fmt.Sprintf("conditions[%d].any[%d]", g, r), Episode: episode,
					At: f.Now.Add(time.Duration(at-before) * length)})
			}
		}
	}
	slices.SortStableFunc(dues, func(a, b Due) int { return a.At.Compare(b.At) })
	return dues
}
