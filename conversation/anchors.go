package conversation

import (
	"slices"
	"time"
)

// Anchors are what dates are counted from, and what the customer last wrote and got.
// An event that moves one keeps them as it found them.
type Anchors struct {
	WaitingSince        time.Time `json:"waiting_since,omitzero"`
	LastCustomerReplyAt time.Time `json:"last_customer_reply_at,omitzero"`
	LastCustomerMachine Machine   `json:"last_customer_machine,omitzero"`
	LastAgentReplyAt    time.Time `json:"last_agent_reply_at,omitzero"`
	LastReplyID         MessageID `json:"last_reply_id,omitzero"`
	LastReplyViewedAt   time.Time `json:"last_reply_viewed_at,omitzero"`
	StatusChangedAt     time.Time `json:"status_changed_at,omitzero"`
	ClosedAt            time.Time `json:"closed_at,omitzero"`
}

// anchors returns those of the conversation.
func (c Conversation) anchors() *Anchors {
	return &Anchors{
		WaitingSince: c.WaitingSince, LastCustomerReplyAt: c.LastCustomerReplyAt, LastCustomerMachine: c.LastCustomerMachine,
		LastAgentReplyAt: c.LastAgentReplyAt, LastReplyID: c.LastReplyID, LastReplyViewedAt: c.LastReplyViewedAt,
		StatusChangedAt: c.StatusChangedAt, ClosedAt: c.ClosedAt,
	}
}

// TakeBack makes the conversation what it was before the event, in all that conditions
// look at but the mailbox. What was changed after the event stays as it is now. Of an
// event that did not keep its anchors, those stay too.
func (c *Conversation) TakeBack(ev Event) {
	before := ev.Before
	if before == nil {
		before = c.anchors()
	}
	switch ev.Kind {
	case KindCustomerMessage, KindThirdParty, KindAgentReply, KindNoteAdded, KindWorkflowMessage:
		c.unwrite(ev, *before)
	case KindStatusChanged:
		if c.Status == Status(ev.To) {
			c.Status = Status(ev.From)
		}
		if c.StatusChangedAt.Equal(ev.At) {
			c.StatusChangedAt, c.ClosedAt = before.StatusChangedAt, before.ClosedAt
		}
	case KindStateChanged:
		takeBack(&c.State, ev)
	case KindAssigneeChanged:
		takeBack(&c.AssigneeID, ev)
	case KindSubjectChanged:
		takeBack(&c.Subject, ev)
	case KindRated:
		takeBack(&c.Rating, ev)
	case KindTagsChanged:
		c.Tags = exchanged(c.Tags, Event{Added: without(ev.Removed, c.Tags), Removed: ev.Added})
	case KindFieldChanged:
		if c.FieldValue(ev.Field) == ev.To {
			c.Fields = withField(c.Fields, ev.Field, ev.From)
		}
	case KindViewed:
		if c.LastReplyID == MessageID(ev.To) && c.LastReplyViewedAt.Equal(ev.At) {
			c.LastReplyViewedAt = time.Time{}
		}
	}
}

// takeBack sets what the event changed to what it was, unless it is another by now.
func takeBack[T ~string](value *T, ev Event) {
	if *value == T(ev.To) {
		*value = T(ev.From)
	}
}

// without returns the names that are not among the others.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(others, n) })
}

// unwrite takes a message back.
func (c *Conversation) unwrite(ev Event, before Anchors) {
	c.Messages--
	switch ev.Kind {
	case KindCustomerMessage:
		if !ev.First {
			c.CustomerReplies--
		}
		if c.LastCustomerReplyAt.Equal(ev.At) {
			c.LastCustomerReplyAt, c.LastCustomerMachine = before.LastCustomerReplyAt, before.LastCustomerMachine
		}
		if c.WaitingSince.Equal(ev.At) {
			c.WaitingSince = before.WaitingSince
		}
	case KindAgentReply:
		if c.LastAgentReplyAt.Equal(ev.At) {
			c.LastAgentReplyAt = before.LastAgentReplyAt
		}
		if c.WaitingSince.IsZero() {
			c.WaitingSince = before.WaitingSince
		}
	}
	if c.LastReplyID != "" && c.LastReplyID == ev.MessageID {
		c.LastReplyID, c.LastReplyViewedAt = before.LastReplyID, before.LastReplyViewedAt
	}
}
