package conversation

import "time"

// MessageKind says what a message is.
type MessageKind string

// The kinds of message. Who wrote one is its Author: a reply may be an agent's
// or a workflow's.
const (
	MessageCustomer MessageKind = "customer" // from the customer
	MessageReply    MessageKind = "reply"    // to the customer, with history
	MessageEmail    MessageKind = "email"    // to the customer, without history
	MessageForward  MessageKind = "forward"  // to somebody else
	MessageNote     MessageKind = "note"     // for ourselves
	// MessageThirdParty is a mail of somebody who is neither the conversation's
	// customer nor a participant: shown to us, never quoted to the customer.
	MessageThirdParty MessageKind = "third_party"
)

// WithCustomer reports whether messages of the kind went between the customer and
// us. Only these may stand in mail to the customer: what we told others or
// ourselves, and what third parties told us, stays here.
func (k MessageKind) WithCustomer() bool {
	return k == MessageCustomer || k == MessageReply || k == MessageEmail
}

// FromOutside reports whether the customer, a participant or a third party wrote it.
func (k MessageKind) FromOutside() bool { return k == MessageCustomer || k == MessageThirdParty }

// Machine says why a mail was written by a machine; mail actions do not answer
// such a mail. Empty: a person wrote it, as far as can be told.
type Machine string

// The marks of machine mail.
const (
	MachineAutoReply  Machine = "auto_reply"  // an automatic answer (RFC 3834), a receipt, a calendar's answer
	MachineBounce     Machine = "bounce"      // RFC 3464, mailer-daemon
	MachineList       Machine = "list"        // a mailing list's, or sent to many: Precedence: bulk
	MachineNullSender Machine = "null_sender" // MAIL FROM:<>
	MachineOwn        Machine = "own_address" // one of our own addresses
	MachineGenerated  Machine = "generated"   // a machine made it of itself: Auto-Submitted: auto-generated
	MachineSuppressed Machine = "suppressed"  // X-Auto-Response-Suppress: wants no automatic answer
)

// MayAnswer reports whether automatic mail may answer the mail. Any mark forbids it.
func (m Machine) MayAnswer() bool { return m == "" }

// NobodyWaits reports whether nobody wrote the mail, so that nobody waits for an
// answer: an automatic reply, a bounce, a mail of our own. What was generated, sent
// to many, came from the null sender or asks for no automatic answer may hold a
// person's words. (What an answer of ours brought back by itself is an automatic
// reply: Incoming.MachineAsAnswer.)
func (m Machine) NobodyWaits() bool {
	return m == MachineAutoReply || m == MachineBounce || m == MachineOwn
}

// GivesBack reports whether a mail with the mark may carry the cause of another one on:
// whether a machine wrote it. A person has the Mark of each automatic mail that they
// got, and could set it on all that they write from then on.
func (m Machine) GivesBack() bool { return m != "" && m != MachineSuppressed }

// Message is one message of a conversation.
type Message struct {
	ID             MessageID
	ConversationID ID
	// MailboxID is the mailbox where it was written; threading looks there.
	MailboxID MailboxID
	Kind      MessageKind
	Author    Actor
	// From is the address of who wrote it, To and Cc are as they were written.
	From    string
	To      []string
	Cc      []string
	Bcc     []string // of what we wrote: for us alone
	Subject string
	Text    string // plain text, all of it
	HTML    string // sanitised, empty when there was none
	// Quotes are the parts of Text that the writer repeats from earlier mails, in
	// order and apart from each other.
	Quotes []Span
	// Sender is what a mail said of who sent it; zero where it was no mail.
	Sender Sender
	// Gaps say what of a mail could not be read.
	Gaps Gaps
	// MessageID, InReplyTo and References are those of RFC 5322, without angle
	// brackets.
	MessageIDHeader string
	InReplyTo       []string
	References      []string
	Machine         Machine
	// Marks are what stands where a mail of ours carries its cause: of this mail, or
	// of one that it gives back. Whether one is ours, ReadMark tells.
	Marks       []string
	Attachments []Attachment
	// Headers are a mail's own, in order. They and Attachments are read only
	// where somebody looks at them.
	Headers []Header
	// GivesBack is the id of the delivery that the mail reports as not arrived. It is
	// kept with the event, as Event.Delivery.
	GivesBack string
	// Problem says what of a mail could not be read; empty when all could.
	Problem string
	// Imported says that it was brought over from elsewhere: nobody waits for it, and
	// no workflow looks at it.
	Imported  bool
	CreatedAt time.Time
}

// Attachment is a file of a message.
type Attachment struct {
	Name        string
	ContentType string
	Size        int64
	Content     []byte // empty when only listed
	// ContentID is the name by which the HTML refers to it (cid:), without brackets.
	ContentID string
	// Inline says that the text shows it: for conditions it is no file.
	Inline bool
}

// Incoming is a mail as the mail receiver hands it over: durable before 250.
type Incoming struct {
	// EnvelopeFrom is MAIL FROM, empty for the null sender; Recipients are RCPT
	// TO that belong to our mailboxes.
	EnvelopeFrom string
	Recipients   []string
	// Raw is the mail as it came, CRLF line ends.
	Raw []byte

	// FromName and FromAddress are of the person behind the mail, whom we answer: the
	// one address of Reply-To that is neither From nor ours, else From.
	FromName    string
	FromAddress string
	// Sender is what the mail says of who sent it.
	Sender          Sender
	To              []string
	Cc              []string
	Subject         string
	Text            string
	HTML            string
	MessageIDHeader string // made up when missing
	InReplyTo       []string
	References      []string
	Machine         Machine
	// MachineAsAnswer is the mark that the mail has if it answers a mail of ours; a
	// subject alone makes no first mail a machine's.
	MachineAsAnswer Machine
	// Bounce is what the mail reports of a mail of ours; nil: it is no report.
	Bounce      *Bounce
	Quotes      []Span
	Gaps        Gaps
	Attachments []Attachment
	// Marks are what stands where a mail of ours carries its cause: of this mail, or
	// of one that it gives back. Whether one is ours, ReadMark tells.
	Marks []string
	// Headers are the mail's own, decoded, in order.
	Headers []Header
	// Problem says what could not be read; the mail is stored all the same.
	Problem string
}

// Header is one header field of a mail, decoded.
type Header struct{ Name, Value string }
