package automation

import (
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Prepared is facts together with the work on them that all workflows share:
// each text is folded at most once. It is for one goroutine at a time.
type Prepared struct {
	facts   conversation.Facts
	subject *match.Text
	name    *match.Text // the customer's
	company *match.Text
	phone   *match.Text
	emails  []*match.Text
	bodies  []*match.Text // what the writers wrote, without what they quote
	wholes  []*match.Text // with it; made when first asked for
	tags    []string      // folded
	tagged  []*match.Text // the same, for patterns; they share one bound
	// messages holds the texts that only some conditions look at, by the message.
	messages map[*conversation.Message]*messageText
	// work is what patterns may cost on all of those, for one event.
	work *match.PatternWork
	// customs holds the values of custom fields that were looked at.
	customs map[string]*match.Text
}

// Prepare makes facts ready to be looked at by many programs.
func Prepare(f conversation.Facts) *Prepared { return (*Prepared)(nil).With(f) }

// With returns the facts f prepared, and takes over from p what was folded of
// texts that did not change: each workflow of a mailbox sees what the earlier
// ones did, and the message stays the same. p may be nil, and is not to be used
// any longer.
func (p *Prepared) With(f conversation.Facts) *Prepared {
	if p == nil {
		p = &Prepared{}
	}
	next := &Prepared{
		facts: f, messages: p.messages, subject: p.subject.Or(f.Conversation.Subject),
		name: p.name.Or(f.Customer.FullName()), company: p.company.Or(f.Customer.Company), phone: p.phone.Or(f.Customer.Phone),
	}
	next.customs, next.wholes = p.customs, p.wholes
	next.emails = make([]*match.Text, len(f.Customer.Emails))
	for i, address := range f.Customer.Emails {
		next.emails[i] = at(p.emails, i).Or(address)
	}
	if f.Message != nil {
		next.bodies = []*match.Text{at(p.bodies, 0).NewText(f.Message)}
	} else {
		next.bodies = make([]*match.Text, len(f.Recent))
		for i := range f.Recent {
			next.bodies[i] = at(p.bodies, i).NewText(&f.Recent[i])
		}
	}
	next.bodies = match.SharingWork(next.bodies)
	if next.work = p.work; next.work == nil || seqOf(f.Event) != seqOf(p.facts.Event) {
		next.work = &match.PatternWork{}
	}
	next.tags = make([]string, len(f.Conversation.Tags))
	for i, tag := range f.Conversation.Tags {
		next.tags[i] = match.Fold(tag)
		next.tagged = append(next.tagged, at(p.tagged, i).Or(tag))
	}
	match.SharingWork(next.tagged)
	return next
}

// seqOf is the seq of an event, 0 when there is none.
func seqOf(e *conversation.Event) int64 {
	if e == nil {
		return 0
	}
	return e.Seq
}

func at(texts []*match.Text, i int) *match.Text {
	if i < len(texts) {
		return texts[i]
	}
	return nil
}
