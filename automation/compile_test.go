package automation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation/match"
)

func TestCompileTellsWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	change := func(change func(*Definition)) Definition {
		d := definition(isTrue)
		change(&d)
		return d
	}
	rows := func(c Condition) Definition { return definition(isTrue, c) }
	does := func(a Action) Definition { return change(func(d *Definition) { d.Actions = append(d.Actions, a) }) }
	hook := func(change func(*Action)) Definition {
		a := Action{Do: DoWebhook, URL: "https://erp.example/x"}
		change(&a)
		return does(a)
	}
	const value, action = "conditions[1].any[0].value", "actions[1]"
	for _, c := range []struct {
		name  string
		d     Definition
		path  string
		words string
	}{
		{"a name is needed", change(func(d *Definition) { d.Name = " " }), "name", "needs a name"},
		{"a name of 76 characters", change(func(d *Definition) { d.Name = strings.Repeat("é", 76) }), "name", "at most 75"},
		{"a name of two lines", change(func(d *Definition) { d.Name = "a\nb" }), "name", "line end"},
		{"a type is needed", change(func(d *Definition) { d.Type = "" }), "type", "automatic (on events and on time) or manual"},
		{"an unknown type", change(func(d *Definition) { d.Type = "automatik" }), "type", `did you mean "automatic"`},
		{"late by less than a second", change(func(d *Definition) { d.TooLateAfter = 1500 * time.Millisecond }), "too_late_after",
			"from 1s to 3650d"},
		{"who confirms what runs by itself", change(func(d *Definition) { d.Confirm = new(bool) }), "confirm", "only who runs a manual workflow"},
		{"an agent where none runs it", does(Action{Do: DoReply, Body: "x", As: AsAgent}), action + ".as", "an automatic one has none"},
		{"as somebody unknown", does(Action{Do: DoNote, Body: "x", As: "admin"}), action + ".as", "leave it out for the Workflow user"},
		{"a tag as the agent", does(Action{Do: DoAddTags, Tags: []string{"x"}, As: AsAgent}), action + ".as", "of add_tags"},
		{"late by less than nothing", change(func(d *Definition) { d.TooLateAfter = -time.Second }), "too_late_after", "from 1s to 3650d"},
		{"late by more than ten years", change(func(d *Definition) { d.TooLateAfter = MaxDuration + time.Second }), "too_late_after",
			"from 1s to 3650d"},
		{"no runs", change(func(d *Definition) { d.MaxRuns = 0 }), "max_runs", "from 1 to 1000"},
		{"too many runs", change(func(d *Definition) { d.MaxRuns = 1001 }), "max_runs", "from 1 to 1000"},
		{"notes that are a book", change(func(d *Definition) { d.Notes = strings.Repeat("x", 10_001) }), "notes", "at most 10000"},
		{"an automatic workflow without conditions", change(func(d *Definition) { d.Conditions = nil }), "conditions",
			"never mean every conversation"},
		{"an empty group", change(func(d *Definition) { d.Conditions = append(d.Conditions, Group{}) }), "conditions[1].any", "no condition"},
		{"too many conditions", change(func(d *Definition) {
			for range MaxConditions {
				d.Conditions = append(d.Conditions, Group{Any: []Condition{isTrue}})
			}
		}), "conditions", "at most 100"},
		{"no action", change(func(d *Definition) { d.Actions = nil }), "actions", "at least one action"},
		{"too many actions", change(func(d *Definition) {
			for range MaxActions {
				d.Actions = append(d.Actions, Action{Do: DoStop})
			}
		}), "actions", "at most 50"},

		{"an unknown field", rows(Condition{Field: "sbject", Op: "is", Value: "x"}), "conditions[1].any[0].field", `did you mean "subject"`},
		{"an unknown operator", rows(cond("status", "isnt", "active")), "conditions[1].any[0].op", `did you mean "is_not"`},
		{"a text is missing", rows(cond("subject", "is", nil)), value, "missing"},
		{"a blank text", rows(cond("subject", "contains", " \u200B\t")), value, "blank"},
		{"a number is no text", rows(cond("subject", "contains", 7.0)), value, "in quotes"},
		{"a list is no text", rows(cond("subject", "contains", []any{"a"})), value, "one text"},
		{"a text that is a book", rows(cond("subject", "contains", strings.Repeat("x", 1001))), value, "at most 1000"},
		{"set with a value", rows(cond("subject", "set", "x")), value, "subject set takes no value"},
		{"an event with a value", rows(cond("note_added", "", "x")), value, "note_added takes no value"},
		{"neither yes nor no", rows(cond("is_bounce", "is", "maybe")), value, "known are yes, no"},
		{"nothing is neither yes nor no", rows(cond("is_bounce", "is", nil)), value, "missing"},
		{"a text is no number, whatever it looks like", rows(cond("message_count", "is", "3")), value, "without quotes"},
		{"no number", rows(cond("message_count", "is", nil)), value, "missing"},
		{"true is no number", rows(cond("message_count", "is", true)), value, "must be a number"},
		{"half a message", rows(cond("message_count", "at_least", 1.5)), value, "whole number"},
		{"less than no message", rows(cond("message_count", "at_least", -1.0)), value, "whole number from 0"},
		{"nobody does nothing", rows(cond("user_action", "", Unassigned)), value, "does nothing"},
		{"an empty user", rows(cond("user_action", "", " ")), value, "leave it out"},
		{"a blank tag that was added", rows(cond("tag_added", "", " ")), value, "blank"},
		{"a list of tags that were added", rows(cond("tag_added", "", []any{"a", "b"})), value, "one text"},
		{"a status that changed from nowhere", rows(Condition{Field: "status_changed", From: "open"}), "conditions[1].any[0].from",
			"known are active"},
		{"a status that changed to nowhere", rows(Condition{Field: "status_changed", To: "open"}), "conditions[1].any[0].to", "known are active"},
		{"a tag from somewhere", rows(Condition{Field: "tag_added", From: "a"}), "conditions[1].any[0].from", `tag_added takes no "from"`},
		{"a tag to somewhere", rows(Condition{Field: "tag_added", To: "a"}), "conditions[1].any[0].to", `tag_added takes no "to"`},
		{"a header without a name", rows(cond("header.", "set", nil)), "conditions[1].any[0].field", "no name"},
		{"a header with a colon in its name", rows(cond("header.X-Flag:", "set", nil)), "conditions[1].any[0].field", "no header has"},
		{"a header with a long name", rows(cond("header."+strings.Repeat("x", 101), "set", nil)), "conditions[1].any[0].field", "too long"},
		{"an unknown channel", rows(cond("channel", "is", "portals")), value, `did you mean "portal"`},
		{"an unknown status", rows(cond("status", "is", "opened")), value, "known are active, pending, closed, spam"},
		{"a status that is nearly one", rows(cond("status", "is", "Actve")), value, `did you mean "active"`},
		{"an unknown state", rows(cond("state", "is", "delete")), value, `did you mean "deleted"`},
		{"no assignee", rows(cond("assignee", "is", "")), value, `"unassigned"`},
		{"no tags", rows(cond("tags", "has_any", []any{})), value, "at least one tag"},
		{"no tags at all", rows(cond("tags", "has_any", nil)), value, "missing"},
		{"a blank tag", rows(cond("tags", "has_any", []any{"a", " "})), value, "blank"},
		{"a tag that is a number", rows(cond("tags", "has_any", []any{"a", 1.0})), value, "not a tag"},
		{"too many tags", rows(cond("tags", "has_any", anyList(make([]string, 51)))), value, "at most 50"},
		{"a duration without a unit", rows(cond("created", "in_the_last", "90")), value, `"30m"`},
		{"a duration that is a number", rows(cond("created", "in_the_last", 90.0)), value, "in quotes"},
		{"from where it means nothing", rows(Condition{Field: "note_added", From: "m1"}), "conditions[1].any[0].from", "takes no"},
		{"to where it means nothing", rows(Condition{Field: "moved_here", To: "m1"}), "conditions[1].any[0].to", "takes no"},
		{"two mailboxes at once", rows(Condition{Field: "moved_here", From: "m1", Value: "m2"}), "conditions[1].any[0].from",
			"different mailboxes"},
		{"an empty mailbox", rows(Condition{Field: "moved_here", Value: " "}), value, "leave it out"},
		{"a pattern that RE2 cannot do", rows(cond("subject", "matches", `refund(?!ed)`)), value, "at character 7"},

		{"nothing to do", does(Action{}), action + ".do", "one of notify"},
		{"an unknown action", does(Action{Do: "asign"}), action + ".do", `did you mean "assign"`},
		{"no tags to add", does(Action{Do: DoAddTags}), action + ".tags", "add_tags needs tags"},
		{"no tags to remove", does(Action{Do: DoRemoveTags}), action + ".tags", "remove_tags needs tags"},
		{"a blank tag to add", does(Action{Do: DoAddTags, Tags: []string{"a", ""}}), action + ".tags[1]", "blank"},
		{"a tag of two lines", does(Action{Do: DoAddTags, Tags: []string{"a\nb"}}), action + ".tags[0]", "line end"},
		{"a tag that is a book", does(Action{Do: DoAddTags, Tags: []string{strings.Repeat("x", 101)}}), action + ".tags[0]", "at most 100"},
		{"too many tags to add", does(Action{Do: DoAddTags, Tags: make([]string, 51)}), action + ".tags", "at most 50"},
		{"no status to set", does(Action{Do: DoSetStatus}), action + ".status", "needs status"},
		{"an unknown status to set", does(Action{Do: DoSetStatus, Status: "close"}), action + ".status", `did you mean "closed"`},
		{"nobody to assign", does(Action{Do: DoAssign}), action + ".to", "needs to"},
		{"two to assign", does(Action{Do: DoAssign, To: []string{"u1", "u2"}}), action + ".to", "must be one"},
		{"a blank assignee", does(Action{Do: DoAssign, To: []string{" "}}), action + ".to", "blank"},
		{"all users to assign", does(Action{Do: DoAssign, To: []string{ToAllUsers}}), action + ".to", `"unassigned", "round_robin" or "me"`},
		{"me, in an automatic workflow", does(Action{Do: DoAssign, To: []string{ToMe}}), action + ".to", "an automatic one has none"},
		{"no mailbox to move to", does(Action{Do: DoMove}), action + ".mailbox", "needs mailbox"},
		{"a blank mailbox to move to", does(Action{Do: DoMove, Mailbox: " "}), action + ".mailbox", "blank"},
		{"an empty note", does(Action{Do: DoNote}), action + ".body", "needs body"},
		{"a blank reply", does(Action{Do: DoReply, Body: "\n"}), action + ".body", "blank"},
		{"a mail without a subject", does(Action{Do: DoEmail, Body: "x"}), action + ".subject", "needs subject"},
		{"an unknown variable", does(Action{Do: DoReply, Body: "Hi {%customer.fistName%}"}), action + ".body",
			`did you mean "customer.firstName"? (at character 4)`},
		{"an unknown variable in a subject", does(Action{Do: DoEmail, Subject: "{%subjct%}", Body: "x"}), action + ".subject",
			`did you mean "subject"`},
		{"nobody to notify", does(Action{Do: DoNotify, Body: "x"}), action + ".to", "needs to"},
		{"a blank recipient", does(Action{Do: DoNotify, To: []string{"u1", ""}, Body: "x"}), action + ".to[1]", "blank"},
		{"unassigned to notify", does(Action{Do: DoNotify, To: []string{Unassigned}, Body: "x"}), action + ".to[0]",
			`notify does not take "unassigned"`},
		{"whose turn it is, to notify", does(Action{Do: DoNotify, To: []string{"u1", ToRoundRobin}, Body: "x"}), action + ".to[1]",
			"does not take"},
		{"all users to follow", does(Action{Do: DoFollow, User: ToAllUsers}), action + ".user", `"me" or "assignee"`},
		{"whose turn it is, to follow", does(Action{Do: DoFollow, User: ToRoundRobin}), action + ".user", "does not take"},
		{"nobody to unfollow", does(Action{Do: DoUnfollow, User: Unassigned}), action + ".user", "does not take"},
		{"followers to unfollow", does(Action{Do: DoUnfollow, User: ToFollowers}), action + ".user", "does not take"},
		{"followers to assign", does(Action{Do: DoAssign, To: []string{ToFollowers}}), action + ".to", "does not take"},
		{"too many to notify", does(Action{Do: DoNotify, To: make([]string, 51), Body: "x"}), action + ".to", "at most 50"},
		{"delete_forever before something", change(func(d *Definition) {
			d.Actions = append(d.Actions, Action{Do: DoDeleteForever},
				Action{Do: DoStop})
		}), action + ".do", "must be the last action"},
		{"delete_forever with something", does(Action{Do: DoDeleteForever, Body: "x"}), action + ".body", "unknown key"},
		{"stop with something", does(Action{Do: DoStop, Body: "x"}), action + ".body", "unknown key"},
		{"a reply with a URL", does(Action{Do: DoReply, Body: "x", URL: "https://a.example"}), action + ".url", "known are do, body"},
		{"a note with a tree", does(Action{Do: DoNote, Body: "x", JSON: "y"}), action + ".body", "unknown key"},

		{"a webhook without an address", hook(func(a *Action) { a.URL = "" }), action + ".url", "needs url"},
		{"a webhook with both", hook(func(a *Action) { a.Endpoint = "erp" }), action + ".endpoint", "not both"},
		{"an endpoint without an event", does(Action{Do: DoWebhook, Endpoint: "erp"}), action + ".event", "which event"},
		{"an endpoint with a method", does(Action{Do: DoWebhook, Endpoint: "erp", Event: "x", Method: "PUT"}), action + ".method", "POST"},
		{"a blank endpoint", does(Action{Do: DoWebhook, Endpoint: " ", Event: "x"}), action + ".endpoint", "blank"},
		{"a reply with an endpoint", does(Action{Do: DoReply, Body: "x", Endpoint: "erp"}), action + ".endpoint", "known are do, body"},
		{"a webhook to nowhere", hook(func(a *Action) { a.URL = "https:///x" }), action + ".url", "no host"},
		{"a webhook to a relative address", hook(func(a *Action) { a.URL = "/x" }), action + ".url", "https://"},
		{"a webhook to something else", hook(func(a *Action) { a.URL = "ftp://erp.example" }), action + ".url", "https://"},
		{"a webhook to no address", hook(func(a *Action) { a.URL = "http://a b.example/" }), action + ".url", "not an address"},
		{"a webhook with a password", hook(func(a *Action) { a.URL = "https://u:p@erp.example" }), action + ".url", "password"},
		{"a webhook with a fragment", hook(func(a *Action) { a.URL = "https://erp.example/#x" }), action + ".url", "fragment"},
		{"a webhook with variables in its address", hook(func(a *Action) { a.URL = "https://erp.example/{%subject%}" }), action + ".url",
			"no variables"},
		{"a webhook with a book for an address", hook(func(a *Action) { a.URL += strings.Repeat("x", 2000) }), action + ".url", "at most 2000"},
		{"a webhook with GET", hook(func(a *Action) { a.Method = "GET" }), action + ".method", "POST, PUT, PATCH"},
		{"a webhook with a method in small letters", hook(func(a *Action) { a.Method = "put" }), action + ".method", `did you mean "PUT"`},
		{"a webhook with a bad event", hook(func(a *Action) { a.Event = "a b" }), action + ".event", "letters"},
		{"a webhook with a long event", hook(func(a *Action) { a.Event = strings.Repeat("x", 101) }), action + ".event", "too long"},
		{"a header that is none", hook(func(a *Action) { a.Headers = map[string]string{"X A": ""} }), action + `.headers["X A"]`, "not a header"},
		{"a header that is ours", hook(func(a *Action) { a.Headers = map[string]string{"Webhook-Id": "x"} }),
			action + `.headers["Webhook-Id"]`, "set by the sender"},
		{"a header that is kept for ours", hook(func(a *Action) { a.Headers = map[string]string{"X-Smarticks-Anything": "x"} }),
			action + `.headers["X-Smarticks-Anything"]`, "set by the sender"},
		{"a header that the client sets", hook(func(a *Action) { a.Headers = map[string]string{"accept-encoding": "gzip"} }),
			action + `.headers["accept-encoding"]`, "set by the sender"},
		{"a header that smuggles another", hook(func(a *Action) { a.Headers = map[string]string{"A": "x\r\nB: y"} }), action + `.headers.A`,
			"line end"},
		{"a header that is a book", hook(func(a *Action) { a.Headers = map[string]string{"A": strings.Repeat("x", 2001)} }),
			action + `.headers.A`, "at most 2000"},
		{"a header twice", hook(func(a *Action) { a.Headers = map[string]string{"x-a": "1", "X-A": "2"} }), action + `.headers["x-a"]`,
			"given twice"},
		{"too many headers", hook(func(a *Action) {
			a.Headers = map[string]string{}
			for i := range 31 {
				a.Headers[fmt.Sprint("A", i)] = ""
			}
		}), action + ".headers", "at most 30"},
		{"an unknown variable in a tree", hook(func(a *Action) { a.JSON = map[string]any{"a b": []any{"x", "{%nope%}"}} }),
			action + `.body["a b"][1]`, "unknown variable"},
		{"a tree that is too deep", hook(func(a *Action) { a.JSON = deepTree(MaxTreeDepth + 1) }),
			action + ".body" + strings.Repeat("[0]", MaxTreeDepth+1), "too deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, bad := Compile(c.d)
			if p != nil {
				t.Error("a program in spite of problems")
			}
			onlyProblem(t, bad, c.path, c.words)
		})
	}
}

func TestCompileTakesWhatIsJustAllowed(t *testing.T) {
	t.Parallel()
	d := definition(isTrue)
	d.Name, d.MaxRuns, d.Notes = strings.Repeat("é", 75), 1000, strings.Repeat("x", 10_000)
	d.Conditions[0].Any = append(d.Conditions[0].Any, Condition{Field: "moved_here", From: "m1", Value: "m1"},
		cond("subject", "contains", strings.Repeat("x", 1000)))
	compiled(t, d)
	manual := Definition{Name: "x", Type: TypeManual, MaxRuns: 1, Actions: []Action{{Do: DoAssign, To: []string{ToMe}}}}
	compiled(t, manual)
}

func TestAProgramIsNotChangedThroughItsDefinition(t *testing.T) {
	t.Parallel()
	d := definition(cond("tags", "has_any", []any{"a"}))
	d.Actions = append(d.Actions, Action{Do: DoWebhook, URL: "https://a.example", Headers: map[string]string{"A": "1"},
		JSON: map[string]any{"a": []any{"b"}}})
	p := compiled(t, d)
	spoil := func(d Definition) {
		d.Conditions[0].Any[0].Value.([]any)[0] = "spoilt"
		d.Conditions[0].Any[0].Op = "spoilt"
		d.Actions[0].Tags[0] = "spoilt"
		d.Actions[1].Headers["A"] = "spoilt"
		d.Actions[1].JSON.(map[string]any)["a"].([]any)[0] = "spoilt"
	}
	spoil(d)
	spoil(p.Definition())
	if got := fmt.Sprint(p.Definition()); strings.Contains(got, "spoilt") {
		t.Error(got)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern, problem string
	}{
		{"look-ahead", `refund(?=ed)`, `look-ahead and look-behind cannot be used: "(?=" at character 7`},
		{"negative look-ahead", `a(?!b)`, `"(?!" at character 2`},
		{"look-behind", `(?<=a)b`, `"(?<=" at character 1`},
		{"negative look-behind, counted in characters", `é(?<!a)b`, `"(?<!" at character 2`},
		{"counted from the delimiter", `/ab(?=c)/i`, `at character 4`},
		{"a back-reference", `(a)\1`, `back-references cannot be used: "\\1" at character 4`},
		{"a back-reference behind an escaped backslash", `\\1(a)\1`, `at character 7`},
		{"an atomic group", `a(?>b)`, `this group cannot be used: "(?>" at character 2`},
		{"an unknown escape", `a\y`, `unknown escape "\\y" at character 2`},
		{"an open group", `(a`, `a ) is missing`},
		{"a group that was not opened", `a)`, `no ( before it`},
		{"an open class", `ab[c`, `missing closing ]`},
		{"nothing to repeat", `*a`, `missing argument to repetition operator: "*" at character 1`},
		{"a group with a bad name", `(?P<a b>x)`, `bad group name`},
		{"a repetition that is too large", `a{1001}`, `too large`},
		{"500 steps are too many", `(a{100}){6}`, `too costly`},
		{"nested repetitions", `((a{100}){100}){100}`, `too large`},
		{"501 bytes", strings.Repeat("x", 501), `at most 500`},
		{"nothing", ``, `is empty`},
		{"nothing between delimiters", `//i`, `is empty`},
		{"an unknown flag", `/a/g`, `unknown flag "g"`},
		{"a path is not a pattern with flags", `/path/to`, `between slashes`},
		{"no UTF-8", "a\xff", `UTF-8`},
		{"a group with a name", `(?<n>x)`, ``},
		{"flags", `/a/ims`, ``},
		{"a single slash", `/`, ``},
		{"one slash at the beginning", `/etc`, ``},
		{"slashes between slashes", `/\/path\/to/`, ``},
		{"just not too costly", `(a{90}){5}`, ``},
		{"500 bytes in a class", "[" + strings.Repeat("x", 498) + "]", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			re, problem := match.ParsePattern(c.pattern)
			quoted := strings.ReplaceAll(c.problem, `\\`, `\`)
			if (problem == "") != (c.problem == "") || !strings.Contains(problem, quoted) || (re == nil) == (problem == "") {
				t.Errorf("%s: %q, want %q", c.pattern, problem, quoted)
			}
		})
	}
}
