package automation

import (
	"fmt"
	"math"

	"github.com/smarticks/smarticks/automation/match"
)

// maxCount is the largest number that a count is compared with.
const maxCount = 1_000_000

// readNumber reads a number. A text is refused, also one that looks like a
// number: a workflow must never compare with 0 because something was not one.
func readNumber(v any) (operand, string) {
	if v == nil {
		return operand{}, "the value is missing: give a number"
	}
	if s, ok := v.(string); ok {
		return operand{}, match.Quote(s) + " is a text: give a number, without quotes"
	}
	n, problem := readTreeNumber(v)
	if problem != "" {
		return operand{}, "the value " + problem
	}
	return operand{number: n}, ""
}

// readCount reads what a count is compared with.
func readCount(v any) (operand, string) {
	o, problem := readNumber(v)
	if problem == "" && (o.number != math.Trunc(o.number) || o.number < 0 || o.number > maxCount) {
		problem = fmt.Sprintf("%v is no count: give a whole number from 0 to %d", o.number, maxCount)
	}
	return o, problem
}
