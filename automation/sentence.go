package automation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Kinds of reference: what a definition may name.
const (
	RefUser    = "user"
	RefMailbox = "mailbox"
	RefTag     = "tag"
	// RefEndpoint is a webhook endpoint, by its name.
	RefEndpoint = "webhook endpoint"
	RefField    = "field"  // a custom field, by its name
	RefFolder   = "folder" // by its name
)

// Names returns the name of a user or a mailbox (RefUser, RefMailbox) for a
// sentence. Where it is nil or returns nothing, the sentence shows the id.
type Names func(kind, id string) string

func (n Names) Of(kind, id string) string {
	if n != nil {
		if name := n(kind, id); name != "" {
			return name
		}
	}
	return id
}

// Sentence says a condition in words: the subject contains "refund". It says something
// of every Condition, a wrong one too. Log, API and screens use it and nothing
// else.
func (c Condition) Sentence(names Names) string {
	f, o, ok := lookUp(c)
	if !ok {
		return strings.TrimSpace(c.Field + " " + c.Op + " " + valueWords(c.Value))
	}
	return f.say(c, o, names)
}

// saying makes the sentence of a field that is said as what, the operator's
// words, the value.
func saying(what string) func(Condition, operator, Names) string {
	return func(c Condition, o operator, _ Names) string {
		if o.value == noValue {
			return what + " " + o.words
		}
		return what + " " + o.words + " " + valueWordsOf(o.value, c.Value)
	}
}

func sayAlways(sentence string) func(Condition, operator, Names) string {
	return func(Condition, operator, Names) string { return sentence }
}

func sayHeaders(c Condition, o operator, _ Names) string {
	words := map[string]string{"contains": "a header contains", "does_not_contain": "no header contains", "matches": "a header matches"}
	return words[o.name] + " " + valueWordsOf(o.value, c.Value)
}

func sayStartedBy(c Condition, o operator, _ Names) string {
	who, _ := c.Value.(string)
	words, ok := map[string]string{"customer": "the customer", "user": "a user", "workflow": "a workflow", "api": "the API"}[who]
	if !ok {
		words = valueWords(c.Value)
	}
	if o.negative() {
		return "it was not started by " + words
	}
	return "it was started by " + words
}

func sayAssignee(c Condition, o operator, names Names) string {
	id, _ := c.Value.(string)
	switch {
	case id == Unassigned && o.negative():
		return "somebody is assigned"
	case id == Unassigned:
		return "nobody is assigned"
	default:
		return "the assignee " + o.words + " " + names.Of(RefUser, id)
	}
}

func sayTags(c Condition, o operator, _ Names) string {
	if o.value == patternValue {
		return "one of its tags matches " + valueWordsOf(o.value, c.Value)
	}
	var tags []string
	switch v := c.Value.(type) {
	case string:
		tags = []string{v}
	case []any:
		for _, e := range v {
			s, _ := e.(string)
			tags = append(tags, s)
		}
	}
	one := len(tags) == 1
	list := match.QuoteList(tags)
	switch {
	case o.name == "has_none" && one:
		return "it does not have the tag " + list
	case o.name == "has_none":
		return "it has none of the tags " + list
	case one:
		return "it has the tag " + list
	case o.name == "has_all":
		return "it has all of the tags " + list
	default:
		return "it has any of the tags " + list
	}
}

func sayMovedHere(c Condition, _ operator, names Names) string {
	from := c.From
	if v, ok := c.Value.(string); ok && v != "" {
		from = v
	}
	if from == "" {
		return "it was moved here"
	}
	return "it was moved here from " + names.Of(RefMailbox, from)
}

// sayDate makes the sentences of a date condition: one for its positive operator, one
// for its negative.
func sayDate(positive, negative string) func(Condition, operator, Names) string {
	return func(c Condition, o operator, _ Names) string {
		what := positive
		if strings.HasPrefix(o.name, "not_") {
			what = negative
		}
		span := valueWordsOf(o.value, c.Value)
		if o.words == "in the last" {
			span = strings.TrimPrefix(span, "1 ") // in the last hour
		}
		return what + " " + o.words + " " + span
	}
}

// sayCreated says a condition on the creation.
func sayCreated(c Condition, o operator, names Names) string {
	if o.value == momentValue {
		return "it was created " + o.words + " " + valueWordsOf(o.value, c.Value)
	}
	return sayDate("it was created", "it was not created")(c, o, names)
}

// valueWordsOf says a value as its kind is said: words plain, texts quoted.
func valueWordsOf(kind valueKind, v any) string {
	s, ok := v.(string)
	if !ok {
		return valueWords(v)
	}
	switch kind {
	case statusValue, stateValue, typeValue, channelValue, ratingValue, momentValue, authenticationValue:
		return match.Shorten(s, match.QuotedLength)
	case durationValue, aheadValue:
		return durationWords(s)
	case patternValue:
		if _, _, offset, problem := match.SplitPattern(s); problem == "" && offset == 0 {
			return "/" + match.Shorten(s, match.QuotedLength) + "/"
		}
		return match.Shorten(s, match.QuotedLength)
	default:
		return match.Quote(s)
	}
}

// valueWords says a value of any type.
func valueWords(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return match.Quote(v)
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = valueWords(e)
		}
		return strings.Join(words, ", ")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// DidNotRun begins the answer of why not.
const DidNotRun = "It did not run: "

// ActualWords says the value that a condition looked at.
func ActualWords(c Condition, r ConditionOutcome) string {
	switch {
	case r.Actual == "" && r.Why != "":
		return r.Why
	case r.Actual == "":
		return "it is empty"
	}
	switch c.Field {
	case "status", fieldState:
		return "the " + c.Field + " is " + r.Actual
	case "assignee":
		if r.Actual == Unassigned {
			return "nobody is assigned"
		}
		return "the assignee is " + r.Actual
	case "tags":
		if r.Actual == NoTags {
			return "it has no tags"
		}
		return "its tags are " + r.Actual
	case "subject":
		return "the subject is " + match.Quote(r.Actual)
	case "customer_email":
		return "the customer's email is " + r.Actual
	case fieldBody:
		return "the body is " + match.Quote(r.Actual)
	}
	switch f, o, ok := lookUp(c); {
	case ok && f.event():
		return "what happened is: " + r.Actual
	case ok && o.value == durationValue:
		return "it counts from " + r.Actual
	case ok && o.value == momentValue:
		return "it was created at " + r.Actual
	case ok && (o.value == hoursValue || o.value == weekdaysValue || o.value == clockValue):
		return "it is " + r.Actual
	default:
		return "the value is " + match.Quote(r.Actual)
	}
}

// NoTags is what a tags condition looked at when there are none.
const NoTags = "no tags"

// Times says how often.
func Times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return fmt.Sprintf("%d times", n)
	}
}

func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// DoesSentence says all actions in one sentence: add the tag "refund", assign it
// to Ann.
func (d Definition) DoesSentence(names Names) string {
	words := make([]string, len(d.Actions))
	for i, a := range d.Actions {
		words[i] = a.Sentence(names)
	}
	return strings.Join(words, ", ")
}

// EventWords says what happened.
func EventWords(e conversation.Event) string {
	if e.First {
		return "a new conversation began"
	}
	switch e.Kind {
	case conversation.KindCustomerMessage:
		return "the customer replied"
	case conversation.KindThirdParty:
		return "a third party wrote"
	case conversation.KindAgentReply:
		return "an agent replied"
	case conversation.KindNoteAdded:
		return "a note was added"
	case conversation.KindWorkflowMessage:
		return "a workflow wrote to the customer"
	case conversation.KindStatusChanged:
		return "the status changed from " + e.From + " to " + e.To
	case conversation.KindAssigneeChanged:
		return "the assignee changed"
	case conversation.KindTagsChanged:
		return "the tags changed"
	case conversation.KindFieldChanged:
		return "a field changed"
	case conversation.KindFollowersChanged:
		return "the followers changed"
	case conversation.KindMoved:
		return "it was moved from another mailbox"
	case conversation.KindSubjectChanged:
		return "the subject changed"
	case conversation.KindStateChanged:
		return "it was deleted or restored"
	case conversation.KindRated:
		return "the customer rated it"
	case conversation.KindViewed:
		return "the customer saw a message of ours"
	case conversation.KindManualRun:
		return "a manual run was asked for"
	case conversation.KindUndo:
		return "an undo was asked for"
	case conversation.KindDue:
		return "a due time came"
	case conversation.KindConsider:
		return "the workflow was to be considered"
	default:
		return string(e.Kind)
	}
}

// What is said of a condition, a group, an action and an outcome is said here and in
// the Sentence methods, and nowhere else: timeline, runs, explain, check and the
// guides all show these words.

// Sentence says a group in words: its conditions, joined by or.
func (g Group) Sentence(names Names) string {
	rows := make([]string, len(g.Any))
	for i, c := range g.Any {
		rows[i] = c.Sentence(names)
	}
	return strings.Join(rows, ", or ")
}

// Words says a condition with what it came to and the value that was looked at: yes:
// the subject contains "refund" (Please refund order 1042).
func (r ConditionOutcome) Words() string {
	words := map[Truth]string{True: "yes: ", False: "no: ", Unknown: "unknown: "}[r.Holds] + r.Sentence
	var looked []string
	for _, s := range []string{r.Actual, r.Why} {
		if s != "" {
			looked = append(looked, s)
		}
	}
	if len(looked) > 0 {
		words += " (" + strings.Join(looked, "; ") + ")"
	}
	return words
}
