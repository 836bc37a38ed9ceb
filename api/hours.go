package api

import (
	"fmt"
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
			*list = append(*list, i.String())
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
			interval, ok := conversation.ParseInterval(written)
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
