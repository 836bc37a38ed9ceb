package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// shape reads a condition on a field.
type shape func(c automation.Condition) (meaning, bool)

// shapes says of each reading what conditions claim. What a shape does not know is read by
// its operator alone: is and is_not of one value exclude each other, and no more is known.
var shapes = map[automation.Reading]shape{
	automation.ReadsText:   oneText,
	automation.ReadsTexts:  manyTexts,
	automation.ReadsWord:   oneWord,
	automation.ReadsTags:   tagSet,
	automation.ReadsNumber: number,
	automation.ReadsSince:  since,
}

// Aspects that several conditions and events speak of.
const (
	aboutEvent   = "event" // the kind of what happened; first for a first message
	aboutStatus  = "status"
	aboutWaiting = "waiting"
	firstMessage = "first"
)

// waiting and notWaiting say whether a customer waits for an answer.
var (
	waiting    = claim{aboutWaiting, words{list: []string{"yes"}}}
	notWaiting = claim{aboutWaiting, words{list: []string{"no"}}}
	openStatus = claim{aboutStatus, words{list: []string{"active", "pending"}, all: statuses()}}
)

func statuses() []string {
	all := make([]string, len(conversation.Statuses))
	for i, s := range conversation.Statuses {
		all[i] = string(s)
	}
	return all
}

// read says what a condition means.
func read(c automation.Condition) meaning {
	if automation.IsEvent(c.Field) {
		return event(c)
	}
	reading := automation.ReadingOf(c.Field)
	if c.Field == aboutMailbox { // which no workflow can ask for: an action leaves it
		reading = automation.ReadsWord
	}
	if s := shapes[reading]; s != nil {
		if m, ok := s(c); ok {
			return m
		}
	}
	return byOperator(c)
}

// positive holds the positive twin of each negative operator.
var positive = map[string]string{
	"is_not": "is", "does_not_contain": "contains", "not_set": "set", "has_none": "has_any", "not_rated": "rated",
	"not_longer_than": "longer_than", "not_in_the_last": "in_the_last", "not_in_the_next": "in_the_next", "has_not": "has", "not_in": "in",
	"outside": "inside",
}

// byOperator reads a condition by its operator alone: it says of one thing that it is
// so, or that it is not.
func byOperator(c automation.Condition) meaning {
	op, answer := c.Op, "yes"
	if p := positive[op]; p != "" {
		op, answer = p, "no"
	}
	about := fmt.Sprintf("%s %s %v %s %s", c.Field, op, folded(c.Value), c.From, c.To)
	return yesOrNo(about, answer)
}

func yesOrNo(about, answer string) meaning {
	is := words{list: []string{answer}, all: []string{"yes", "no"}}
	return meaning{yes: []term{{{about, is}}}, no: []term{{{about, is.not()}}}}
}

func folded(v any) any {
	switch v := v.(type) {
	case string:
		return match.Fold(v)
	case []any:
		return strings.Join(list(v), "\n")
	}
	return v
}

// list returns the folded texts of a value, sorted, each once.
func list(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = []string{match.Fold(v)}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, match.Fold(s))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// oneWord reads the conditions on a field that has one of some words, of all that there
// are where the catalogue knows them.
func oneWord(c automation.Condition) (meaning, bool) {
	word, ok := c.Value.(string)
	if !ok || c.Op != "is" && c.Op != "is_not" {
		return meaning{}, false
	}
	in := words{list: []string{match.Fold(word)}, except: c.Op == "is_not", all: automation.WordsOf(c)}
	return meaning{yes: []term{{{c.Field, in}}}, no: []term{{{c.Field, in.not()}}}}, true
}

func oneText(c automation.Condition) (meaning, bool)   { return text(c, false) }
func manyTexts(c automation.Condition) (meaning, bool) { return text(c, true) }

func text(c automation.Condition, many bool) (meaning, bool) {
	l := literal{op: c.Op}
	if p := positive[c.Op]; p != "" {
		l.op, l.not = p, true
	}
	if !slices.Contains([]string{"is", "contains", "starts_with", "ends_with", "matches", "set"}, l.op) {
		return meaning{}, false
	}
	if s, ok := c.Value.(string); ok {
		if l.value = s; l.op != "matches" {
			l.value = match.Fold(s)
		}
	}
	says := func(l literal) []term { return []term{{{c.Field, texts{[]literal{l}, many}}}} }
	other := l
	other.not = !l.not
	return meaning{yes: says(l), no: says(other)}, true
}

// tagSet reads the conditions on tags: each tag is an aspect of its own.
func tagSet(c automation.Condition) (meaning, bool) {
	tags := list(c.Value)
	var all, none term
	var some, lacks []term
	for _, t := range tags {
		has, hasNot := tag(t, "yes"), tag(t, "no")
		all, none = append(all, has), append(none, hasNot)
		some, lacks = append(some, term{has}), append(lacks, term{hasNot})
	}
	switch c.Op {
	case "has_any":
		return meaning{yes: some, no: []term{none}}, true
	case "has_all":
		return meaning{yes: []term{all}, no: lacks}, true
	case "has_none":
		return meaning{yes: []term{none}, no: some}, true
	}
	return meaning{}, false
}

func tag(name, has string) claim {
	return claim{"tag " + name, words{list: []string{has}, all: []string{"yes", "no"}}}
}

// since reads the conditions that compare the time since something. Nobody waits but
// in an open conversation.
func since(c automation.Condition) (meaning, bool) {
	written, _ := c.Value.(string)
	d, problem := automation.ParseDuration(written)
	if problem != "" {
		return meaning{}, false
	}
	before, after := span{0, d.Seconds()}, span{d.Seconds(), math.Inf(1)}
	switch c.Op {
	case "longer_than", "not_in_the_last":
	case "not_longer_than", "in_the_last":
		before, after = after, before
	default:
		return meaning{}, false
	}
	yes, no := term{{c.Field, after}}, term{{c.Field, before}}
	if c.Field == "waiting_since" {
		yes = append(yes, waiting, openStatus)
	}
	return meaning{yes: []term{yes}, no: []term{no}}, true
}

// numberSpans reads the operators of numbers.
var numberSpans = map[string]func(n float64) (yes, no []span){
	"is":           func(n float64) (yes, no []span) { return only(n), allBut(n) },
	"is_not":       func(n float64) (yes, no []span) { return allBut(n), only(n) },
	"at_least":     func(n float64) (yes, no []span) { return []span{{n, math.Inf(1)}}, []span{{math.Inf(-1), n}} },
	"less_than":    func(n float64) (yes, no []span) { return []span{{math.Inf(-1), n}}, []span{{n, math.Inf(1)}} },
	"greater_than": func(n float64) (yes, no []span) { return above(n), upTo(n) },
	"at_most":      func(n float64) (yes, no []span) { return upTo(n), above(n) },
}

func next(n float64) float64  { return math.Nextafter(n, math.Inf(1)) }
func above(n float64) []span  { return []span{{next(n), math.Inf(1)}} }
func upTo(n float64) []span   { return []span{{math.Inf(-1), next(n)}} }
func only(n float64) []span   { return []span{{n, next(n)}} }
func allBut(n float64) []span { return []span{{math.Inf(-1), n}, {next(n), math.Inf(1)}} }

func number(c automation.Condition) (meaning, bool) {
	n, ok := c.Value.(float64)
	spans := numberSpans[c.Op]
	if !ok || spans == nil {
		return meaning{}, false
	}
	terms := func(list []span) []term {
		out := make([]term, len(list))
		for i, s := range list {
			out[i] = term{{c.Field, s}}
		}
		return out
	}
	yes, no := spans(n)
	return meaning{yes: terms(yes), no: terms(no)}, true
}

// event reads the conditions about the event. Two of different kinds never hold at
// once: one thing happens at a time.
func event(c automation.Condition) meaning {
	kinds := []string{}
	for _, k := range automation.Listens(c) {
		kinds = append(kinds, string(k))
	}
	if len(kinds) != 1 { // a new conversation, or what a user did, which may begin one
		kinds = append(kinds, firstMessage)
	}
	is := words{list: kinds}
	yes, no := term{{aboutEvent, is}}, []term{{{aboutEvent, is.not()}}}
	if len(kinds) == 1 {
		yes = append(yes, after[kinds[0]]...)
	}
	for _, n := range narrowing(c) {
		yes = append(yes, n)
		no = append(no, term{{n.about, n.in.(words).not()}})
	}
	return meaning{yes: []term{yes}, no: no}
}

// Aspects of an event: what changed from what to what, and that a user did it.
const (
	aboutFrom = "event from"
	aboutTo   = "event to"
	aboutUser = "event by user"
)

// narrowing returns what a condition says of the event beside its kind.
func narrowing(c automation.Condition) []claim {
	var more []claim
	value, _ := c.Value.(string)
	switch c.Field {
	case "tag_added", "tag_removed":
		return []claim{{tagEvent(c), words{list: []string{"yes"}}}}
	case "moved_here":
		c.From = cmp.Or(c.From, value)
	case "customer_reopened":
		more = append(more, claim{c.Field, words{list: []string{"yes"}}}, claim{aboutStatus, words{list: []string{"active"}, all: statuses()}})
		if value != "" {
			more = append(more, claim{c.Field + " " + value, words{list: []string{"yes"}}})
		}
	case "user_action":
		more = append(more, claim{aboutUser, words{list: []string{"yes"}}})
		if value != "" {
			more = append(more, claim{aboutUser + " named", words{list: []string{value}}})
		}
	default:
		if value != "" {
			more = append(more, claim{c.Field, words{list: []string{match.Fold(value)}}})
		}
	}
	if c.From != "" {
		more = append(more, claim{aboutFrom, words{list: []string{c.From}}})
	}
	if c.To != "" {
		more = append(more, claim{aboutTo, words{list: []string{c.To}}})
	}
	return more
}

// tagEvent is the aspect of a condition on a tag that was added or removed. One event
// may be about several tags.
func tagEvent(c automation.Condition) string { return fmt.Sprintf("%s %v", c.Field, folded(c.Value)) }

// just is a time that began with the event. No duration of a condition is shorter.
var just = span{0, 1}

// after holds what is known once a kind of event has happened.
var after = map[string]term{
	firstMessage:                             {{"created", just}},
	string(conversation.KindCustomerMessage): {{"last_customer_reply", just}},
	string(conversation.KindAgentReply):      {{"last_agent_reply", just}, notWaiting},
	string(conversation.KindStatusChanged):   {{"last_status_change", just}},
}
