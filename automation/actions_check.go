package automation

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Limits of an action's parts.
const (
	MaxRecipients   = 50
	MaxTags         = 50
	MaxHeaders      = 30
	MaxURLLength    = 2000 // bytes
	MaxHeaderLength = 2000 // bytes
	MaxEventLength  = 100
	MaxTreeDepth    = 20
)

// DefaultMethod is the method of a webhook that names none.
const DefaultMethod = "POST"

// webhookMethods are those that carry a body.
var webhookMethods = []string{DefaultMethod, "PUT", "PATCH"}

func methods() []string { return webhookMethods }

func checkTags(tags []string) []errs.Problem {
	if len(tags) > MaxTags {
		return problems(fmt.Sprintf("%d tags are too many: at most %d", len(tags), MaxTags))
	}
	var bad []errs.Problem
	for i, t := range tags {
		if problem := tagProblem(t); problem != "" {
			bad = append(bad, errs.Problem{Path: PathIndex(i), Message: problem})
		}
	}
	return bad
}

func checkNotBlank(what string) func(string) []errs.Problem {
	return func(s string) []errs.Problem {
		if strings.TrimSpace(s) == "" {
			return problems("is blank: give " + what)
		}
		return nil
	}
}

func checkTemplate(s string) []errs.Problem {
	if strings.TrimSpace(s) == "" {
		return problems("is blank")
	}
	_, bad := ParseTemplate(s)
	return bad
}

func checkAssignee(a Action) []errs.Problem {
	switch {
	case len(a.Among) > 0 && (len(a.To) != 1 || a.To[0] != ToRoundRobin):
		return problems(`only "round_robin" takes "among"`)
	case a.OnlyIfAvailable && len(a.To) == 1 && a.To[0] == Unassigned:
		return problems(`"unassigned" takes no "only_if_available"`)
	case len(a.To) != 1:
		return problems("must be one: a user's id or address, or " + anyOf(assignees))
	}
	return problems(personProblem(a.Do, assignees, a.To[0]))
}

func checkRecipients(a Action) []errs.Problem {
	if len(a.To) > MaxRecipients {
		return problems(fmt.Sprintf("%d recipients are too many: at most %d", len(a.To), MaxRecipients))
	}
	var bad []errs.Problem
	for i, to := range a.To {
		if problem := personProblem(a.Do, notified, to); problem != "" {
			bad = append(bad, errs.Problem{Path: PathIndex(i), Message: problem})
		}
	}
	return bad
}

func checkAs(s string) []errs.Problem {
	if s == AsAgent {
		return nil
	}
	return problems(`must be "agent", who runs the workflow: leave it out for the Workflow user`)
}

// CheckWebhookURL says what is wrong with the address of a webhook.
func CheckWebhookURL(s string) []errs.Problem { return checkURL(s) }

// checkAddresses checks addresses outside, as they stand in a mail: RFC 5322's
// addr-spec, without a name.
func checkAddresses(list []string) []errs.Problem {
	if len(list) > MaxRecipients {
		return problems(fmt.Sprintf("%d addresses are too many: at most %d", len(list), MaxRecipients))
	}
	var bad []errs.Problem
	for i, s := range list {
		if a, err := netmail.ParseAddress(s); err != nil || a.Address != s || a.Name != "" || strings.IndexFunc(s, unsafeInAddress) >= 0 {
			bad = append(bad, errs.Problem{Path: PathIndex(i), Message: match.Quote(s) + " is no mail address: write it as ann@example.com"})
		}
	}
	return bad
}

// unsafeInAddress reports whether a character is refused in addresses although a
// quoted local part may have it.
func unsafeInAddress(r rune) bool {
	return r <= ' ' || r >= 0x7F || strings.ContainsRune(`"<>(),:;\\`, r)
}

// checkUsers checks a list of users.
func checkUsers(list []string) []errs.Problem {
	if len(list) > MaxRecipients {
		return problems(fmt.Sprintf("%d users are too many: at most %d", len(list), MaxRecipients))
	}
	var bad []errs.Problem
	for i, s := range list {
		if strings.TrimSpace(s) == "" || StandsForPeople(s) {
			bad = append(bad, errs.Problem{Path: PathIndex(i), Message: match.Quote(s) + " is no user: give an id or an address"})
		}
	}
	return bad
}

func checkURL(s string) []errs.Problem {
	u, err := url.Parse(s)
	switch {
	case strings.Contains(s, openMark):
		return problems("the address takes no variables: put them into the body")
	case len(s) > MaxURLLength:
		return problems(fmt.Sprintf("the address is %d bytes long: at most %d", len(s), MaxURLLength))
	case err != nil:
		return problems("is not an address: write https://host/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return problems("must begin with https:// or http://")
	case u.Hostname() == "":
		return problems("has no host: write https://host/path")
	case u.User != nil:
		return problems("must not hold a password: use headers")
	case hidesQuery(s):
		return problems(stillHidden)
	case u.Fragment != "":
		return problems("must not have a fragment (#…)")
	}
	return nil
}

// checkWebhook wants exactly one of an address and an endpoint, which brings its
// own address and method and is told an event.
func checkWebhook(a Action) []errs.Problem {
	var bad []errs.Problem
	wrong := func(path, sentence string) { bad = append(bad, errs.Problem{Path: path, Message: sentence}) }
	switch {
	case a.URL == "" && a.Endpoint == "":
		wrong("url", "webhook needs url, or the name of an endpoint")
	case a.URL != "" && a.Endpoint != "":
		wrong("endpoint", "give url or endpoint, not both")
	case a.Endpoint != "" && a.Method != "":
		wrong("method", "an endpoint is always called by POST: leave method out")
	case a.Endpoint != "" && a.Event == "":
		wrong("event", "say which event the endpoint is told")
	}
	return bad
}

// webhookFits is checkWebhook as a JSON Schema says it.
func webhookFits() map[string]any {
	return map[string]any{"oneOf": []any{
		map[string]any{"required": []string{"url"}, "properties": map[string]any{"url": someText(), "endpoint": false}},
		map[string]any{
			"required":   []string{"endpoint", "event"},
			"properties": map[string]any{"endpoint": someText(), "event": someText(), "url": false, "method": false},
		},
	}}
}

func checkEventName(s string) []errs.Problem {
	for _, r := range s {
		if !isLetter(r) && !isDigit(r) && !strings.ContainsRune("_.-", r) {
			return problems("an event's name is made of letters, digits, dots, hyphens and underscores")
		}
	}
	if len(s) > MaxEventLength {
		return problems(fmt.Sprintf("the event's name is too long: at most %d characters", MaxEventLength))
	}
	return nil
}

func checkHeaders(a Action) []errs.Problem {
	if len(a.Headers) > MaxHeaders {
		return problems(fmt.Sprintf("%d headers are too many: at most %d", len(a.Headers), MaxHeaders))
	}
	var bad []errs.Problem
	seen := make(map[string]bool, len(a.Headers))
	for _, name := range SortedKeys(a.Headers) {
		if problem := headerProblem(name, a.Headers[name]); problem != "" {
			bad = append(bad, errs.Problem{Path: PathKey(name), Message: problem})
		}
		if lower := strings.ToLower(name); seen[lower] {
			bad = append(bad, errs.Problem{Path: PathKey(name), Message: "the header is given twice: case does not count"})
		} else {
			seen[lower] = true
		}
	}
	return bad
}

func headerProblem(name, value string) string {
	const punctuation = "!#$%&'*+-.^_`|~"
	for _, r := range name {
		if !isLetter(r) && !isDigit(r) && !strings.ContainsRune(punctuation, r) {
			return "is not a header's name"
		}
	}
	switch {
	case name == "" || len(name) > MaxEventLength:
		return "is not a header's name"
	case conversation.ReservedHeader(name):
		return "this header is set by the sender of webhooks"
	case value == Hidden:
		return stillHidden
	case len(value) > MaxHeaderLength:
		return fmt.Sprintf("the value is too long: at most %d bytes", MaxHeaderLength)
	case strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }) >= 0:
		return "the value has a line end or another control character in it"
	}
	return ""
}

// checkTree checks the templates in the strings of a webhook's body.
func checkTree(tree any, path string, depth int) []errs.Problem {
	if depth > MaxTreeDepth {
		return []errs.Problem{{Path: path, Message: fmt.Sprintf("is nested too deeply: at most %d levels", MaxTreeDepth)}}
	}
	var bad []errs.Problem
	switch v := tree.(type) {
	case string:
		_, problems := ParseTemplate(v)
		bad = PathUnder(path, problems)
	case []any:
		for i := 0; i < len(v) && len(bad) < maxTold; i++ {
			bad = append(bad, checkTree(v[i], JoinPath(path, PathIndex(i)), depth+1)...)
		}
	case map[string]any:
		for _, k := range SortedKeys(v) {
			if len(bad) >= maxTold {
				break
			}
			bad = append(bad, checkTree(v[k], JoinPath(path, PathKey(k)), depth+1)...)
		}
	}
	return bad
}

// readFieldPart reads the value of set_field: a text, a number, or yes and no as
// true and false.
func readFieldPart(a *Action, v any) []errs.Problem {
	switch v := v.(type) {
	case bool:
		a.Value = yesNo(v)
		return nil
	case string:
		s, problem := readTreeString(v)
		a.Value = s
		return problems(problem)
	}
	n, problem := readTreeNumber(v)
	if problem != "" {
		return problems("must be a text, a number, true or false")
	}
	a.Value = strconv.FormatFloat(n, 'f', -1, 64)
	return nil
}

func checkFieldPart(name string) []errs.Problem { return problems(conversation.CheckFieldName(name)) }

func sayField(a Action, _ Names) string {
	if strings.TrimSpace(a.Value) == "" {
		return "empty the field " + match.Quote(a.Field)
	}
	return "set the field " + match.Quote(a.Field) + " to " + match.Quote(a.Value)
}
