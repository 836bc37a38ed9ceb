package conversation

import (
	"maps"
	"slices"
	"time"
)

// Beginning is what a conversation has from its first message on. It is no change: it
// stands in the event of that message, and the workflows that look at it see it.
type Beginning struct {
	Status     Status    // empty: active
	StatusAt   time.Time // since when; zero: from the first message on
	AssigneeID UserID
	Tags       []string
	Fields     map[string]string
}

// Begin is AddMessage for a conversation's first message.
func (e *Editor) Begin(m *Message, b Beginning) {
	b.Tags = cleanTags(b.Tags)
	slices.Sort(b.Tags)
	b.before(e.c)
	e.begins = &b
	e.AddMessageOf(m)
	e.begins = nil
	b.after(e.c, e.at)
}

// At makes what is recorded from now on something that happened then.
func (e *Editor) At(at time.Time) { e.at = at }

// before gives the conversation what it has when its first message is added.
func (b Beginning) before(c *Conversation) {
	c.AssigneeID, c.Tags, c.Fields = b.AssigneeID, slices.Clone(b.Tags), maps.Clone(b.Fields)
}

// after gives it the status that it has then. Nobody waits where all is said.
func (b Beginning) after(c *Conversation, at time.Time) {
	if b.Status == "" || b.Status == c.Status {
		return
	}
	if !b.StatusAt.IsZero() {
		at = b.StatusAt
	}
	c.Status, c.StatusChangedAt = b.Status, at
	if b.Status == StatusClosed {
		c.ClosedAt = at
	}
	if b.Status == StatusClosed || b.Status == StatusSpam {
		c.WaitingSince = time.Time{}
	}
}
