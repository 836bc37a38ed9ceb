package conversation

// Progress is how far a conversation has come.
type Progress struct {
	ID        ID
	MailboxID MailboxID
	// LastSeq and HandledSeq are those of Conversation.
	LastSeq, HandledSeq int64
}
