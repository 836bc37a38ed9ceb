package automation

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

func encodeTest(t Test) map[string]any {
	out := map[string]any{"name": t.Name}
	if given := encodeGiven(t.Given); len(given) > 0 {
		out["given"] = given
	}
	if len(t.When) > 0 {
		out["when"] = encodeSteps(t.When)
	}
	out["expect"] = encodeExpectation(t.Expect)
	return out
}

func encodeGiven(g Given) map[string]any {
	out := writing{}
	out.text("now", g.Now)
	customer := writing{}
	customer.text("name", g.Customer.Name)
	customer.list("email", g.Customer.Emails)
	customer.text("company", g.Customer.Company)
	customer.text("phone", g.Customer.Phone)
	out.object("customer", customer)
	out.text("subject", g.Subject)
	out.text("status", g.Status)
	out.text("assignee", g.Assignee)
	out.list("tags", g.Tags)
	out.texts("fields", g.Fields)
	out.text("type", g.Type)
	out.text("channel", g.Channel)
	out.text("started_by", g.StartedBy)
	mailbox := writing{}
	mailbox.text("time_zone", g.TimeZone)
	if g.Hours != nil {
		mailbox["business_hours"] = encodeHours(*g.Hours)
	}
	out.object("mailbox", mailbox)
	if len(g.Messages) > 0 {
		out["messages"] = encodeSteps(g.Messages)
	}
	return out
}

func encodeHours(h conversation.BusinessHours) map[string]any {
	out := writing{}
	for i, day := range weekdays {
		var list []string
		for _, interval := range h.Days[(i+1)%len(weekdays)] {
			list = append(list, interval.String())
		}
		out.list(day, list)
	}
	out.list("holidays", h.Holidays)
	return out
}

func encodeSteps(steps []TestStep) []any {
	out := make([]any, len(steps))
	for i, s := range steps {
		out[i] = encodeStep(s)
	}
	return out
}

func encodeStep(s TestStep) map[string]any {
	out := writing{}
	out.text("ago", s.Ago)
	parts := encodeChange(s.Set)
	parts.text("body", s.Body)
	parts.text("subject", s.Subject)
	parts.texts("headers", s.Headers)
	parts.list("files", s.Files)
	parts.text("by", s.By)
	parts.text("rating", s.Rating)
	parts.text("comment", s.Comment)
	if s.Do == StepSet {
		parts.text("subject", s.Set.Subject)
	}
	switch kind := findStep(s.Do); {
	case s.Do == StepAfter:
		out[s.Do] = s.After
	case len(parts) == 0 && (s.Do == StepRun || s.Do == StepCustomerViews):
		out[s.Do] = true
	case kind != nil && kind.short != "" && len(parts) == 1 && parts[kind.short] != nil:
		out[s.Do] = parts[kind.short]
	case kind != nil:
		out[s.Do] = map[string]any(parts)
	}
	return out
}

func encodeChange(c TestChange) writing {
	out := writing{}
	out.text("status", c.Status)
	out.text("state", c.State)
	out.text("subject", c.Subject)
	out.text("assignee", c.Assignee)
	out.text("mailbox", c.Mailbox)
	out.list("tags", c.Tags)
	out.list("add_tags", c.AddTags)
	out.list("remove_tags", c.RemoveTags)
	out.texts("fields", c.Fields)
	return out
}

func encodeExpectation(e Expectation) map[string]any {
	out := writing{}
	switch {
	case e.Runs != nil:
		out["runs"] = *e.Runs
	case e.Each != nil:
		out["runs"] = encodeExpectedRuns(e.Each)
	}
	out.text("because", e.Because)
	if e.Actions != nil {
		list := make([]any, len(e.Actions))
		for i, a := range e.Actions {
			action := writing(EncodeAction(a.Action))
			action.list("contains", a.Contains)
			action.text("outcome", string(a.Outcome))
			list[i] = map[string]any(action)
		}
		out["actions"] = list
	}
	out.text("status", e.Status)
	out.text("state", e.State)
	out.text("subject", e.Subject)
	out.text("assignee", e.Assignee)
	out.text("mailbox", e.Mailbox)
	out.list("tags", e.Tags)
	out.texts("fields", e.Fields)
	return out
}

func encodeExpectedRuns(runs []ExpectedRun) []any {
	out := make([]any, len(runs))
	for i, r := range runs {
		run := writing{}
		if r.AfterStep != 0 {
			run["after_step"] = r.AfterStep
		}
		run.text("at", r.At)
		run.text("outcome", string(r.Outcome))
		out[i] = map[string]any(run)
	}
	return out
}

// written is an object on its way out; what is empty is left out of it.
type writing map[string]any

func (w writing) text(key, s string) {
	if s != "" {
		w[key] = s
	}
}

// list writes a list that is there: an empty one says that there must be nothing.
func (w writing) list(key string, list []string) {
	switch {
	case list == nil:
	case len(list) == 1:
		w[key] = list[0]
	default:
		w[key] = anyList(slices.Clone(list))
	}
}

func (w writing) texts(key string, m map[string]string) {
	if m != nil {
		w[key] = anyMap(m)
	}
}

func (w writing) object(key string, o writing) {
	if len(o) > 0 {
		w[key] = map[string]any(o)
	}
}
