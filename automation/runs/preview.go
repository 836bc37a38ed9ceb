package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// Runnable is a manual workflow that an agent may run, as it is published.
type Runnable struct {
	DefinitionID automation.DefinitionID
	Version      int
	Body         automation.Definition
	Names        automation.Names
}

// Preview is what a manual run would do now.
type Preview struct {
	// Now is when it was made.
	Now time.Time
	// Pending is how many events are not handled yet: what they lead to comes first,
	// and the preview has it done.
	Pending int
	// NeedsConfirmation says that who runs it must confirm it.
	NeedsConfirmation bool
	// Run is the run as it would be recorded.
	Run Run
	// Does has one item for each action of the run.
	Does []Does
	// Then are the runs of other workflows that what it does would lead to.
	Then []Run
}

// Does is what one action would change and write.
type Does struct {
	Changes []string // in words
	Writes  *Written // nil: nothing
}

// Written is what an action would write, with its variables filled in.
type Written struct {
	// MailboxID is where the conversation is then: who does not see that does not see
	// what is written there.
	MailboxID     conversation.MailboxID
	From          string // name <address>; empty for a note
	To, Cc, Bcc   []string
	Subject, Text string
	// Of a webhook.
	URL, Endpoint, Event, Body string
}
