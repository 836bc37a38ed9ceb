package conversation

import (
	"slices"
	"time"
)

// ID names a conversation: a UUIDv7 in lower case. The same holds for the other
// id types of this package.
type (
	ID         string
	MailboxID  string
	UserID     string
	CustomerID string
	MessageID  string
)

// Status says whose turn it is.
type Status string

// The statuses. The zero value is never valid.
const (
	StatusActive  Status = "active"  // waiting for us
	StatusPending Status = "pending" // waiting for the customer
	StatusClosed  Status = "closed"  // done; a customer's message reopens it
	StatusSpam    Status = "spam"    // nobody answers it; a message does not reopen it
)

// Statuses lists the statuses in the order that screens show them.
var Statuses = []Status{StatusActive, StatusPending, StatusClosed, StatusSpam}

// State says where a conversation is in its life.
type State string

// The states. Drafts and deleted conversations are not looked at by workflows,
// except by those with a row on state.
const (
	StateDraft     State = "draft"
	StatePublished State = "published"
	StateDeleted   State = "deleted"
)

// Type says how a conversation came to us.
type Type string

// The types.
const (
	TypeEmail Type = "email"
	TypePhone Type = "phone"
	TypeChat  Type = "chat"
	TypeAPI   Type = "api"
)

// Channel says where a conversation came in, finer than its type.
type Channel string

// The channels.
const (
	ChannelEmail  Channel = "email"
	ChannelPhone  Channel = "phone"
	ChannelChat   Channel = "chat"
	ChannelAPI    Channel = "api"
	ChannelForm   Channel = "form"   // a form on a web page
	ChannelPortal Channel = "portal" // a page for customers
	ChannelSMS    Channel = "sms"
	ChannelSocial Channel = "social" // a social network
)

// Channels lists the channels.
var Channels = []Channel{ChannelEmail, ChannelPhone, ChannelChat, ChannelAPI, ChannelForm, ChannelPortal, ChannelSMS, ChannelSocial}

// Conversation is one exchange with one customer in one mailbox.
type Conversation struct {
	ID         ID
	Number     int64 // counts per installation
	MailboxID  MailboxID
	CustomerID CustomerID
	// Participants are the keys (AddressKey) of those who take part: whoever wrote as
	// the customer, and who stood in To or Cc of their mails; none of ours, at most
	// MaxParticipants.
	Participants []string
	// LinkedID is the conversation that the first mail named and did not join, and
	// LinkedBecause why; empty: none.
	LinkedID      ID
	LinkedBecause Linked
	Type          Type
	Status        Status
	State         State
	AssigneeID    UserID // empty: unassigned
	Subject       string
	Tags          []string // names, sorted, each once
	Followers     []UserID // sorted, each once
	StartedBy     ActorKind
	Channel       Channel
	Imported      bool // brought over from another system
	// Fields holds the values of custom fields by their names, those of mailboxes
	// that it was in before too.
	Fields map[string]string

	// LastSeq is the seq of its newest event; HandledSeq that of the newest
	// event that Advance has handled. They are equal when nothing is left to do.
	LastSeq    int64
	HandledSeq int64

	CreatedAt       time.Time
	UpdatedAt       time.Time
	StatusChangedAt time.Time
	ClosedAt        time.Time // zero: not closed

	// WaitingSince is when the customer began to wait: the first message that no
	// agent has answered since. Zero when an agent wrote last. A workflow's own
	// message does not end it.
	WaitingSince time.Time
	// LastCustomerReplyAt and LastAgentReplyAt are the times of the true last
	// message of each side; a workflow's message is neither. Zero: none yet.
	LastCustomerReplyAt time.Time
	LastAgentReplyAt    time.Time
	// LastCustomerMachine is the mark of the newest customer message.
	LastCustomerMachine Machine

	// SnoozedUntil is when it comes back by itself; zero: it is not snoozed.
	SnoozedUntil time.Time
	// AutoReply says what became of the mailbox's automatic reply; empty: nothing yet.
	AutoReply AutoReplyState

	// Rating is the customer's, with what they said to it.
	Rating        Rating
	RatingComment string
	RatedAt       time.Time
	// LastReplyID is the newest message to the customer, LastReplyViewedAt when
	// their mail program first showed it. Zero: not, as far as is known.
	LastReplyID       MessageID
	LastReplyViewedAt time.Time

	Messages        int // how many there are, of any kind
	CustomerReplies int // how many of them the customer wrote
	// Attention is why a person should look at the automation of this
	// conversation; empty when all is well.
	Attention string
}

// Linked says why a mail did not join the conversation that it names.
type Linked string

// The reasons.
const (
	LinkedDeleted Linked = "deleted" // it is deleted
	LinkedNoPart  Linked = "no_part" // whoever wrote takes no part in it
)

// MaxParticipants bounds who takes part in one conversation.
const MaxParticipants = 100

// TakesPart reports whether the address belongs to the customer or a participant.
func (c Conversation) TakesPart(address string) bool {
	return slices.Contains(c.Participants, AddressKey(address))
}

// Open reports whether somebody may still have to act.
func (c Conversation) Open() bool {
	return c.State == StatePublished && (c.Status == StatusActive || c.Status == StatusPending)
}

// AutoReply is what a mailbox answers by itself to the first mail of a
// conversation. Subject and Body are templates; without a subject it answers
// under that of the mail.
type AutoReply struct {
	Enabled bool
	Subject string
	Body    string
}

// AutoReplyState says what became of the automatic reply of one conversation.
type AutoReplyState string

// The states. Disabled may be taken back, by an undo alone.
const (
	AutoReplySent     AutoReplyState = "sent"
	AutoReplyDisabled AutoReplyState = "disabled"
	AutoReplyLimited  AutoReplyState = "limited" // automatic mail to the customer had reached its limit
)

// Mailbox is a shared address.
type Mailbox struct {
	ID       MailboxID
	Name     string
	Email    string
	TimeZone string // IANA name; empty is UTC
	Hours    BusinessHours
	// FromName is the sender's name on replies; empty means Name.
	FromName string
	// WorkflowUserName signs what workflows do here; empty means the
	// installation's setting, "Workflow" by default. At most 20 characters.
	WorkflowUserName string
	// WorkflowUserEmail is its address; empty means the installation's setting,
	// by default the mailbox's own address.
	WorkflowUserEmail string
	// TrackViews puts a mark into mails to the customer by which their mail
	// program says that it showed them.
	TrackViews bool
	AutoReply  AutoReply
	// Mail says what is made of the mail that comes in.
	Mail MailSettings
	// Fields are the custom fields of its conversations, the oldest first.
	Fields []Field
	// Folders are its named views, the oldest first.
	Folders []Folder
	// Revision counts the changes of the mailbox.
	Revision int64
	// Secret signs webhooks with a URL of their own (whsec_…).
	Secret string
	// CreatedAt is when it was made.
	CreatedAt time.Time
}

// MailSettings say which mail a mailbox takes and what it makes of it.
type MailSettings struct {
	// Aliases are further addresses of the mailbox, as they were written. An address
	// that the mailbox had before is one of them until it is taken off.
	Aliases []string
	// PersonalSenders are addresses and domains whose mail counts as a person's, also
	// where a list or a program sent it.
	PersonalSenders []string
	// ImportMode stores what comes in as old mail: with its own date, closed, without
	// a workflow looking at it.
	ImportMode bool
	// Answers says what a user's answer to a notice is; empty means a note.
	Answers MailAnswers
}

// MailAnswers says what a user's answer by mail to a notice becomes.
type MailAnswers string

// What it may become.
const (
	AnswersNote  MailAnswers = "note"
	AnswersReply MailAnswers = "reply" // to the customer
)

// The bounds of a mailbox's lists.
const (
	MaxAliases         = 100
	MaxPersonalSenders = 100
)

// MaxAuthservIDs bounds the servers whose word counts.
const MaxAuthservIDs = 20

// Role says what a user may do everywhere.
type Role string

// The roles.
const (
	RoleAdmin Role = "admin"
	RoleAgent Role = "agent"
)

// User is somebody who works here.
type User struct {
	ID        UserID
	Name      string
	Email     string
	Role      Role
	Available bool
	// Mailboxes that an agent is a member of. An admin sees all.
	Mailboxes []MailboxID
	// ManageWorkflows lets an agent change workflows in all of their mailboxes,
	// ManagedMailboxes in these of them.
	ManageWorkflows  bool
	ManagedMailboxes []MailboxID
	CreatedAt        time.Time
	// Revision counts the changes of the user, their memberships included.
	Revision int64
}

// Sees reports whether the mailbox exists for the user.
func (u User) Sees(mailbox MailboxID) bool {
	return u.Role == RoleAdmin || slices.Contains(u.Mailboxes, mailbox)
}

// Manages reports whether an agent may change the workflows of the mailbox.
func (u User) Manages(mailbox MailboxID) bool {
	return slices.Contains(u.Mailboxes, mailbox) && (u.ManageWorkflows || slices.Contains(u.ManagedMailboxes, mailbox))
}

// ManagesSome reports whether there is a mailbox whose workflows an agent may change.
func (u User) ManagesSome() bool { return slices.ContainsFunc(u.Mailboxes, u.Manages) }

// Customer is somebody who writes to us.
type Customer struct {
	ID        CustomerID
	FirstName string
	LastName  string
	Company   string
	Phone     string
	Emails    []string // the first is the one we answer to
	CreatedAt time.Time
}

// FullName joins the names that are there.
func (c Customer) FullName() string {
	switch {
	case c.FirstName == "":
		return c.LastName
	case c.LastName == "":
		return c.FirstName
	default:
		return c.FirstName + " " + c.LastName
	}
}

// Email returns the address that we answer to, empty when none is known.
func (c Customer) Email() string {
	if len(c.Emails) == 0 {
		return ""
	}
	return c.Emails[0]
}
