package automation

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// anchor is the moment that a date row counts from. Where there is none, the
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

// dateTest is a date row: how a span of time compares with the time since an
// anchor.
type dateTest struct {
	anchor anchor
	span   time.Duration
	// after says which side of anchor+span is true: from that instant on
	// (longer than, not in the last), or before it (not longer than, in the last).
	after bool
}

// at decides the row at an instant. Before its anchor, and without one, it is
// unknown. The instant anchor+span itself belongs to what comes after.
func (d dateTest) at(c conversation.Conversation, now time.Time) Truth {
	anchor, _ := d.anchor(c)
	if anchor.IsZero() || now.Before(anchor) {
		return Unknown
	}
	return truth(!now.Before(anchor.Add(d.span)) == d.after)
}

// dateRow tests the time since an anchor.
func dateRow(from anchor) func(operator, operand) test {
	return func(o operator, v operand) test {
		d := &dateTest{anchor: from, span: v.span, after: o.name == "longer_than" || o.name == "not_in_the_last"}
		return test{
			date:  d,
			holds: func(p *Prepared) Truth { return d.at(p.facts.Conversation, p.facts.Now) },
			look:  func(p *Prepared) (string, string) { return lookAtDate(d, p.facts) },
		}
	}
}

func lookAtDate(d *dateTest, f conversation.Facts) (actual, why string) {
	at, why := d.anchor(f.Conversation)
	if at.IsZero() {
		return "", why
	}
	stamp := at.UTC().Format("2006-01-02 15:04:05 UTC")
	if f.Now.Before(at) {
		return stamp, "that time is still to come"
	}
	return stamp + ", " + f.Now.Sub(at).Truncate(time.Second).String() + " ago", ""
}

// episode names what a date row counts from now: the field, the operator and the
// anchor to the microsecond. A new anchor is a new episode; an edit of the span or of the
// other rows is not, so that a rule that fired does not fire again because its
// author moved it. Empty without an anchor.
func (r *row) episode(c conversation.Conversation) string {
	at, _ := r.date.anchor(c)
	if at.IsZero() {
		return ""
	}
	return r.condition.Field + "." + r.condition.Op + "@" + at.UTC().Format("2006-01-02T15:04:05.000000Z")
}
