package automation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// CheckTests says what is wrong with the tests of a definition, as far as they tell
// alone. It is no part of Compile: a test never keeps a workflow from running that is
// published.
func CheckTests(d Definition) []errs.Problem {
	var bad []errs.Problem
	if n := len(d.Tests); n > MaxTests {
		return append(bad, errs.Problem{Path: "tests", Message: fmt.Sprintf("%d tests are too many: at most %d", n, MaxTests)})
	}
	for i, t := range d.Tests {
		at := "tests" + PathIndex(i)
		bad = append(bad, PathUnder(at, checkTest(d, t))...)
		same := func(other Test) bool { return other.Name == t.Name }
		if t.Name != "" && slices.ContainsFunc(d.Tests[:i], same) {
			bad = append(bad, errs.Problem{Path: at + ".name", Message: "another test has the name " + match.Quote(t.Name) + " too"})
		}
	}
	if size := testsSize(d.Tests); size > MaxTestsSize {
		bad = append(bad, errs.Problem{Path: "tests", Message: fmt.Sprintf("the tests are %d KB long: at most %d", size>>10, MaxTestsSize>>10)})
	}
	return bad
}

func testsSize(tests []Test) int {
	size := 0
	for _, t := range tests {
		text, err := json.Marshal(encodeTest(t))
		if err != nil {
			panic(err) // what Encode writes is JSON
		}
		size += len(text)
	}
	return size
}

// Checking gathers problems under paths.
type Checking struct{ Bad []errs.Problem }

func (c *Checking) Wrong(path, sentence string) {
	if sentence != "" {
		c.Bad = append(c.Bad, errs.Problem{Path: path, Message: sentence})
	}
}

// among reports a word that is not empty and not known.
func (c *Checking) among(path, what, word string, known []string) {
	if word != "" && !slices.Contains(known, word) {
		c.Wrong(path, unknown(what, word, known))
	}
}

func checkTest(d Definition, t Test) []errs.Problem {
	c := &Checking{}
	switch n := utf8.RuneCountInString(t.Name); {
	case strings.TrimSpace(t.Name) == "":
		c.Wrong("name", "a test needs a name that says what must be so")
	case n > MaxTestName:
		c.Wrong("name", fmt.Sprintf("the name is %d characters long: at most %d", n, MaxTestName))
	}
	c.given(t.Given)
	switch n := len(t.When) + len(t.Given.Messages); {
	case len(t.When) == 0:
		c.Wrong("when", "a test needs steps: what happens, as in [{customer_writes: \"Hello\"}]")
	case n > MaxTestSteps:
		c.Wrong("when", fmt.Sprintf("%d steps are too many: at most %d, with the messages that are given", n, MaxTestSteps))
	}
	var elapsed time.Duration
	for i, s := range t.When {
		at := "when" + PathIndex(i)
		c.step(at, s, t, d)
		if span, problem := ParseSpan(s.After); s.Do == StepAfter && problem == "" {
			elapsed += roughly(span)
		}
	}
	if elapsed > MaxTestElapsed {
		c.Wrong("when", "more than 5 years pass: that is too long for a test")
	}
	c.expectation("expect", t, d)
	return c.Bad
}

// roughly is how long a span takes at most, more or less: a business day takes up to
// a week, and of business hours there may be one in a day.
func roughly(s Span) time.Duration {
	day := 24 * time.Hour
	switch {
	case s.BusinessDays > 0:
		return time.Duration(s.BusinessDays) * 2 * day
	case s.Business:
		return s.Clock / time.Hour * day / 2
	}
	return s.Clock
}

func (c *Checking) given(g Given) {
	if g.Now != "" {
		c.Wrong("given.now", momentProblem(g.Now))
	}
	if len(g.Customer.Emails) > 10 {
		c.Wrong("given.customer.email", "at most 10 addresses")
	}
	for i, email := range g.Customer.Emails {
		if !strings.Contains(email, "@") {
			c.Wrong("given.customer.email"+PathItem(g.Customer.Emails, i), match.Quote(email)+" is no address")
		}
	}
	if n := utf8.RuneCountInString(g.Subject); n > conversation.MaxSubjectLength {
		c.Wrong("given.subject", fmt.Sprintf("the subject is %d characters long: at most %d", n, conversation.MaxSubjectLength))
	}
	c.among("given.status", "status", g.Status, statusNames())
	c.among("given.type", "type", g.Type, typeNames())
	c.among("given.channel", "channel", g.Channel, channelNames())
	c.among("given.started_by", "starter", g.StartedBy, starterNames())
	c.tags("given.tags", g.Tags)
	if g.TimeZone != "" {
		if _, err := time.LoadLocation(g.TimeZone); err != nil || g.TimeZone == "Local" {
			c.Wrong("given.mailbox.time_zone", "there is no time zone "+match.Quote(g.TimeZone)+": write it like Europe/Berlin")
		}
	}
	for i, m := range g.Messages {
		at := "given.messages" + PathIndex(i)
		c.message(at, m)
		if m.Ago == "" {
			c.Wrong(at+".ago", `a message that is there already needs "ago": how long before the first step it was written, as in 2d`)
			continue
		}
		d, problem := ParseDuration(m.Ago)
		if problem == "" && d > MaxTestElapsed {
			problem = match.Quote(m.Ago) + " is too long: at most 5 years"
		}
		c.Wrong(at+".ago", problem)
		if i > 0 {
			if before, problem := ParseDuration(g.Messages[i-1].Ago); problem == "" && d > before {
				c.Wrong(at+".ago", "the messages must stand in their order, the oldest first")
			}
		}
	}
}

func (c *Checking) tags(path string, tags []string) {
	if len(tags) > MaxTags {
		c.Wrong(path, fmt.Sprintf("%d tags are too many: at most %d", len(tags), MaxTags))
	}
	for i, t := range tags {
		c.Wrong(path+PathItem(tags, i), tagProblem(t))
	}
}

// PathItem is the path of an element of a list, which may be written as one text.
func PathItem(list []string, i int) string {
	if len(list) == 1 {
		return ""
	}
	return PathIndex(i)
}

func (c *Checking) message(at string, s TestStep) {
	at = JoinPath(at, s.Do)
	if strings.TrimSpace(s.Body) == "" && s.Do != "" && s.message() {
		c.Wrong(at+".body", "is empty: a message needs words")
	}
	if len(s.Body) > MaxTestText {
		c.Wrong(at+".body", fmt.Sprintf("is %d KB long: at most %d", len(s.Body)>>10, MaxTestText>>10))
	}
	if len(s.Files) > MaxTestFiles {
		c.Wrong(at+".files", fmt.Sprintf("%d files are too many: at most %d", len(s.Files), MaxTestFiles))
	}
	if len(s.Headers) > MaxHeaders {
		c.Wrong(at+".headers", fmt.Sprintf("%d headers are too many: at most %d", len(s.Headers), MaxHeaders))
	}
}

func (c *Checking) step(at string, s TestStep, t Test, d Definition) {
	c.message(at, s)
	at = JoinPath(at, s.Do)
	switch s.Do {
	case StepAfter:
		_, problem := ParseSpan(s.After)
		c.Wrong(at, problem)
	case StepCustomerRates:
		c.among(at, "rating", s.Rating, ratingNames())
		if s.Rating == "" {
			c.Wrong(at, "needs the rating: one of "+strings.Join(ratingNames(), ", "))
		}
	case StepSet:
		if len(s.Set.keys()) == 0 {
			c.Wrong(at, "sets nothing: give one of the keys "+strings.Join(changeKeys, ", "))
		}
		c.among(at+".status", "status", s.Set.Status, statusNames())
		c.among(at+".state", "state", s.Set.State, stateNames())
		c.tags(at+".tags", s.Set.Tags)
		c.tags(at+".add_tags", s.Set.AddTags)
		c.tags(at+".remove_tags", s.Set.RemoveTags)
	case StepRun:
		switch {
		case d.Type == TypeAutomatic:
			c.Wrong(at, "only a manual workflow is run by an agent: an automatic one runs by itself")
		case s.By == "" && t.Given.Assignee == "" && slices.ContainsFunc(d.Actions, Action.namesMe):
			c.Wrong(at, `the workflow says "me": say who runs it, as in {run: {by: maria@example.com}}`)
		}
	}
}

func (c *Checking) expectation(at string, t Test, d Definition) {
	e := t.Expect
	if len(encodeExpectation(e)) == 0 {
		c.Wrong(at, "a test must expect something: one of "+strings.Join(expectationKeys, ", "))
	}
	for i, r := range e.Each {
		in := at + ".runs" + PathIndex(i)
		if r.AfterStep < 0 || r.AfterStep > len(t.When) {
			c.Wrong(in+".after_step", fmt.Sprintf("there is no step %d: the steps are 1 to %d", r.AfterStep, len(t.When)))
		}
		if _, problem := ParseDuration(r.At); r.At != "" && problem != "" && momentProblem(r.At) != "" {
			c.Wrong(in+".at", match.Quote(r.At)+" is neither a duration since the first step, as in 3d, nor a moment like 2026-01-08 10:00")
		}
		c.among(in+".outcome", "outcome", string(r.Outcome), runOutcomes)
	}
	if e.Because != "" {
		var rows []string
		for _, g := range d.Conditions {
			for _, row := range g.Any {
				rows = append(rows, row.Field)
			}
		}
		c.Wrong(at+".because", becauseProblem(e, rows))
	}
	for i, a := range e.Actions {
		in := at + ".actions" + PathIndex(i)
		c.among(in+".outcome", "outcome", string(a.Outcome), actionOutcomes)
		if statusPart.has(a.Action) {
			c.Bad = append(c.Bad, PathUnder(in+".status", statusPart.check(a.Action))...)
		}
		if len(a.Contains) > 0 && !slices.ContainsFunc(findAction(a.Do).orNone(), func(p *part) bool { return p.key == "body" }) {
			c.Wrong(in+".contains", a.Do+" has no body that could contain something")
		}
	}
	c.among(at+".status", "status", e.Status, statusNames())
	c.among(at+".state", "state", e.State, stateNames())
	c.tags(at+".tags", e.Tags)
}

// orNone returns the parts of a kind; of none when there is no such kind.
func (k *actionKind) orNone() []*part {
	if k == nil {
		return nil
	}
	return k.parts()
}

// namesMe reports whether the action is about the agent who runs the workflow.
func (a Action) namesMe() bool {
	return slices.Contains(PersonWords(a.Do), ToMe) && slices.Contains(a.To, ToMe) || a.User == ToMe || a.As == AsAgent
}

func becauseProblem(e Expectation, rows []string) string {
	switch {
	case e.Runs == nil || *e.Runs != 0:
		return "says why it does not run: it stands beside runs: 0"
	case slices.Contains(rows, e.Because):
		return ""
	case len(rows) == 0:
		return "no condition can keep this workflow from running: it has none"
	default:
		return "the workflow has no condition on " + match.Quote(e.Because) + ": its conditions are on " +
			strings.Join(slices.Compact(slices.Sorted(slices.Values(rows))), ", ")
	}
}

// runOutcomes and actionOutcomes are the outcomes that a test may expect.
var (
	runOutcomes    = []string{string(RunDone), string(RunFailed), string(RunSkipped), string(RunRefused), string(RunLimited)}
	actionOutcomes = []string{string(ActionDone), string(ActionUnchanged), string(ActionSkipped), string(ActionQueued), string(ActionFailed)}
)

// testMoment is how a moment in the mailbox's time zone is written.
const testMoment = "2006-01-02 15:04"

// ReadMoment reads an instant of RFC 3339, or a moment like 2026-01-05 10:00 in the
// zone.
func ReadMoment(s string, zone *time.Location) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, true
	}
	for _, form := range []string{testMoment, testMoment + ":05"} {
		if at, err := time.ParseInLocation(form, s, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func momentProblem(s string) string {
	at, ok := ReadMoment(s, time.UTC)
	switch {
	case !ok:
		return match.Quote(s) + " is no moment: write 2026-01-05 10:00 (in the mailbox's time zone), or an instant like 2026-01-05T10:00:00Z"
	case at.Year() < 2000 || at.Year() > 2200:
		return match.Quote(s) + " is too far away: from 2000 to 2200"
	}
	return ""
}
