package automation

import (
	"math"
	"strconv"
)

// numberOperators returns the operators of numbers for a kind of value.
func numberOperators(value valueKind) []operator {
	return []operator{
		{"is", value, "is"}, {"is_not", value, "is not"},
		{"greater_than", value, "is greater than"}, {"less_than", value, "is less than"},
		{"at_least", value, "is at least"}, {"at_most", value, "is at most"},
	}
}

// compareNumbers reports whether have stands to want as the operator says.
func compareNumbers(o operator, have, want float64) bool {
	switch o.name {
	case "is":
		return have == want
	case "is_not":
		return have != want
	case "greater_than":
		return have > want
	case "less_than":
		return have < want
	case "at_least":
		return have >= want
	case "at_most":
		return have <= want
	}
	panic("automation: numbers have no operator " + o.name)
}

// compareCounts is compareNumbers for a count. Where there may be more than were
// counted, it is unknown what more would change.
func compareCounts(o operator, have int, orMore bool, want float64) Truth {
	is := compareNumbers(o, float64(have), want)
	equality := o.name == "is" || o.name == "is_not"
	if orMore && (equality && float64(have) <= want || is != compareNumbers(o, math.Inf(1), want)) {
		return Unknown
	}
	return truth(is)
}

// countRow tests how many there are of something.
func countRow(count func(*Prepared) int) func(operator, operand) test {
	return func(o operator, v operand) test {
		return test{
			holds: func(p *Prepared) Truth { return truth(compareNumbers(o, float64(count(p)), v.number)) },
			look:  func(p *Prepared) (string, string) { return strconv.Itoa(count(p)), "" },
		}
	}
}

func messageCount(p *Prepared) int       { return p.facts.Conversation.Messages }
func customerReplyCount(p *Prepared) int { return p.facts.Conversation.CustomerReplies }

// yesNoRow tests something that is so or not so.
func yesNoRow(is func(*Prepared) bool) func(operator, operand) test {
	return func(_ operator, v operand) test {
		return test{
			holds: func(p *Prepared) Truth { return truth(yesNo(is(p)) == v.text) },
			look:  func(p *Prepared) (string, string) { return yesNo(is(p)), "" },
		}
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
