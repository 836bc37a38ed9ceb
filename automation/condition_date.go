package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// timeRow is a condition that time alone can change. Between two of its boundaries it
// does not change, and at each it may.
type timeRow interface {
	// at decides the condition at an instant.
	at(f *conversation.Facts, now time.Time) Truth
	// boundaries returns the instants at which the condition may change. A condition that has
	// no end of them returns those from one instant up to another.
	boundaries(f *conversation.Facts, from, until time.Time) []time.Time
	// anchor is the moment that the condition counts from, the key of its episode; zero
	// for none, and for a condition that only narrows.
	anchor(f *conversation.Facts) time.Time
}

// settledRow is a time condition that works out once what it needs to decide at many
// instants: to count business time is dear.
type settledRow interface {
	settle(f *conversation.Facts) (at func(now time.Time) Truth)
}

// anchor is the moment that a date condition counts from. Where there is none, the
// time is zero and why says why.
type anchor func(conversation.Conversation) (at time.Time, why string)

// waitingSince is there only while the customer wrote last and somebody is still
// to answer.
func waitingSince(c conversation.Conversation) (time.Time, string) {
	switch {
	case c.WaitingSince.IsZero():
		return time.Time{}, "the customer is not waiting: we wrote last"
	case c.Status != conversation.StatusActive && c.Status != conversation.StatusPending:
		return time.Time{}, "nobody waits while the status is " + string(c.Status)
	}
	return c.WaitingSince, ""
}

func lastCustomerReply(c conversation.Conversation) (time.Time, string) {
	if c.LastCustomerReplyAt.IsZero() {
		return time.Time{}, "the customer has not written yet"
	}
	return c.LastCustomerReplyAt, ""
}

func lastAgentReply(c conversation.Conversation) (time.Time, string) {
	if c.LastAgentReplyAt.IsZero() {
		return time.Time{}, "no agent has replied yet"
	}
	return c.LastAgentReplyAt, ""
}

func created(c conversation.Conversation) (time.Time, string) {
	if c.CreatedAt.IsZero() {
		return time.Time{}, "the time of its creation is not known"
	}
	return c.CreatedAt, ""
}

func lastStatusChange(c conversation.Conversation) (time.Time, string) {
	if c.StatusChangedAt.IsZero() {
		return time.Time{}, "the status has not changed yet"
	}
	return c.StatusChangedAt, ""
}

func closed(c conversation.Conversation) (time.Time, string) {
	if c.ClosedAt.IsZero() {
		return time.Time{}, "it is not closed"
	}
	return c.ClosedAt, ""
}

// dateTest is a date condition: how a span of time compares with the time since an
// anchor.
type dateTest struct {
	from anchor
	span Span
	// after says which side of anchor+span is true: from that instant on
	// (longer than, not in the last), or before it (not longer than, in the last).
	after bool
}

// end returns when the span since the anchor is over; zero without an anchor, or
// when business time never gets there.
func (d *dateTest) end(f *conversation.Facts) time.Time {
	anchor := d.anchor(f)
	if anchor.IsZero() {
		return anchor
	}
	return d.span.After(anchor, f.Mailbox)
}

// at decides the condition at an instant. Before its anchor, and without one, it is
// unknown. The instant anchor+span itself belongs to what comes after.
func (d *dateTest) at(f *conversation.Facts, now time.Time) Truth { return d.settle(f)(now) }

func (d *dateTest) settle(f *conversation.Facts) func(time.Time) Truth {
	anchor, end := d.anchor(f), d.end(f)
	return func(now time.Time) Truth {
		if end.IsZero() || now.Before(anchor) {
			return Unknown
		}
		return truth(!now.Before(end) == d.after)
	}
}

func (d *dateTest) boundaries(f *conversation.Facts, _, _ time.Time) []time.Time {
	if end := d.end(f); !end.IsZero() {
		return []time.Time{d.anchor(f), end}
	}
	return nil
}

func (d *dateTest) anchor(f *conversation.Facts) time.Time {
	at, _ := d.from(f.Conversation)
	return at
}

// dateRow tests the time since an anchor.
func dateRow(from anchor) func(operator, operand) test {
	return func(o operator, v operand) test {
		d := &dateTest{from: from, span: v.span, after: o.name == "longer_than" || o.name == "not_in_the_last"}
		return test{
			time:  d,
			holds: func(p *Prepared) Truth { return d.at(&p.facts, p.facts.Now) },
			look:  func(p *Prepared) (string, string) { return lookAtDate(d, &p.facts) },
		}
	}
}

func lookAtDate(d *dateTest, f *conversation.Facts) (actual, why string) {
	at, why := d.from(f.Conversation)
	if at.IsZero() {
		return "", why
	}
	actual = Stamp(at)
	switch {
	case f.Now.Before(at):
		return actual, "that time is still to come"
	case d.end(f).IsZero():
		return actual, "the mailbox has no business hours to count by"
	}
	return actual + ", " + f.Now.Sub(at).Truncate(time.Second).String() + " ago", ""
}

// createdRow tests when the conversation was created: the time since, or before
// or after a moment.
func createdRow(o operator, v operand) test {
	if o.value != momentValue {
		return dateRow(created)(o, v)
	}
	return test{
		holds: func(p *Prepared) Truth {
			at, first, next := p.facts.Conversation.CreatedAt, v.moment.start(p.facts.Mailbox), v.moment.end(p.facts.Mailbox)
			if o.name == "before" {
				return truth(at.Before(first))
			}
			return truth(!at.Before(next))
		},
		look: func(p *Prepared) (string, string) { return Stamp(p.facts.Conversation.CreatedAt), "" },
	}
}

// episode names what a time condition counts from now: the field, the operator and the
// anchor to the microsecond. A new anchor is a new episode; an edit of the span or of the
// other conditions is not, so that a rule that fired does not fire again because its
// author moved it. Empty without an anchor.
func (r *row) episode(f *conversation.Facts) string {
	at := r.time.anchor(f)
	if at.IsZero() {
		return ""
	}
	return r.condition.Field + "." + r.condition.Op + "@" + at.UTC().Format("2006-01-02T15:04:05.000000Z")
}
