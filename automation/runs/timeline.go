package runs

import "github.com/smarticks/smarticks/conversation"

// TimelineText is how many characters of a message a timeline shows. A text that
// was cut has one more.
const TimelineText = 20000

// Timeline is a part of what happened to a conversation.
type Timeline struct {
	Events []conversation.Event // in seq order
	// Messages are those of the events.
	Messages map[conversation.MessageID]conversation.Message
	// Runs are those that the events led to, in the order in which they were made.
	Runs []Run
	// Names holds the names of the people, mailboxes and workflows that the events
	// mention, by id.
	Names map[string]string
}
