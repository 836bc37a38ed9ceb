package api

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// BusinessHours are when somebody is there, day by day, in the mailbox's time
// zone: "09:00-12:00". What is left out has none.
type BusinessHours struct {
	Monday    []string `json:"monday,omitempty" maxItems:"10" example:"09:00-17:30"`
	Tuesday   []string `json:"tuesday,omitempty" maxItems:"10"`
	Wednesday []string `json:"wednesday,omitempty" maxItems:"10"`
	Thursday  []string `json:"thursday,omitempty" maxItems:"10"`
	Friday    []string `json:"friday,omitempty" maxItems:"10"`
	Saturday  []string `json:"saturday,omitempty" maxItems:"10"`
	Sunday    []string `json:"sunday,omitempty" maxItems:"10"`
	Holidays  []string `json:"holidays,omitempty" maxItems:"1000" doc:"Days on which nobody is there: 2026-12-25."`
}

// days are the days by time.Weekday.
func (b *BusinessHours) days() [7]*[]string {
	return [7]*[]string{&b.Sunday, &b.Monday, &b.Tuesday, &b.Wednesday, &b.Thursday, &b.Friday, &b.Saturday}
}

// showHours returns nil when there are none.
func showHours(h conversation.BusinessHours) *BusinessHours {
	if !h.Set() && len(h.Holidays) == 0 {
		return nil
	}
	out := BusinessHours{Holidays: h.Holidays}
	for day, list := range out.days() {
		for _, i := range h.Days[day] {
			*list = append(*list, fmt.Sprintf("%02d:%02d-%02d:%02d", i.From/60, i.From%60, i.To/60, i.To%60))
		}
	}
	return &out
}

// read returns the hours, or what is wrong with them, at its place.
func (b *BusinessHours) read() (conversation.BusinessHours, error) {
	h := conversation.BusinessHours{Holidays: b.Holidays}
	var bad []errs.Problem
	for day, list := range b.days() {
		for n, written := range *list {
			interval, ok := readInterval(written)
			if !ok {
				name := strings.ToLower(time.Weekday(day).String())
				bad = append(bad, errs.Problem{Path: fmt.Sprintf("business_hours.%s[%d]", name, n), Message: "this must be like 09:00-17:30"})
			}
			h.Days[day] = append(h.Days[day], interval)
		}
	}
	if problem := h.Check(); len(bad) == 0 && problem != "" {
		bad = append(bad, errs.Problem{Path: "business_hours", Message: problem})
	}
	if len(bad) > 0 {
		return h, errs.Bad("api.BusinessHours", "the business hours have problems", bad)
	}
	return h, nil
}

func readInterval(s string) (conversation.Interval, bool) {
	from, to, ok := strings.Cut(s, "-")
	start, okFrom := readMinute(from)
	end, okTo := readMinute(to)
	return conversation.Interval{From: start, To: end}, ok && okFrom && okTo
}

func readMinute(s string) (int, bool) {
	if len(s) != len("09:00") || s[2] != ':' {
		return 0, false
	}
	hour, errH := strconv.ParseUint(s[:2], 10, 8)
	minute, errM := strconv.ParseUint(s[3:], 10, 8)
	return int(hour*60 + minute), errH == nil && errM == nil && minute < 60
}
