package automation

import "github.com/smarticks/smarticks/conversation"

// Prepared is facts together with the work on them that all workflows share:
// each text is folded at most once. It is for one goroutine at a time.
type Prepared struct {
	facts   conversation.Facts
	subject *text
	name    *text // the customer's
	company *text
	phone   *text
	emails  []*text
	bodies  []*text  // what the writers wrote, without what they quote
	wholes  []*text  // with it; made when first asked for
	tags    []string // folded
	tagged  []*text  // the same, for patterns; they share one bound
	// messages holds the texts that only some rows look at, by the message.
	messages map[*conversation.Message]*messageText
	// work is what patterns may cost on all of those, for one event.
	work *patternWork
	// customs holds the values of custom fields that were looked at.
	customs map[string]*text
}

// Prepare makes facts ready to be looked at by many programs.
func Prepare(f conversation.Facts) *Prepared { return (*Prepared)(nil).With(f) }

// With returns the facts f prepared, and takes over from p what was folded of
// texts that did not change: each workflow of a mailbox sees what the earlier
// ones did, and the message stays the same. p may be nil, and is not to be used
// any more.
func (p *Prepared) With(f conversation.Facts) *Prepared {
	if p == nil {
		p = &Prepared{}
	}
	next := &Prepared{
		facts: f, messages: p.messages, subject: p.subject.or(f.Conversation.Subject),
		name: p.name.or(f.Customer.FullName()), company: p.company.or(f.Customer.Company), phone: p.phone.or(f.Customer.Phone),
	}
	next.customs, next.wholes = p.customs, p.wholes
	next.emails = make([]*text, len(f.Customer.Emails))
	for i, address := range f.Customer.Emails {
		next.emails[i] = at(p.emails, i).or(address)
	}
	if f.Message != nil {
		next.bodies = []*text{at(p.bodies, 0).newText(f.Message)}
	} else {
		next.bodies = make([]*text, len(f.Recent))
		for i := range f.Recent {
			next.bodies[i] = at(p.bodies, i).newText(&f.Recent[i])
		}
	}
	next.bodies = sharingWork(next.bodies)
	if next.work = p.work; next.work == nil || seqOf(f.Event) != seqOf(p.facts.Event) {
		next.work = &patternWork{}
	}
	next.tags = make([]string, len(f.Conversation.Tags))
	for i, tag := range f.Conversation.Tags {
		next.tags[i] = Fold(tag)
		next.tagged = append(next.tagged, at(p.tagged, i).or(tag))
	}
	sharingWork(next.tagged)
	return next
}

// seqOf is the seq of an event, 0 when there is none.
func seqOf(e *conversation.Event) int64 {
	if e == nil {
		return 0
	}
	return e.Seq
}

func at(texts []*text, i int) *text {
	if i < len(texts) {
		return texts[i]
	}
	return nil
}
