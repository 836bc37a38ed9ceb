package automation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// The keys of a written test and its parts, in the order in which their problems
// are told.
var (
	testKeys  = []string{"name", "given", "when", "expect"}
	givenKeys = []string{"now", "customer", "subject", "status", "assignee", "tags", "fields", "type", "channel", "started_by",
		"mailbox", "messages"}
	givenCustomerKeys  = []string{"name", "email", "company", "phone"}
	givenMailboxKeys   = []string{"time_zone", "business_hours"}
	expectationKeys    = []string{"runs", "because", "actions", "status", "state", "subject", "assignee", "mailbox", "tags", "fields"}
	expectedRunKeys    = []string{"after_step", "at", "outcome"}
	expectedActionKeys = []string{"contains", "outcome"} // beside those of the action
)

func (d *decoder) test(v any, path string) Test {
	var t Test
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "a test must be an object with the keys "+strings.Join(testKeys, ", ")+", not "+typeWord(v))
		return t
	}
	d.members(m, path, testKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "name":
			t.Name = d.text(v, at)
		case "given":
			t.Given = d.given(v, at)
		case "when":
			for i, e := range d.list(v, at, MaxTestSteps, "steps") {
				t.When = append(t.When, d.step(e, at+PathIndex(i), stepKinds))
			}
		case "expect":
			t.Expect = d.expectation(v, at)
		}
	})
	return t
}

func (d *decoder) given(v any, path string) Given {
	var g Given
	m := d.object(v, path)
	d.members(m, path, givenKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "now":
			g.Now = d.text(v, at)
		case "customer":
			g.Customer = d.givenCustomer(v, at)
		case "subject":
			g.Subject = d.text(v, at)
		case "status":
			g.Status = d.text(v, at)
		case "assignee":
			g.Assignee = d.text(v, at)
		case "tags":
			g.Tags = d.texts(v, at)
		case "fields":
			g.Fields = d.fieldValues(v, at)
		case "type":
			g.Type = d.text(v, at)
		case "channel":
			g.Channel = d.text(v, at)
		case "started_by":
			g.StartedBy = d.text(v, at)
		case "mailbox":
			d.givenMailbox(v, at, &g)
		case "messages":
			for i, e := range d.list(v, at, MaxTestSteps, "messages") {
				g.Messages = append(g.Messages, d.step(e, at+PathIndex(i), messageKinds()))
			}
		}
	})
	return g
}

func (d *decoder) givenCustomer(v any, path string) GivenCustomer {
	var c GivenCustomer
	d.members(d.object(v, path), path, givenCustomerKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "name":
			c.Name = d.text(v, at)
		case "email":
			c.Emails = d.texts(v, at)
		case "company":
			c.Company = d.text(v, at)
		case "phone":
			c.Phone = d.text(v, at)
		}
	})
	return c
}

// givenMailbox reads what stands in for the mailbox's own calendar.
func (d *decoder) givenMailbox(v any, path string, g *Given) {
	d.members(d.object(v, path), path, givenMailboxKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "time_zone":
			g.TimeZone = d.text(v, at)
		case "business_hours":
			g.Hours = d.hours(v, at)
		}
	})
}

// hours reads business hours, written as those of a mailbox.
func (d *decoder) hours(v any, path string) *conversation.BusinessHours {
	h := &conversation.BusinessHours{}
	before := len(d.bad)
	d.members(d.object(v, path), path, append(slices.Clone(weekdays), "holidays"), nil, func(k string, v any) {
		at := JoinPath(path, k)
		if k == "holidays" {
			h.Holidays = d.texts(v, at)
			return
		}
		for i, written := range d.texts(v, at) {
			interval, ok := conversation.ParseInterval(written)
			if !ok {
				d.wrong(at+PathIndex(i), match.Quote(written)+" is no interval: write it like 09:00-17:30")
			}
			day := (slices.Index(weekdays, k) + 1) % len(weekdays) // Sunday first
			h.Days[day] = append(h.Days[day], interval)
		}
	})
	if problem := h.Check(); problem != "" && len(d.bad) == before {
		d.wrong(path, problem)
	}
	return h
}

func (d *decoder) expectation(v any, path string) Expectation {
	var e Expectation
	d.members(d.object(v, path), path, expectationKeys, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch k {
		case "runs":
			d.expectedRuns(v, at, &e)
		case "because":
			e.Because = d.text(v, at)
		case "actions":
			e.Actions = []ExpectedAction{} // none is something to expect too
			for i, a := range d.list(v, at, maxListed, "actions") {
				e.Actions = append(e.Actions, d.expectedAction(a, at+PathIndex(i)))
			}
		case "status":
			e.Status = d.text(v, at)
		case "state":
			e.State = d.text(v, at)
		case "subject":
			e.Subject = d.text(v, at)
		case "assignee":
			e.Assignee = d.text(v, at)
		case "mailbox":
			e.Mailbox = d.text(v, at)
		case "tags":
			e.Tags = d.texts(v, at)
		case "fields":
			e.Fields = d.fieldValues(v, at)
		}
	})
	return e
}

// expectedRuns reads how many runs there must be, or each of them.
func (d *decoder) expectedRuns(v any, path string, e *Expectation) {
	list, ok := v.([]any)
	if !ok {
		n, problem := readTreeNumber(v)
		switch count := int(n); {
		case problem != "":
			d.wrong(path, "must be how many runs there are, or a list of them, not "+typeWord(v))
		case n < 0 || n > MaxRunsLimit || float64(count) != n:
			d.wrong(path, fmt.Sprintf("must be a whole number from 0 to %d", MaxRunsLimit))
		default:
			e.Runs = &count
		}
		return
	}
	if problem := tooMany(len(list), MaxRunsLimit, "runs"); problem != "" {
		d.wrong(path, problem)
		return
	}
	e.Each = []ExpectedRun{}
	for i, r := range list {
		var run ExpectedRun
		d.members(d.object(r, path+PathIndex(i)), path+PathIndex(i), expectedRunKeys, nil, func(k string, v any) {
			at := JoinPath(path+PathIndex(i), k)
			switch k {
			case "after_step":
				run.AfterStep = d.whole(v, at)
			case "at":
				run.At = d.text(v, at)
			case "outcome":
				run.Outcome = RunState(d.text(v, at))
			}
		})
		e.Each = append(e.Each, run)
	}
}

// expectedAction reads what must be done: the name of an action, or an object
// with some of its keys.
func (d *decoder) expectedAction(v any, path string) ExpectedAction {
	var e ExpectedAction
	if name, ok := v.(string); ok {
		v = map[string]any{"do": name}
	}
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "must be the name of an action, or an object with the key \"do\", not "+typeWord(v))
		return e
	}
	own := maps.Clone(m)
	for _, k := range expectedActionKeys {
		at := JoinPath(path, k)
		v, there := m[k]
		delete(own, k)
		switch {
		case !there:
		case v == nil:
			d.wrong(at, noValueThere)
		case k == "contains":
			e.Contains = d.texts(v, at)
		case k == "outcome":
			e.Outcome = ActionState(d.text(v, at))
		}
	}
	e.Action = d.action(own, path)
	return e
}
