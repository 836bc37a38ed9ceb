package automation

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Unassigned is the value of an assignee condition, and the target of an assign
// action, that means nobody.
const Unassigned = "unassigned"

// MaxTextLength is how long the text that a condition compares with may be, and
// MaxTagLength how long a tag, in characters.
const (
	MaxTextLength = 1000
	MaxTagLength  = 100
)

// valueKind says what the Value of a condition must be.
type valueKind int

const (
	noValue             valueKind = iota
	textValue                     // a text that is not blank
	patternValue                  // RE2
	statusValue                   // active, pending, closed, spam
	stateValue                    // draft, published, deleted
	assigneeValue                 // a user id, or unassigned
	tagsValue                     // tag names: a list, or one
	durationValue                 // 90s, 30m, 8h, 3d, 4bh, 2bd
	momentValue                   // 2026-03-01, or an instant
	hoursValue                    // inside, outside
	weekdaysValue                 // days of the week: a list, or one
	clockValue                    // 09:00-17:30
	mailboxValue                  // a mailbox id; may be left out
	userValue                     // a user id; may be left out
	tagValue                      // one tag's name; may be left out
	fieldNameValue                // a custom field's name; may be left out
	folderValue                   // the name of a folder
	ratingValue                   // great, okay, not_good
	yesNoValue                    // yes, no
	numberValue                   // any number
	countValue                    // a whole number from 0
	typeValue                     // email, phone, chat, api
	channelValue                  // email, phone, chat, api, form, portal, sms, social
	starterValue                  // customer, user, workflow, api
	customValue                   // a text, or a number: of a custom field
	aheadValue                    // a duration of the clock
	closedForValue                // a duration; may be left out
	authenticationValue           // pass, fail, none
)

// operand is the value of a condition, read.
type operand struct {
	text    string // also a status, state, user or mailbox id
	folded  string // of a text
	pattern *match.Pattern
	tags    []string // folded
	span    Span
	moment  moment
	clock   conversation.Interval // a stretch of the day
	number  float64
	// from and to are what an event condition's From and To say; nil: any.
	from, to *operand
}

// valueEntry is one line of the table of kinds of value: how one is read, and what it
// looks like.
type valueEntry struct {
	// name is what lists of fields call it.
	name string
	// read returns the operand, or a sentence that says what is wrong.
	read func(any) (operand, string)
	// schema is what of it a JSON Schema can say.
	schema func() map[string]any
	// words are all that there are; nil: there is no end of them.
	words []string
	// optional says that it may be left out.
	optional bool
	// refers is what it names, RefUser say; empty: nothing.
	refers string
}

// valueKinds is the table of kinds of value. It is never changed.
var valueKinds = map[valueKind]valueEntry{
	noValue:      {name: "none", read: readNone, schema: never},
	textValue:    {name: "text", read: readText, schema: someText},
	patternValue: {name: "pattern", read: readPattern, schema: someText},

	statusValue:         word("status", statusNames()...),
	stateValue:          word("state", stateNames()...),
	hoursValue:          word("value", hoursInside, hoursOutside),
	ratingValue:         word("rating", ratingNames()...),
	yesNoValue:          word("answer", "yes", "no"),
	typeValue:           word("type", typeNames()...),
	channelValue:        word("channel", channelNames()...),
	authenticationValue: word("result", authenticationNames()...),
	starterValue:        word("starter", starterNames()...),

	assigneeValue: {name: "assignee", read: readAssignee, schema: someText, refers: RefUser},
	userValue:     {name: "user", read: optional(readUser), schema: someText, optional: true, refers: RefUser},
	mailboxValue:  {name: "mailbox", read: readMailbox, schema: someText, optional: true, refers: RefMailbox},

	tagValue:       {name: "tag", read: optional(readTag), schema: someText, optional: true, refers: RefTag},
	tagsValue:      {name: "tags", read: readTags, schema: someTexts, refers: RefTag},
	folderValue:    {name: "folder", read: readText, schema: someText, refers: RefFolder},
	fieldNameValue: {name: "field", read: optional(readText), schema: someText, optional: true, refers: RefField},

	durationValue:  {name: "duration", read: readDuration, schema: durationSchema},
	closedForValue: {name: "duration", read: optional(readDuration), schema: durationSchema, optional: true},
	aheadValue:     {name: "clock_duration", read: readAhead, schema: clockDurationSchema},
	momentValue:    {name: "moment", read: readMoment, schema: momentSchema},
	weekdaysValue:  {name: "days", read: readWeekdays, words: weekdays, schema: weekdaysSchema},
	clockValue:     {name: "time_of_day", read: readClock, schema: clockSchema},

	numberValue: {name: "number", read: readNumber, schema: numberSchema},
	countValue:  {name: "count", read: readCount, schema: countSchema},
	customValue: {name: "text_or_number", read: readCustom, schema: textOrNumberSchema},
}

// word is the entry of a value that is one of some words.
func word(what string, known ...string) valueEntry {
	return valueEntry{
		name: "word", words: known,
		read:   func(v any) (operand, string) { return readWord(v, what, known) },
		schema: func() map[string]any { return oneWord(known...) },
	}
}

func durationSchema() map[string]any      { return matching("^[0-9]+([smhd]|bh|bd)$") }
func clockDurationSchema() map[string]any { return matching("^[0-9]+[smhd]$") }
func momentSchema() map[string]any        { return matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$") }
func clockSchema() map[string]any         { return matching("^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$") }
func numberSchema() map[string]any        { return ofType("number") }
func textOrNumberSchema() map[string]any  { return anyOfThese(someText(), ofType("number")) }

func countSchema() map[string]any {
	return map[string]any{"type": "integer", "minimum": 0, "maximum": maxCount}
}

// weekdaysSchema is one of the days, or a list of some.
func weekdaysSchema() map[string]any {
	return anyOfThese(oneWord(weekdays...), map[string]any{"type": "array", "items": oneWord(weekdays...), "minItems": 1})
}

func readNone(v any) (operand, string) {
	if v != nil {
		return operand{}, "takes no value"
	}
	return operand{}, ""
}

// readString reads what every kind but tags is written as.
func readString(v any, what string) (s, problem string) {
	switch v := v.(type) {
	case nil:
		return "", "the value is missing: give " + what
	case string:
		if !utf8.ValidString(v) {
			return "", "the value is not valid UTF-8"
		}
		return v, ""
	case float64, bool:
		return "", fmt.Sprintf("%v is not a text: give %s, in quotes", v, what)
	default:
		return "", "the value must be one text: give " + what
	}
}

func readText(v any) (operand, string) {
	s, problem := readString(v, "the text to compare with")
	if problem != "" {
		return operand{}, problem
	}
	if n := utf8.RuneCountInString(s); n > MaxTextLength {
		return operand{}, fmt.Sprintf("the text is %d characters long: at most %d", n, MaxTextLength)
	}
	folded := match.Fold(s)
	if folded == "" {
		return operand{}, "the text is blank: it would say something about every conversation"
	}
	return operand{text: s, folded: folded}, ""
}

func readPattern(v any) (operand, string) {
	s, problem := readString(v, "a regular expression")
	if problem != "" {
		return operand{}, problem
	}
	re, problem := match.ParsePattern(s)
	return operand{text: s, pattern: re}, problem
}

func readWord(v any, what string, known []string) (operand, string) {
	s, problem := readString(v, "one of "+strings.Join(known, ", "))
	if problem != "" {
		return operand{}, problem
	}
	for _, k := range known {
		if s == k {
			return operand{text: s}, ""
		}
	}
	return operand{}, unknown(what, s, known)
}

func readAssignee(v any) (operand, string) {
	s, problem := readString(v, `a user's id or address, or "unassigned"`)
	if problem == "" && strings.TrimSpace(s) == "" {
		problem = `the value is empty: give a user's id or address, or "unassigned"`
	}
	return operand{text: s}, problem
}

func readMailbox(v any) (operand, string) {
	if v == nil {
		return operand{}, ""
	}
	s, problem := readString(v, "a mailbox's id or address")
	if problem == "" && strings.TrimSpace(s) == "" {
		problem = "the value is empty: give a mailbox's id or address, or leave it out for any mailbox"
	}
	return operand{text: s}, problem
}

// optional makes a reader of a value that may be left out: then the operand is
// empty.
func optional(read func(any) (operand, string)) func(any) (operand, string) {
	return func(v any) (operand, string) {
		if v == nil {
			return operand{}, ""
		}
		return read(v)
	}
}

func readUser(v any) (operand, string) {
	s, problem := readString(v, "a user's id or address")
	switch {
	case problem != "":
	case strings.TrimSpace(s) == "":
		problem = "the value is empty: give a user's id or address, or leave it out for any user"
	case s == Unassigned:
		problem = match.Quote(s) + " does nothing: give a user's id or address"
	}
	return operand{text: s}, problem
}

func readTag(v any) (operand, string) {
	s, problem := readString(v, "a tag")
	if problem == "" {
		problem = tagProblem(s)
	}
	return operand{text: s, folded: match.Fold(s)}, problem
}

func readDuration(v any) (operand, string) {
	s, problem := readString(v, "a duration such as 30m, 8h or 3d")
	if problem != "" {
		return operand{}, problem
	}
	span, problem := ParseSpan(s)
	return operand{text: s, span: span}, problem
}

func readTags(v any) (operand, string) {
	var names []string
	switch v := v.(type) {
	case nil:
		return operand{}, "the value is missing: give the tags, as a list"
	case string:
		names = []string{v}
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return operand{}, fmt.Sprintf("%v is not a tag: give names, in quotes", e)
			}
			names = append(names, s)
		}
	default:
		return operand{}, fmt.Sprintf("%v is not a tag: give names, in quotes", v)
	}
	if len(names) == 0 {
		return operand{}, "the list is empty: name at least one tag"
	}
	if len(names) > MaxTags {
		return operand{}, fmt.Sprintf("%d tags are too many: at most %d", len(names), MaxTags)
	}
	o := operand{tags: make([]string, len(names))}
	for i, n := range names {
		if problem := tagProblem(n); problem != "" {
			return operand{}, problem
		}
		o.tags[i] = match.Fold(n)
	}
	return o, ""
}

// tagProblem says what is wrong with a tag's name, empty when nothing is.
func tagProblem(name string) string {
	switch {
	case !utf8.ValidString(name):
		return "a tag is not valid UTF-8"
	case match.Fold(name) == "":
		return "a tag's name is blank"
	case utf8.RuneCountInString(name) > MaxTagLength:
		return fmt.Sprintf("the tag %s is too long: at most %d characters", match.Quote(name), MaxTagLength)
	case strings.IndexFunc(name, unicode.IsControl) >= 0:
		return fmt.Sprintf("the tag %s has a line end or another control character in it", match.Quote(name))
	}
	return ""
}

func statusNames() []string {
	names := make([]string, len(conversation.Statuses))
	for i, s := range conversation.Statuses {
		names[i] = string(s)
	}
	return names
}

func stateNames() []string {
	return []string{string(conversation.StateDraft), string(conversation.StatePublished), string(conversation.StateDeleted)}
}

// typeNames lists the types of conversation.
func typeNames() []string {
	names := make([]string, len(conversation.Types))
	for i, t := range conversation.Types {
		names[i] = string(t)
	}
	return names
}

func channelNames() []string {
	names := make([]string, len(conversation.Channels))
	for i, c := range conversation.Channels {
		names[i] = string(c)
	}
	return names
}

// authenticationNames lists what a trusted server may have found out about a sender.
func authenticationNames() []string {
	return []string{string(conversation.AuthenticationPass), string(conversation.AuthenticationFail), string(conversation.AuthenticationNone)}
}

// starterNames lists who may have started a conversation.
func starterNames() []string {
	return []string{string(conversation.ActorCustomer), string(conversation.ActorUser), string(conversation.ActorWorkflow),
		string(conversation.ActorAPI)}
}

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
