package automation

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// part is one key of an action as it is written: how it is read into an Action,
// written back, and checked.
type part struct {
	key string
	// slot names the part of Action that it fills. Two parts may share a key
	// (body is a text, or the tree of a webhook) or a slot (to is one, or many).
	slot string
	// has tells whether the action has it.
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
	tagsPart = &part{key: "tags", slot: "Tags",
		has:   func(a Action) bool { return len(a.Tags) > 0 },
		read:  func(a *Action, v any) []errs.Problem { return readStrings(v, &a.Tags) },
		write: func(a Action) any { return anyList(a.Tags) },
		check: checkTags,
	}
	statusPart   = textPart("status", func(a *Action) *string { return &a.Status }, checkStatus)
	mailboxPart  = textPart("mailbox", func(a *Action) *string { return &a.Mailbox }, checkNotBlank("a mailbox's id or address"))
	subjectPart  = textPart("subject", func(a *Action) *string { return &a.Subject }, checkTemplate)
	bodyPart     = textPart("body", func(a *Action) *string { return &a.Body }, checkTemplate)
	urlPart      = textPart("url", func(a *Action) *string { return &a.URL }, checkURL)
	methodPart   = textPart("method", func(a *Action) *string { return &a.Method }, checkMethod)
	endpointPart = textPart("endpoint", func(a *Action) *string { return &a.Endpoint }, checkNotBlank("the name of a webhook endpoint"))
	eventPart    = textPart("event", func(a *Action) *string { return &a.Event }, checkEventName)
	headersPart  = &part{key: "headers", slot: "Headers",
		has:   func(a Action) bool { return len(a.Headers) > 0 },
		read:  readHeaders,
		write: func(a Action) any { return anyMap(a.Headers) },
		check: checkHeaders,
	}
	treePart = &part{key: "body", slot: "JSON",
		has:   func(a Action) bool { return a.JSON != nil },
		read:  readTree,
		write: func(a Action) any { return cloneTree(a.JSON) },
		check: func(a Action) []errs.Problem { return checkTree(a.JSON, "", 0) },
	}
	fieldPart = textPart("field", func(a *Action) *string { return &a.Field }, checkFieldPart)
	valuePart = &part{key: "value", slot: "Value",
		has:   func(a Action) bool { return a.Value != "" },
		read:  readFieldPart,
		write: func(a Action) any { return a.Value },
		check: func(a Action) []errs.Problem { _, bad := ParseTemplate(a.Value); return bad },
	}
	toOnePart = &part{key: "to", slot: "To",
		has:   func(a Action) bool { return len(a.To) > 0 },
		read:  readOneTo,
		write: writeTo,
		check: checkAssignee,
	}
	addressesPart = listPart("to", "To", func(a *Action) *[]string { return &a.To }, checkAddresses)
	ccPart        = listPart("cc", "Cc", func(a *Action) *[]string { return &a.Cc }, checkAddresses)
	bccPart       = listPart("bcc", "Bcc", func(a *Action) *[]string { return &a.Bcc }, checkAddresses)
	amongPart     = listPart("among", "Among", func(a *Action) *[]string { return &a.Among }, checkUsers)
	userPart      = &part{key: "user", slot: "user",
		has:   func(a Action) bool { return a.User != "" },
		read:  readTextInto(func(a *Action) *string { return &a.User }),
		write: func(a Action) any { return a.User },
		check: func(a Action) []errs.Problem { return problems(personProblem(a.Do, a.User)) },
	}
	asPart        = textPart("as", func(a *Action) *string { return &a.As }, checkAs)
	untilPart     = textPart("until", func(a *Action) *string { return &a.Until }, checkUntil)
	availablePart = &part{key: "only_if_available", slot: "OnlyIfAvailable",
		has: func(a Action) bool { return a.OnlyIfAvailable },
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
	toManyPart = &part{key: "to", slot: "To",
		has:   func(a Action) bool { return len(a.To) > 0 },
		read:  func(a *Action, v any) []errs.Problem { return readStrings(v, &a.To) },
		write: writeTo,
		check: checkRecipients,
	}
)

// allParts lists one part per slot, to find what an action should not have.
var allParts = []*part{tagsPart, statusPart, toManyPart, mailboxPart, subjectPart, bodyPart, urlPart, methodPart, headersPart, treePart, eventPart,
	ccPart, bccPart, amongPart, userPart, availablePart, endpointPart, untilPart, fieldPart, valuePart, asPart}

// textPart is a part that is one string of Action.
func textPart(key string, slot func(*Action) *string, check func(string) []errs.Problem) *part {
	return &part{key: key, slot: key,
		has:   func(a Action) bool { return *slot(&a) != "" },
		read:  readTextInto(slot),
		write: func(a Action) any { return *slot(&a) },
		check: func(a Action) []errs.Problem { return check(*slot(&a)) },
	}
}

func readTextInto(slot func(*Action) *string) func(*Action, any) []errs.Problem {
	return func(a *Action, v any) []errs.Problem {
		s, problem := readTreeString(v)
		*slot(a) = s
		return problems(problem)
	}
}

// listPart is a part that is a list of strings of Action, or one.
func listPart(key, slot string, of func(*Action) *[]string, check func([]string) []errs.Problem) *part {
	return &part{key: key, slot: slot,
		has:   func(a Action) bool { return len(*of(&a)) > 0 },
		read:  func(a *Action, v any) []errs.Problem { return readStrings(v, of(a)) },
		write: func(a Action) any { return anyList(*of(&a)) },
		check: func(a Action) []errs.Problem { return check(*of(&a)) },
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
