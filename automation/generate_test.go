package automation

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
)

// Random definitions and facts over a small world, so that they often agree.

var (
	someWords    = []string{"refund", "Invoice", "REFUND NOW", "order 12", "now", "in", "o"}
	somePatterns = []string{"/re+f/i", `\d{2}`, "^(order|inv)", "/NOW$/i", "o.*d"}
	someTags     = []string{"vip", "VIP", "refund", "Late", "spam mail"}
	someUsers    = []string{"u1", "u2"}
	someEmails   = []string{"ann@example.com", "Ann@Home.test", "bob@example.com"}
	someMailbox  = []string{"m1", "m2"}
	someMachines = []conversation.Machine{"", conversation.MachineBounce, conversation.MachineAutoReply, conversation.MachineList}
	someKinds    = []conversation.Kind{
		conversation.KindCustomerMessage, conversation.KindAgentReply, conversation.KindNoteAdded, conversation.KindWorkflowMessage,
		conversation.KindStatusChanged, conversation.KindTagsChanged, conversation.KindMoved, conversation.KindAssigneeChanged,
		conversation.KindFieldChanged,
		conversation.KindRated, conversation.KindViewed, conversation.KindThirdParty,
	}
)

func pick[V any](t *rapid.T, from []V) V { return rapid.SampledFrom(from).Draw(t, "pick") }

// drawCondition draws a condition on one of the fields, with durations up to so many
// seconds.
func drawCondition(t *rapid.T, from []string, seconds int) Condition {
	f := findField(pick(t, from))
	o := pick(t, f.ops)
	if custom, ok := customName(f.name); ok {
		def, _ := conversation.FindField(someFields, custom)
		o, _ = f.operator(pick(t, customOperatorsOf[def.Type]))
		return drawCustom(t, Condition{Field: f.name, Op: o.name}, def)
	}
	c := Condition{Field: f.name, Op: o.name}
	switch o.value {
	case textValue:
		if slices.Contains([]string{"customer_email", "to", "cc", "sender", "reply_to"}, f.name) {
			c.Value = pick(t, append([]string{"example.com", "ann"}, someEmails...))
		} else {
			c.Value = pick(t, someWords)
		}
	case patternValue:
		c.Value = pick(t, somePatterns)
	case statusValue:
		c.Value = pick(t, statusNames())
	case stateValue:
		c.Value = pick(t, stateNames())
	case channelValue:
		c.Value = pick(t, channelNames())
	case typeValue:
		c.Value = pick(t, typeNames())
	case authenticationValue:
		c.Value = pick(t, authenticationNames())
	case closedForValue:
		c.Value = pick(t, []any{nil, "10s", "3600s"})
	case starterValue:
		c.Value = pick(t, starterNames())
	case countValue:
		c.Value = float64(rapid.IntRange(0, 3).Draw(t, "count"))
	case assigneeValue:
		c.Value = pick(t, append([]string{Unassigned}, someUsers...))
	case tagsValue:
		c.Value = anyList(rapid.SliceOfN(rapid.SampledFrom(someTags), 1, 3).Draw(t, "tags"))
	case folderValue:
		c.Value = pick(t, []string{"Open", "vip mine", "Nobody's", "Gone"})
	case momentValue:
		c.Value = pick(t, []string{"2026-11-22", "2026-11-23", "2026-11-24"})
	case hoursValue:
		c.Value = pick(t, []string{hoursInside, hoursOutside})
	case weekdaysValue:
		c.Value = anyList(rapid.SliceOfN(rapid.SampledFrom(weekdays), 1, 3).Draw(t, "days"))
	case clockValue:
		c.Value = pick(t, []string{"09:00-17:00", "08:00-09:00", "08:59-09:01", "17:00-09:00", "09:01-08:59"})
	case durationValue:
		c.Value = fmt.Sprintf("%ds", rapid.IntRange(1, seconds).Draw(t, "seconds"))
	case ratingValue:
		c.Value = pick(t, ratingNames())
	case yesNoValue:
		c.Value = pick(t, []string{"yes", "no"})
	case userValue:
		c.Value = pick(t, []any{nil, "u1", "u2"})
	case tagValue:
		c.Value = pick(t, []any{nil, "vip", "Late"})
	case fieldNameValue:
		c.Value = pick(t, []any{nil, "Plan", "plan b"})
	case mailboxValue:
		switch rapid.IntRange(0, 2).Draw(t, "from") {
		case 0:
			c.From = pick(t, someMailbox)
		case 1:
			c.Value = pick(t, someMailbox)
		}
	}
	if o.value != mailboxValue {
		c.From, c.To = drawEnd(t, f.from), drawEnd(t, f.to)
	}
	return c
}

// someFields are the custom fields of the random mailboxes.
var someFields = []conversation.Field{
	{Name: "Plan", Type: conversation.FieldText}, {Name: "Seats", Type: conversation.FieldNumber},
	{Name: "Renews", Type: conversation.FieldDate}, {Name: "Paid", Type: conversation.FieldCheckbox},
}

// drawableFields names the fields of the catalogue and some custom ones.
func drawableFields() []string {
	names := slices.DeleteFunc(fieldNames(), func(n string) bool { return n == fieldPrefix+"NAME" })
	for _, f := range someFields {
		names = append(names, fieldPrefix+f.Name)
	}
	return names
}

// drawCustom draws the value of a condition on a custom field.
func drawCustom(t *rapid.T, c Condition, def conversation.Field) Condition {
	switch {
	case c.Op == "set" || c.Op == "not_set" || c.Op == "past" || c.Op == "future" || c.Op == "today":
	case c.Op == "matches":
		c.Value = pick(t, somePatterns)
	case c.Op == "before" || c.Op == "after":
		c.Value = pick(t, someDays)
	case def.Type == conversation.FieldText:
		c.Value = pick(t, someWords)
	case def.Type == conversation.FieldNumber:
		c.Value = float64(rapid.IntRange(-1, 2).Draw(t, "number"))
	case def.Type == conversation.FieldCheckbox:
		c.Value = pick(t, []string{"yes", "no"})
	default:
		c.Value = pick(t, []string{"1h", "9h", "1d", "2d"})
	}
	return c
}

var someDays = []string{"2026-11-22", "2026-11-23", "2026-11-24"}

// drawCustomValues draws the values of a conversation's custom fields.
func drawCustomValues(t *rapid.T, f *conversation.Facts) {
	if rapid.IntRange(0, 5).Draw(t, "fields") > 0 {
		f.Mailbox.Fields = someFields
	}
	f.Conversation.Fields = map[string]string{
		"plan": pick(t, append([]string{""}, someWords...)), "Seats": pick(t, []string{"", "0", "1", "1.5", "no number"}),
		"Renews": pick(t, append([]string{"", "soon"}, someDays...)), "Paid": pick(t, []string{"", "yes", "no"}),
	}
}

// drawEnd draws the from or to of a condition, now and then none.
func drawEnd(t *rapid.T, kind valueKind) string {
	switch kind {
	case statusValue:
		return pick(t, append(statusNames(), "", ""))
	case assigneeValue:
		return pick(t, append([]string{"", Unassigned}, someUsers...))
	case textValue:
		return pick(t, []string{"", "", "now", "In"})
	default:
		return ""
	}
}

// drawHappening draws what happened, with what its kind has.
func drawHappening(t *rapid.T) *conversation.Event {
	e := &conversation.Event{Kind: pick(t, someKinds), First: rapid.IntRange(0, 3).Draw(t, "first") == 0}
	e.At = t0
	if rapid.Bool().Draw(t, "before") {
		e.Before = &conversation.Anchors{ClosedAt: drawMoment(t, 4000)}
	}
	e.Actor = conversation.Actor{Kind: pick(t, []conversation.ActorKind{conversation.ActorUser, conversation.ActorWorkflow}),
		ID: pick(t, someUsers)}
	switch e.Kind {
	case conversation.KindStatusChanged:
		e.From, e.To = pick(t, statusNames()), pick(t, statusNames())
	case conversation.KindAssigneeChanged:
		e.From, e.To = pick(t, append([]string{""}, someUsers...)), pick(t, append([]string{""}, someUsers...))
	case conversation.KindTagsChanged:
		e.Added = rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 2).Draw(t, "added")
		e.Removed = rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 2).Draw(t, "removed")
	case conversation.KindFieldChanged:
		e.Field, e.From, e.To = pick(t, []string{"plan", "Plan B"}), pick(t, []string{"", "now"}), pick(t, []string{"in", "Now"})
	default:
		e.From = pick(t, someMailbox)
	}
	return e
}

func drawDefinition(t *rapid.T, from []string, seconds int) Definition {
	d := Definition{Name: "Random", Type: TypeAutomatic, MaxRuns: rapid.IntRange(1, 3).Draw(t, "max_runs"), Actions: []Action{{Do: DoStop}}}
	d.TooLateAfter = time.Duration(rapid.IntRange(0, 200).Draw(t, "too late after")) * time.Second
	for range rapid.IntRange(1, 3).Draw(t, "groups") {
		var g Group
		for range rapid.IntRange(1, 3).Draw(t, "conditions") {
			g.Any = append(g.Any, drawCondition(t, from, seconds))
		}
		d.Conditions = append(d.Conditions, g)
	}
	return d
}

// drawMoment draws a whole second around t0, or now and then none.
func drawMoment(t *rapid.T, seconds int) time.Time {
	if rapid.IntRange(0, 4).Draw(t, "none") == 0 {
		return time.Time{}
	}
	return t0.Add(time.Duration(rapid.IntRange(-seconds, seconds/4).Draw(t, "moment")) * time.Second)
}

// drawGap draws why something could not be read, mostly nothing.
func drawGap(t *rapid.T) string { return pick(t, []string{"", "", "", "it is encrypted"}) }

func drawMessage(t *rapid.T) conversation.Message {
	m := conversation.Message{Kind: conversation.MessageCustomer, Machine: pick(t, someMachines),
		Text: pick(t, someWords) + " " + pick(t, someWords)}
	m.To = rapid.SliceOfN(rapid.SampledFrom(someEmails), 0, 2).Draw(t, "to")
	m.Cc = rapid.SliceOfN(rapid.SampledFrom(someEmails), 0, 2).Draw(t, "cc")
	for range rapid.IntRange(0, 2).Draw(t, "headers") {
		m.Headers = append(m.Headers, conversation.Header{Name: pick(t, []string{"NAME", "name", "X-Other"}),
			Value: pick(t, append([]string{""}, someWords...))})
	}
	for range rapid.IntRange(0, 2).Draw(t, "files") {
		m.Attachments = append(m.Attachments, conversation.Attachment{Name: pick(t, someWords),
			Inline: rapid.IntRange(0, 3).Draw(t, "inline") == 0})
	}
	if len(m.Text) > 4 && rapid.Bool().Draw(t, "quotes") {
		m.Quotes = []conversation.Span{{Start: 2, End: rapid.IntRange(2, len(m.Text)).Draw(t, "quoted")}}
	}
	m.Gaps = conversation.Gaps{Text: drawGap(t), Headers: drawGap(t), Files: drawGap(t)}
	m.Sender = conversation.Sender{Address: pick(t, someEmails), Claimed: rapid.Bool().Draw(t, "claimed")}
	m.Sender.ReplyTo = rapid.SliceOfN(rapid.SampledFrom(someEmails), 0, 2).Draw(t, "reply to")
	m.Sender.Authentication = conversation.Authentication(pick(t, append([]string{""}, authenticationNames()...)))
	return m
}

func drawFacts(t *rapid.T, seconds int) conversation.Facts {
	f := conversation.Facts{Now: t0}
	c := &f.Conversation
	c.Status = pick(t, conversation.Statuses)
	c.State = conversation.State(pick(t, append([]string{"published", "published", "published", "published", "published", "published"},
		stateNames()...)))
	c.AssigneeID = conversation.UserID(pick(t, append([]string{""}, someUsers...)))
	c.Subject = pick(t, append([]string{"", "refund order 12"}, someWords...))
	c.Tags = rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 3).Draw(t, "tags")
	c.CreatedAt, c.WaitingSince = drawMoment(t, seconds), drawMoment(t, seconds)
	c.LastCustomerReplyAt, c.LastAgentReplyAt = drawMoment(t, seconds), drawMoment(t, seconds)
	c.StatusChangedAt, c.ClosedAt = drawMoment(t, seconds), drawMoment(t, seconds)
	// Monday is the day of t0, which is nine o'clock.
	f.Mailbox.Hours.Days[time.Monday] = pick(t, [][]conversation.Interval{nil, {{From: 540, To: 1020}}, {{From: 0, To: 540}},
		{{From: 500, To: 541}, {From: 542, To: 550}}})
	drawCustomValues(t, &f)
	c.Rating = pick(t, append([]conversation.Rating{""}, conversation.Ratings...))
	c.LastReplyID, c.LastReplyViewedAt = pick(t, []conversation.MessageID{"", "r1"}), pick(t, []time.Time{{}, t0})
	f.Mailbox.Folders = someFolders
	f.Mailbox.TrackViews = rapid.Bool().Draw(t, "track")
	c.Type, c.StartedBy = pick(t, conversation.Types), conversation.ActorKind(pick(t, starterNames()))
	c.Channel, c.Imported = pick(t, conversation.Channels), rapid.Bool().Draw(t, "imported")
	c.Messages, c.CustomerReplies = rapid.IntRange(0, 4).Draw(t, "messages"), rapid.IntRange(0, 4).Draw(t, "replies")
	c.LastCustomerMachine = pick(t, someMachines)
	f.Customer.FirstName, f.Customer.LastName = pick(t, []string{"", "Order"}), pick(t, []string{"", "now"})
	f.Customer.Company, f.Customer.Phone = pick(t, append([]string{""}, someWords...)), pick(t, []string{"", "12", "order 12"})
	f.Customer.Emails = rapid.SliceOfN(rapid.SampledFrom(someEmails), 0, 2).Draw(t, "emails")
	for range rapid.IntRange(0, 2).Draw(t, "recent") {
		f.Recent = append(f.Recent, drawMessage(t))
	}
	for range rapid.IntRange(0, 2).Draw(t, "notes") {
		m := drawMessage(t)
		m.Kind = conversation.MessageNote
		f.Notes = append(f.Notes, m)
	}
	if rapid.Bool().Draw(t, "last") {
		m := drawMessage(t)
		f.Last = &m
	}
	if rapid.Bool().Draw(t, "event") {
		f.Event = drawHappening(t)
		if rapid.Bool().Draw(t, "message") {
			m := drawMessage(t)
			m.Kind = pick(t, []conversation.MessageKind{conversation.MessageCustomer, conversation.MessageReply, conversation.MessageNote,
				conversation.MessageThirdParty})
			f.Message = &m
		}
	}
	return f
}

func drawUsed(t *rapid.T, p *Program, f conversation.Facts) Used {
	u := Used{Runs: pick(t, []int{0, 0, 0, 0, 1, 2}), Episodes: map[string]bool{}}
	for _, r := range p.times {
		if e := r.episode(&f); e != "" && rapid.IntRange(0, 3).Draw(t, "used") == 0 {
			u.Episodes[e] = true
		}
	}
	return u
}
