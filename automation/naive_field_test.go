package automation

import (
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// naiveCustom decides a condition on a custom field, for a mailbox in UTC.
func naiveCustom(c Condition, f conversation.Facts) int {
	if len(f.Mailbox.Fields) == 0 {
		return 0
	}
	name := strings.TrimPrefix(c.Field, "field.")
	value := f.Conversation.Fields[name]
	if name == "Plan" {
		value = f.Conversation.Fields["plan"]
	}
	switch {
	case c.Op == "set":
		return naiveBool(value != "")
	case c.Op == "not_set":
		return naiveBool(value == "")
	case name == "Plan":
		return naiveTexts(c, []string{value})
	case name == "Paid":
		return naiveBool((value == "yes") == (c.Value == "yes"))
	case name == "Seats":
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0
		}
		want := c.Value.(float64)
		return naiveBool(map[string]bool{
			"is": n == want, "is_not": n != want, "greater_than": n > want, "less_than": n < want, "at_least": n >= want, "at_most": n <= want,
		}[c.Op])
	}
	day, err := time.Parse("2006-01-02", value)
	if err != nil {
		return 0
	}
	if (c.Op == "future" || c.Op == "not_in_the_next") && f.Now.Before(f.Conversation.CreatedAt) {
		return 0
	}
	return naiveDay(c, day, f.Now)
}

// naiveDay decides a condition on a date by the days as they are written, and by hours.
func naiveDay(c Condition, day, now time.Time) int {
	has, today := day.Format("2006-01-02"), now.Format("2006-01-02")
	switch c.Op {
	case "past":
		return naiveBool(has < today)
	case "future":
		return naiveBool(has > today)
	case "today":
		return naiveBool(has == today)
	case "before":
		return naiveBool(has < c.Value.(string))
	case "after":
		return naiveBool(has > c.Value.(string))
	}
	hours := map[string]float64{"1h": 1, "9h": 9, "1d": 24, "2d": 48}[c.Value.(string)]
	since := now.Sub(day).Hours()
	switch c.Op {
	case "in_the_last", "not_in_the_last":
		if since < 0 {
			return 0
		}
		return naiveBool((since < hours) == (c.Op == "in_the_last"))
	default:
		return naiveBool((since < 0 && -since <= hours) == (c.Op == "in_the_next"))
	}
}
