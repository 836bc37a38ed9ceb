package automation

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/errs"
)

// writtenWithTests is a workflow whose tests have every key, as JSON.
func writtenWithTests(t testing.TB) []byte {
	t.Helper()
	d, bad := testsOf(t, everyKey)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	text, err := json.Marshal(Encode(d))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// testsOf reads a workflow with the tests that are written.
func testsOf(t testing.TB, tests string) (Definition, []errs.Problem) {
	t.Helper()
	var list any
	if err := yaml.Unmarshal([]byte(tests), &list); err != nil {
		t.Fatalf("%v in %s", err, tests)
	}
	d, bad := Decode(map[string]any{
		"name": "Tested", "type": "automatic", "tests": list,
		"conditions": []any{map[string]any{"any": []any{map[string]any{"field": "status", "op": "is", "value": "active"}}}},
		"actions":    []any{map[string]any{"do": "add_tags", "tags": "a"}},
	})
	return d, Problems(bad, CheckTests(d))
}

// What is wrong with a test is told with its place, as of everything else.
func TestWhatIsWrongWithTests(t *testing.T) {
	t.Parallel()
	const when, expect = `when: [{customer_writes: Hello}]`, `expect: {runs: 0}`
	cases := []struct{ tests, path, says string }{
		{`17`, `tests`, `must be a list, not a number`},
		{`[17]`, `tests[0]`, `a test must be an object with the keys name, given, when, expect, not a number`},
		{`[{name: a, wen: [], expect: {runs: 0}}]`, `tests[0].wen`, `unknown key "wen": did you mean "when"?`},
		{`[{` + when + `, ` + expect + `}]`, `tests[0].name`, `a test needs a name that says what must be so`},
		{`[{name: a, ` + expect + `}]`, `tests[0].when`, `a test needs steps: what happens, as in [{customer_writes: "Hello"}]`},
		{`[{name: a, ` + when + `}]`, `tests[0].expect`,
			`a test must expect something: one of runs, because, actions, status, state, subject, assignee, mailbox, tags, fields`},
		{`[{name: a, ` + when + `, expect: {}}]`, `tests[0].expect`,
			`a test must expect something: one of runs, because, actions, status, state, subject, assignee, mailbox, tags, fields`},
		{`[{name: a, ` + when + `, ` + expect + `}, {name: a, ` + when + `, ` + expect + `}]`, `tests[1].name`,
			`another test has the name "a" too`},
		{`[{name: a, when: [hello], ` + expect + `}]`, `tests[0].when[0]`,
			`a step must be an object with one of the keys customer_writes, agent_replies, note, set, customer_rates, customer_views, run, ` +
				`after, not a text`},
		{`[{name: a, when: [{customer_write: Hello}], ` + expect + `}]`, `tests[0].when[0].customer_write`,
			`unknown key "customer_write": did you mean "customer_writes"?`},
		{`[{name: a, when: [{}], ` + expect + `}]`, `tests[0].when[0]`,
			`a step needs one of the keys customer_writes, agent_replies, note, set, customer_rates, customer_views, run, after`},
		{`[{name: a, when: [{customer_writes: Hello, after: 1d}], ` + expect + `}]`, `tests[0].when[0].after`,
			`a step is one thing, and this one has customer_writes already: make it a step of its own`},
		{`[{name: a, when: [{customer_writes: ''}], ` + expect + `}]`, `tests[0].when[0].customer_writes.body`,
			`is empty: a message needs words`},
		{`[{name: a, when: [{customer_writes: {text: Hello}}], ` + expect + `}]`, `tests[0].when[0].customer_writes.text`,
			`unknown key "text": known are body, subject, headers, files`},
		{`[{name: a, when: [{customer_writes: [1]}], ` + expect + `}]`, `tests[0].when[0].customer_writes`,
			`must be a text, or an object with the keys body, subject, headers, files, not a list`},
		{`[{name: a, when: [{customer_writes: null}], ` + expect + `}]`, `tests[0].when[0].customer_writes`,
			`has no value: give one, or leave the key out`},
		{`[{name: a, when: [{after: 3 days}], ` + expect + `}]`, `tests[0].when[0].after`,
			`"3 days" is not a duration: write a whole number and a unit, as in "90s", "30m", "8h" or "3d"`},
		{`[{name: a, when: [{after: 3}], ` + expect + `}]`, `tests[0].when[0].after`,
			`must be a duration, not a number: write a whole number and a unit, as in "90s", "30m", "8h" or "3d"`},
		{`[{name: a, when: [{after: 1000d}, {after: 1000d}], ` + expect + `}]`, `tests[0].when`,
			`more than 5 years pass: that is too long for a test`},
		{`[{name: a, when: [{set: closed}], ` + expect + `}]`, `tests[0].when[0].set`,
			`must be an object with some of the keys status, state, subject, assignee, mailbox, tags, add_tags, remove_tags, fields, by, ` +
				`not a text`},
		{`[{name: a, when: [{set: {by: x@y}}], ` + expect + `}]`, `tests[0].when[0].set`,
			`sets nothing: give one of the keys status, state, subject, assignee, mailbox, tags, add_tags, remove_tags, fields, by`},
		{`[{name: a, when: [{set: {status: open}}], ` + expect + `}]`, `tests[0].when[0].set.status`,
			`unknown status "open": known are active, pending, closed, spam`},
		{`[{name: a, when: [{set: {fields: {Plan: [a]}}}], ` + expect + `}]`, `tests[0].when[0].set.fields.Plan`,
			`must be a text, a number, true or false`},
		{`[{name: a, when: [{customer_rates: good}], ` + expect + `}]`, `tests[0].when[0].customer_rates`,
			`unknown rating "good": known are great, okay, not_good`},
		{`[{name: a, when: [{customer_views: false}], ` + expect + `}]`, `tests[0].when[0].customer_views`,
			`must be true: that is all there is to it`},
		{`[{name: a, when: [{run: true}], ` + expect + `}]`, `tests[0].when[0].run`,
			`only a manual workflow is run by an agent: an automatic one runs by itself`},
		{`[{name: a, given: {now: soon}, ` + when + `, ` + expect + `}]`, `tests[0].given.now`,
			`"soon" is no moment: write 2026-01-05 10:00 (in the mailbox's time zone), or an instant like 2026-01-05T10:00:00Z`},
		{`[{name: a, given: {customer: Ann}, ` + when + `, ` + expect + `}]`, `tests[0].given.customer`, `must be an object, not a text`},
		{`[{name: a, given: {customer: {email: Ann}}, ` + when + `, ` + expect + `}]`, `tests[0].given.customer.email`, `"Ann" is no address`},
		{`[{name: a, given: {messages: [{customer_writes: Hello}]}, ` + when + `, ` + expect + `}]`, `tests[0].given.messages[0].ago`,
			`a message that is there already needs "ago": how long before the first step it was written, as in 2d`},
		{`[{name: a, given: {messages: [{set: {status: closed}}]}, ` + when + `, ` + expect + `}]`, `tests[0].given.messages[0].set`,
			`unknown key "set": known are customer_writes, agent_replies, note, ago`},
		{`[{name: a, given: {messages: [{note: x, ago: 1d}, {note: x, ago: 2d}]}, ` + when + `, ` + expect + `}]`,
			`tests[0].given.messages[1].ago`, `the messages must stand in their order, the oldest first`},
		{`[{name: a, given: {mailbox: {time_zone: Berlin}}, ` + when + `, ` + expect + `}]`, `tests[0].given.mailbox.time_zone`,
			`there is no time zone "Berlin": write it like Europe/Berlin`},
		{`[{name: a, given: {mailbox: {business_hours: {monday: [9-5]}}}, ` + when + `, ` + expect + `}]`,
			`tests[0].given.mailbox.business_hours.monday[0]`, `"9-5" is no interval: write it like 09:00-17:30`},
		{`[{name: a, given: {mailbox: {business_hours: {monday: ['17:00-09:00']}}}, ` + when + `, ` + expect + `}]`,
			`tests[0].given.mailbox.business_hours`, `the hours of a day must be in order and apart, each from an earlier to a later time, ` +
				`24:00 at the latest`},
		{`[{name: a, ` + when + `, expect: {runs: many}}]`, `tests[0].expect.runs`,
			`must be how many runs there are, or a list of them, not a text`},
		{`[{name: a, ` + when + `, expect: {runs: -1}}]`, `tests[0].expect.runs`, `must be a whole number from 0 to 1000`},
		{`[{name: a, ` + when + `, expect: {runs: [{after_step: 2}]}}]`, `tests[0].expect.runs[0].after_step`,
			`there is no step 2: the steps are 1 to 1`},
		{`[{name: a, ` + when + `, expect: {runs: [{at: tomorrow}]}}]`, `tests[0].expect.runs[0].at`,
			`"tomorrow" is neither a duration since the first step, as in 3d, nor a moment like 2026-01-08 10:00`},
		{`[{name: a, ` + when + `, expect: {runs: [{outcome: good}]}}]`, `tests[0].expect.runs[0].outcome`,
			`unknown outcome "good": known are done, failed, skipped, refused, limited`},
		{`[{name: a, ` + when + `, expect: {because: status}}]`, `tests[0].expect.because`, `says why it does not run: it stands beside runs: 0`},
		{`[{name: a, ` + when + `, expect: {runs: 0, because: subject}}]`, `tests[0].expect.because`,
			`the workflow has no condition on "subject": its conditions are on status`},
		{`[{name: a, ` + when + `, expect: {actions: [add_tag]}}]`, `tests[0].expect.actions[0].do`,
			`unknown action "add_tag": did you mean "add_tags"?`},
		{`[{name: a, ` + when + `, expect: {actions: [{tags: a}]}}]`, `tests[0].expect.actions[0].do`,
			`an action needs the key "do": one of ` + strings.Join(actionNames(), ", ")},
		{`[{name: a, ` + when + `, expect: {actions: [{do: add_tags, contains: a}]}}]`, `tests[0].expect.actions[0].contains`,
			`add_tags has no body that could contain something`},
		{`[{name: a, ` + when + `, expect: {actions: [{do: add_tags, outcome: fine}]}}]`, `tests[0].expect.actions[0].outcome`,
			`unknown outcome "fine": known are done, unchanged, skipped, queued, failed`},
		{`[{name: a, ` + when + `, expect: {tags: {a: b}}}]`, `tests[0].expect.tags`, `must be a list of texts, or one text`},
	}
	for _, c := range cases {
		_, bad := testsOf(t, c.tests)
		if len(bad) == 0 || bad[0].Path != c.path || bad[0].Message != c.says {
			t.Errorf("%s\n got %+v\nwant %s: %s", c.tests, bad, c.path, c.says)
		}
	}
}

func TestTestsHaveLimits(t *testing.T) {
	t.Parallel()
	one := `{name: a%d, when: [{customer_writes: Hello}], expect: {runs: 0}}`
	many := make([]string, MaxTests+1)
	for i := range many {
		many[i] = fmt.Sprintf(one, i)
	}
	long := strings.Repeat("x", MaxTestText)
	cases := []struct{ name, tests, path string }{
		{"too many", "[" + strings.Join(many, ", ") + "]", "tests"},
		{"too many steps", `[{name: a, when: [` + strings.Repeat("{note: x}, ", MaxTestSteps+1) + `], expect: {runs: 0}}]`, "tests[0].when"},
		{"too long a text", `[{name: a, when: [{note: ` + long + `x}], expect: {runs: 0}}]`, "tests[0].when[0].note.body"},
		{"too long in all", `[{name: a, when: [` + strings.Repeat("{note: "+long+"}, ", 5) + `], expect: {runs: 0}}]`, "tests"},
	}
	for _, c := range cases {
		if _, bad := testsOf(t, c.tests); len(bad) != 1 || bad[0].Path != c.path {
			t.Errorf("%s: %+v", c.name, bad)
		}
	}
	if _, bad := testsOf(t, "["+strings.Join(many[:MaxTests], ", ")+"]"); len(bad) != 0 {
		t.Errorf("%d tests are refused: %+v", MaxTests, bad)
	}
}

// everyKey is a test in which each key stands.
const everyKey = `[{name: a, given: {now: '2026-01-05 10:00', customer: {name: Ann, email: [a@b.test, c@d.test], company: C, phone: '1'},
	subject: S, status: pending, assignee: x@y.test, tags: [a, b], fields: {Plan: paid, Seats: 3, Yes: true}, type: chat, channel: form,
		started_by: user,
	mailbox: {time_zone: UTC, business_hours: {sunday: '09:00-17:00', friday: ['09:00-12:00', '13:00-24:00'], holidays: '2026-12-25'}},
	messages: [{customer_writes: {body: B, subject: S, headers: {A: b}, files: [f, g]}, ago: 2d}, {agent_replies: R, ago: 1d}]},
	when: [{customer_writes: B}, {agent_replies: {body: B, by: u}}, {note: N}, {customer_rates: great}, {customer_rates: {rating: okay,
		comment: C}}, {customer_views: true}, {after: 2bh},
		{set: {status: closed, state: deleted, subject: S, assignee: u, mailbox: m, tags: [], add_tags: a, remove_tags: [b, c],
			fields: {Plan: ''}, by: u}}],
	expect: {runs: [{after_step: 1, at: 3d, outcome: failed}], actions: [add_tags, {do: reply, body: B, contains: [a, b], outcome: skipped},
		{do: webhook, body: {a: [1, null]}}],
		status: closed, state: published, subject: S, assignee: u, mailbox: m, tags: [], fields: {Plan: ''}}},
	{name: b, when: [{note: x}], expect: {runs: 0, because: status, actions: []}}]`

// What is stored is what was written.
func TestTestsAreTheSameAfterEncodeAndDecode(t *testing.T) {
	t.Parallel()
	d, bad := testsOf(t, everyKey)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	text := writtenWithTests(t)
	for _, k := range TestKeys() {
		if k != "by" && k != "run" && !strings.Contains(string(text), `"`+k+`"`) && !strings.Contains(everyKey, k+":") {
			t.Errorf("the key %s is not tried", k)
		}
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	back, bad := Decode(tree)
	if len(bad) > 0 || !reflect.DeepEqual(back, d) {
		t.Errorf("%v\n got %+v\nwant %+v", bad, back.Tests, d.Tests)
	}
	changed, _ := testsOf(t, strings.Replace(everyKey, "runs: 0", "runs: 2", 1))
	if got := Diff(d, changed); len(got) != 1 || got[0] != (Difference{"tests[1].expect.runs", "0", "2"}) {
		t.Errorf("the diff is %+v", got)
	}
}
