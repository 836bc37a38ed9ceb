package activities

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// seen is the conversation as an event left it, for conditions: what happened after
// the event and waits to be handled too is taken back, whoever was quicker, so that
// whether a workflow runs does not hang on when its turn comes. What runs did stays,
// and so does what the event itself brought about.
func (x *advance) seen(h conversation.Happened) conversation.Conversation {
	c := x.conv
	for i := len(x.queue) - 1; i > 0; i-- {
		if later := x.queue[i].Event; x.quicker(h.Event, later) {
			c.TakeBack(later)
		}
	}
	return c
}

// quicker reports whether the event came from outside after the one that is handled.
func (x *advance) quicker(handled, later conversation.Event) bool {
	return later.Seq > handled.Seq && later.Cause.Run == "" && later.OriginSeq() != handled.OriginSeq() && later.Kind != conversation.KindDue
}

// unwritten leaves out the messages that were written after the event, as seen does.
func (x *advance) unwritten(h conversation.Happened, messages []conversation.Message) []conversation.Message {
	var later []conversation.MessageID
	for _, q := range x.queue {
		if q.Event.MessageID != "" && x.quicker(h.Event, q.Event) {
			later = append(later, q.Event.MessageID)
		}
	}
	if len(later) == 0 {
		return messages
	}
	return slices.DeleteFunc(slices.Clone(messages), func(m conversation.Message) bool { return slices.Contains(later, m.ID) })
}
