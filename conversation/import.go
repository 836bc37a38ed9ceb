package conversation

import "time"

// AddImported is AddMessage for a message that was brought over from elsewhere: it
// moves the times of the last messages, but nobody waits for it, nothing reopens, and
// a conversation that begins with it is closed.
func (e *Editor) AddImported(m *Message) {
	m.ConversationID, m.MailboxID, m.CreatedAt, m.Imported = e.c.ID, e.c.MailboxID, e.at, true
	ev := Event{MessageID: m.ID, First: e.c.Messages == 0, Kind: KindThirdParty, Before: e.c.anchors()}
	if ev.First && e.c.LinkedID != "" {
		ev.From, ev.To = string(e.c.LinkedID), string(e.c.LinkedBecause)
	}
	e.c.Messages++
	switch m.Kind {
	case MessageCustomer:
		ev.Kind = KindCustomerMessage
		if !ev.First {
			e.c.CustomerReplies++
		}
		e.c.LastCustomerReplyAt, e.c.LastCustomerMachine = e.at, m.Machine
	case MessageReply:
		ev.Kind = KindAgentReply
		e.c.LastAgentReplyAt = e.at
		e.c.LastReplyID, e.c.LastReplyViewedAt = m.ID, time.Time{}
	}
	arrived := e.Record(ev)
	if ev.First {
		e.setStatus(StatusClosed, follows(arrived))
	}
}
