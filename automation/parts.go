package automation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// part is one key of an action as it is written: how it is read into an Action,
// written back, checked and described.
type part struct {
	key string
	// slot names the field of Action that it fills. Two parts may share a key
	// (body is a text, or the tree of a webhook) or a slot (to is one, or many).
	slot string
	// doc says for whom reads the API what it is.
	doc string
	// schema is what of it a JSON Schema can say.
	schema func() map[string]any
	// people are the words that stand for people in it.
	people []string
	// has reports whether the action has it.
	has func(Action) bool
	// read reads the written value; a problem's path is relative to the key.
	read func(*Action, any) []errs.Problem
	// write is the inverse of read.
	write func(Action) any
	// check says what is wrong with it; paths are relative to the key.
	check func(Action) []errs.Problem
}

// The parts. None is ever changed.
var (
	tagsPart = listPart("tags", "Tags", "one tag, or a list", func(a *Action) *[]string { return &a.Tags }, checkTags)

	statusPart = wordPart("status", "Status", "what it will be", statusNames, func(a *Action) *string { return &a.Status })

	mailboxPart = textPart("mailbox", "Mailbox", "the mailbox's id or address",
		func(a *Action) *string { return &a.Mailbox }, checkNotBlank("a mailbox's id or address"))

	subjectPart = textPart("subject", "Subject", "a text that may hold variables such as {%conversation.number%}",
		func(a *Action) *string { return &a.Subject }, checkTemplate)
	bodyPart = textPart("body", "Body", "a text that may hold variables such as {%customer.firstName,fallback=there%}",
		func(a *Action) *string { return &a.Body }, checkTemplate)

	urlPart      = textPart("url", "URL", "the address, where no endpoint is named", func(a *Action) *string { return &a.URL }, checkURL)
	methodPart   = wordPart("method", "Method", "POST when left out; only with a url", methods, func(a *Action) *string { return &a.Method })
	endpointPart = textPart("endpoint", "Endpoint", "the name of a webhook endpoint, instead of a url",
		func(a *Action) *string { return &a.Endpoint }, checkNotBlank("the name of a webhook endpoint"))
	eventPart = textPart("event", "Event", "the event's name; needed with an endpoint",
		func(a *Action) *string { return &a.Event }, checkEventName)
	headersPart = &part{key: "headers", slot: "Headers", doc: "header fields that are sent with it",
		schema: func() map[string]any {
			return map[string]any{"type": "object", "additionalProperties": ofType("string")}
		},
		has:   func(a Action) bool { return len(a.Headers) > 0 },
		read:  readHeaders,
		write: func(a Action) any { return anyMap(a.Headers) },
		check: checkHeaders,
	}
	treePart = &part{key: "body", slot: "JSON", doc: "any JSON whose texts may hold variables",
		schema: anything,
		has:    func(a Action) bool { return a.JSON != nil },
		read:   readTree,
		write:  func(a Action) any { return cloneTree(a.JSON) },
		check:  func(a Action) []errs.Problem { return checkTree(a.JSON, "", 0) },
	}

	fieldPart = textPart("field", "Field", "the name of a custom field", func(a *Action) *string { return &a.Field }, checkFieldPart)
	valuePart = &part{key: "value", slot: "Value", doc: "what the field's type takes, with variables in texts; left out, the field is emptied",
		schema: func() map[string]any { return anyOfThese(ofType("string"), ofType("number"), ofType("boolean")) },
		has:    func(a Action) bool { return a.Value != "" },
		read:   readFieldPart,
		write:  func(a Action) any { return a.Value },
		check:  func(a Action) []errs.Problem { _, bad := ParseTemplate(a.Value); return bad },
	}

	toOnePart = &part{key: "to", slot: "To",
		doc:    "a user's id or address, unassigned, round_robin, or me (the agent who runs a manual workflow)",
		schema: someText,
		people: assignees,
		has:    func(a Action) bool { return len(a.To) > 0 },
		read:   readOneTo,
		write:  writeTo,
		check:  checkAssignee,
	}
	toManyPart = &part{key: "to", slot: "To", doc: "one or a list of assignee, last_agent, followers, all_users and users' ids or addresses",
		schema: someTexts,
		people: notified,
		has:    func(a Action) bool { return len(a.To) > 0 },
		read:   func(a *Action, v any) []errs.Problem { return readStrings(v, &a.To) },
		write:  writeTo,
		check:  checkRecipients,
	}
	addressesPart = listPart("to", "To", "addresses", func(a *Action) *[]string { return &a.To }, checkAddresses)
	ccPart        = listPart("cc", "Cc", "addresses", func(a *Action) *[]string { return &a.Cc }, checkAddresses)
	bccPart       = listPart("bcc", "Bcc", "addresses that the others do not see", func(a *Action) *[]string { return &a.Bcc }, checkAddresses)
	amongPart     = listPart("among", "Among", "round_robin goes to these users; to all members of the mailbox when left out",
		func(a *Action) *[]string { return &a.Among }, checkUsers)
	userPart = &part{key: "user", slot: "User", doc: "a user's id or address, assignee, or me (the agent who runs a manual workflow)",
		schema: someText,
		people: followable,
		has:    func(a Action) bool { return a.User != "" },
		read:   readTextInto(func(a *Action) *string { return &a.User }),
		write:  func(a Action) any { return a.User },
		check:  func(a Action) []errs.Problem { return problems(personProblem(a.Do, followable, a.User)) },
	}
	availablePart = &part{key: "only_if_available", slot: "OnlyIfAvailable", doc: "pass over who is not available",
		schema: func() map[string]any { return ofType("boolean") },
		has:    func(a Action) bool { return a.OnlyIfAvailable },
		read: func(a *Action, v any) []errs.Problem {
			yes, ok := v.(bool)
			if !ok {
				return problems("must be true or false, not " + typeWord(v))
			}
			a.OnlyIfAvailable = yes
			return nil
		},
		write: func(a Action) any { return a.OnlyIfAvailable },
		check: func(Action) []errs.Problem { return nil },
	}

	asPart = &part{key: "as", slot: "As", doc: "agent: signed by the agent who runs a manual workflow",
		schema: func() map[string]any { return oneWord(AsAgent) },
		has:    func(a Action) bool { return a.As != "" },
		read:   readTextInto(func(a *Action) *string { return &a.As }),
		write:  func(a Action) any { return a.As },
		check:  func(a Action) []errs.Problem { return checkAs(a.As) },
	}
	untilPart = textPart("until", "Until", "a duration (2h, 3d) or an instant (RFC 3339)",
		func(a *Action) *string { return &a.Until }, checkUntil)
)

// allParts lists one part for each slot, to find what an action should not have.
var allParts = partsOfAll()

func partsOfAll() []*part {
	var all []*part
	for i := range actionKinds {
		for _, p := range actionKinds[i].parts() {
			if !slices.ContainsFunc(all, func(o *part) bool { return o.slot == p.slot }) {
				all = append(all, p)
			}
		}
	}
	return all
}

// textPart is a part that is one string of Action.
func textPart(key, slot, doc string, of func(*Action) *string, check func(string) []errs.Problem) *part {
	return &part{key: key, slot: slot, doc: doc,
		schema: someText,
		has:    func(a Action) bool { return *of(&a) != "" },
		read:   readTextInto(of),
		write:  func(a Action) any { return *of(&a) },
		check:  func(a Action) []errs.Problem { return check(*of(&a)) },
	}
}

// wordPart is a part that is one of some words.
func wordPart(key, slot, doc string, words func() []string, of func(*Action) *string) *part {
	p := textPart(key, slot, doc, of, func(s string) []errs.Problem {
		if slices.Contains(words(), s) {
			return nil
		}
		return problems(unknown(key, s, words()))
	})
	p.schema = func() map[string]any { return oneWord(words()...) }
	return p
}

func readTextInto(slot func(*Action) *string) func(*Action, any) []errs.Problem {
	return func(a *Action, v any) []errs.Problem {
		s, problem := readTreeString(v)
		*slot(a) = s
		return problems(problem)
	}
}

// listPart is a part that is a list of strings of Action, or one.
func listPart(key, slot, doc string, of func(*Action) *[]string, check func([]string) []errs.Problem) *part {
	return &part{key: key, slot: slot, doc: doc,
		schema: someTexts,
		has:    func(a Action) bool { return len(*of(&a)) > 0 },
		read:   func(a *Action, v any) []errs.Problem { return readStrings(v, of(a)) },
		write:  func(a Action) any { return anyList(*of(&a)) },
		check:  func(a Action) []errs.Problem { return check(*of(&a)) },
	}
}

func writeTo(a Action) any {
	if len(a.To) == 1 {
		return a.To[0]
	}
	return anyList(a.To)
}

func readOneTo(a *Action, v any) []errs.Problem {
	s, problem := readTreeString(v)
	if problem == "" {
		a.To = []string{s}
	}
	return problems(problem)
}

// readStrings reads a list of strings, or a single one.
func readStrings(v any, into *[]string) []errs.Problem {
	list, ok := v.([]any)
	if !ok {
		s, problem := readTreeString(v)
		if problem == "" {
			*into = []string{s}
			return nil
		}
		return problems("must be a list of texts, or one text")
	}
	if problem := tooMany(len(list), maxListed, "texts"); problem != "" {
		return problems(problem)
	}
	var bad []errs.Problem
	for i, e := range list {
		s, problem := readTreeString(e)
		if problem != "" {
			bad = append(bad, errs.Problem{Path: PathIndex(i), Message: problem})
			continue
		}
		*into = append(*into, s)
	}
	return few(bad, "")
}

func readHeaders(a *Action, v any) []errs.Problem {
	m, ok := v.(map[string]any)
	if !ok {
		return problems("must be an object of header names and texts, not " + typeWord(v))
	}
	if problem := tooMany(len(m), MaxHeaders, "headers"); problem != "" {
		return problems(problem)
	}
	var bad []errs.Problem
	for _, name := range SortedKeys(m) {
		value, problem := readTreeString(m[name])
		if problem != "" {
			bad = append(bad, errs.Problem{Path: PathKey(name), Message: problem})
			continue
		}
		if a.Headers == nil {
			a.Headers = make(map[string]string, len(m))
		}
		a.Headers[name] = value
	}
	return bad
}

func readTree(a *Action, v any) []errs.Problem {
	tree, bad := normalTree(v, "", 0)
	if len(bad) == 0 {
		a.JSON = tree
	}
	return bad
}

// problems returns the one problem of a sentence, none when it is empty.
func problems(sentence string) []errs.Problem {
	if sentence == "" {
		return nil
	}
	return []errs.Problem{{Message: sentence}}
}

// PathUnder puts problems under a path.
func PathUnder(path string, list []errs.Problem) []errs.Problem {
	out := make([]errs.Problem, len(list))
	for i, p := range list {
		out[i] = errs.Problem{Path: JoinPath(path, p.Path), Message: p.Message}
	}
	return out
}

// JoinPath puts a relative path (a key, [0], or empty) after another.
func JoinPath(path, rest string) string {
	if path == "" || rest == "" || strings.HasPrefix(rest, "[") {
		return path + rest
	}
	return path + "." + rest
}

// PathIndex is the path of a list's element.
func PathIndex(i int) string { return fmt.Sprintf("[%d]", i) }

// PathKey is the path of an object's member: name, or ["a name"] where it is not a
// plain word.
func PathKey(name string) string {
	for i, r := range name {
		if r != '_' && !isLetter(r) && (i == 0 || !isDigit(r)) {
			return fmt.Sprintf("[%q]", match.Shorten(name, match.QuotedLength))
		}
	}
	if name == "" {
		return `[""]`
	}
	if len(name) > match.QuotedLength {
		return fmt.Sprintf("[%q]", match.Shorten(name, match.QuotedLength))
	}
	return name
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }
