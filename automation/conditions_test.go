package automation

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// conditionTest is all that the tests must know of a condition.
type conditionTest struct {
	// field is its name, and promised are its operators as they were agreed on.
	field, promised string
	// cases have one for each operator, with facts of which it is true and others of which
	// it is not.
	cases []catalogueCase
	// sentences are those of the cases.
	sentences []string
	// naive says what it is of facts, without the code that is tested.
	naive func(Condition, conversation.Facts) int
}

// conditionTests holds conditions whose tests stand in one place: a new one gets its entry
// here. Others are spread over catalogue_test.go, rows_test.go, sentence_test.go and
// naive_test.go.
var conditionTests = []conditionTest{
	{
		field: "message_count", promised: numbers,
		cases: numberCases("message_count", func(n int) making { return func(f *conversation.Facts) { f.Conversation.Messages = n } }),
		sentences: []string{
			"the number of messages is 3", "the number of messages is not 3", "the number of messages is greater than 3",
			"the number of messages is less than 3", "the number of messages is at least 3", "the number of messages is at most 3",
		},
		naive: func(c Condition, f conversation.Facts) int { return naiveNumber(c, f.Conversation.Messages) },
	},
	{
		field: "customer_reply_count", promised: numbers,
		cases: numberCases("customer_reply_count", func(n int) making {
			return func(f *conversation.Facts) { f.Conversation.CustomerReplies = n }
		}),
		sentences: []string{
			"the number of customer replies is 3", "the number of customer replies is not 3", "the number of customer replies is greater than 3",
			"the number of customer replies is less than 3", "the number of customer replies is at least 3",
			"the number of customer replies is at most 3",
		},
		naive: func(c Condition, f conversation.Facts) int { return naiveNumber(c, f.Conversation.CustomerReplies) },
	},
}

// TestConditions_EachIsTrueAndFalseAndSaysSo does the tests of the table.
func TestConditions_EachIsTrueAndFalseAndSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range conditionTests {
		promisedAreCovered(t, map[string]string{c.field: c.promised}, trueAndFalse(t, c.cases))
		if len(c.sentences) != len(c.cases) || c.naive == nil {
			t.Errorf("%s: give each of its cases a sentence, and the whole a naive twin", c.field)
			continue
		}
		for i, one := range c.cases {
			if got := one.row.Sentence(nil); got != c.sentences[i] {
				t.Errorf("%q, want %q", got, c.sentences[i])
			}
			for facts, want := range map[*conversation.Facts]bool{ptr(facts(one.yes)): true, ptr(facts(one.no)): false} {
				if got := c.naive(one.row, *facts) == 1; got != want {
					t.Errorf("the naive twin says %t of %s", got, c.sentences[i])
				}
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// tested returns the test of a condition in the table, nil when it has none there.
func tested(field string) *conditionTest {
	for i := range conditionTests {
		if conditionTests[i].field == field {
			return &conditionTests[i]
		}
	}
	return nil
}
