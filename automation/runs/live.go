package runs

import (
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Position is a place in the order in which runs ended: by the transaction that
// wrote it, then by the run. Without a run it is before all of the transaction.
type Position struct {
	Transaction uint64
	Run         automation.RunID
}

// Ended is a run that ended, with its place.
type Ended struct {
	Run
	Transaction uint64
	// Now is the mailbox where its conversation is now; empty when it was deleted for
	// ever and its mailbox with it.
	Now conversation.MailboxID
}

// Position is its place.
func (e Ended) Position() Position { return Position{e.Transaction, e.ID} }
