package automation

import (
	"hash/fnv"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// MaxSpread bounds by how much a due time that comes from the clock on the wall (a
// midnight, an opening) is moved later: else thousands of conversations would come
// due in the same second. One that counts from the conversation's own past is never
// moved.
const MaxSpread = time.Minute

// spreadOf is by how much a conversation's due times of that kind are moved. All of
// its workflows are moved alike, so that they keep their order.
func spreadOf(id conversation.ID) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // never fails
	return time.Duration(h.Sum64()%uint64(MaxSpread.Milliseconds())) * time.Millisecond
}

// spread is by how much the instant is moved later: within the first half of the
// stretch in which the conditions hold.
func (s stillLife) spread(p *Program, at time.Time, instants []time.Time, is func(time.Time) bool) time.Duration {
	if !s.shared(p, at) {
		return 0
	}
	by := spreadOf(s.facts.Conversation.ID)
	for _, t := range instants {
		if t.After(at) && !is(t) {
			return min(by, (t.Sub(at) / 2).Truncate(time.Millisecond))
		}
	}
	return by
}

// shared reports whether many conversations may come due at the instant: no condition
// counts to it from a moment of this one. Business time that begins to count at an
// opening ends at the same instant for all that waited for it.
func (s stillLife) shared(p *Program, at time.Time) bool {
	if at.Equal(s.facts.Conversation.CreatedAt) {
		return false
	}
	for _, r := range p.times {
		d, ok := r.time.(*dateTest)
		if !ok {
			continue
		}
		anchor := d.anchor(&s.facts)
		switch {
		case anchor.IsZero():
		case at.Equal(anchor):
			return false
		case at.Equal(d.end(&s.facts)):
			business := d.span.Business || d.span.BusinessDays > 0
			if !business || s.facts.Mailbox.Calendar().Open(anchor) {
				return false
			}
		}
	}
	return true
}
