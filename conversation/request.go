package conversation

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Page asks for a part of a list: at most Limit items that come after the one
// with the id After, from the start when it is empty.
type Page struct {
	Limit int
	After string
	// AfterAt is the instant of After, where a list is ordered by instants.
	AfterAt time.Time
}

// MailboxChange changes what is not nil.
type MailboxChange struct {
	Name             *string
	Email            *string
	TimeZone         *string
	Hours            *BusinessHours
	FromName         *string
	WorkflowUserName *string
	// WorkflowUserEmail empty means the installation's setting.
	WorkflowUserEmail *string
	TrackViews        *bool
	AutoReply         *AutoReply
	// Those of MailSettings.
	Aliases         *[]string
	PersonalSenders *[]string
	ImportMode      *bool
	Answers         *MailAnswers
}

// MaxWorkflowUserName is the most characters of the Workflow user's name.
const MaxWorkflowUserName = 20

// CheckLine says what is wrong with a text of one line that must have between
// atLeast and atMost characters; empty when it is fine.
func CheckLine(text string, atLeast, atMost int) string {
	switch n := utf8.RuneCountInString(text); {
	case n < atLeast && atLeast == 1:
		return "this must not be empty"
	case n < atLeast || n > atMost:
		return fmt.Sprintf("this must have %d to %d characters", atLeast, atMost)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "this must not have line breaks or other control characters"
	default:
		return ""
	}
}

// UserChange changes what is not nil.
type UserChange struct {
	Name      *string
	Email     *string
	Role      *Role
	Available *bool
	Mailboxes *[]MailboxID // all of them
	// Those of User.
	ManageWorkflows  *bool
	ManagedMailboxes *[]MailboxID // all of them
}

// Settings are the installation's.
type Settings struct {
	// WorkflowUserName signs what workflows do in mailboxes that set no name of
	// their own. At most 20 characters.
	WorkflowUserName string
	// WorkflowUserEmail is its address; empty means each mailbox's own.
	WorkflowUserEmail string
	// AutomaticSender is the envelope's sender of automatic mail; empty: the null
	// sender, so that nothing answers it.
	AutomaticSender string
	// BaseURL is where people reach this installation; empty when not known.
	BaseURL string
	Limits  Limits
	// ReconcileAfter is how long something must have been left lying before the
	// reconciler takes it up. Whole seconds.
	ReconcileAfter time.Duration
	// RolloutRate is how many conversations a rollout looks at in a second.
	RolloutRate int
	// Retention is how long is kept what is not needed to go on.
	Retention Retention
	// AuthservIDs are the servers whose Authentication-Results count (RFC 8601).
	// Empty: none is trusted, and From counts as it is.
	AuthservIDs []string
	// Revision counts the changes of the settings.
	Revision int64 `json:"-"`
}

// SettingsChange changes what is not nil.
type SettingsChange struct {
	WorkflowUserName  *string
	WorkflowUserEmail *string
	AutomaticSender   *string
	BaseURL           *string
	// What of the limits is zero stays.
	Limits         Limits
	ReconcileAfter *time.Duration // whole seconds
	RolloutRate    *int
	// Days, 0 permanently: see Retention.
	KeepExplanations, KeepAttempts, KeepRawMails, KeepAudit *int
	AuthservIDs                                             *[]string // all of them
}

// Record is a conversation with who it is with.
type Record struct {
	Conversation
	Customer Customer
	// Shown are the values of the custom fields that its mailbox has.
	Shown map[string]string
}

// Filter narrows a list of conversations; what is empty does not narrow. A list
// never has deleted conversations unless State asks for them.
type Filter struct {
	MailboxID  MailboxID
	Status     Status
	State      State
	AssigneeID UserID
	Unassigned bool
	Tag        string
	Email      string // of the customer
	CustomerID CustomerID
	FolderID   FolderID
	Number     int64
	// Fields are values of custom fields by name; MailboxID says whose.
	Fields map[string]string
	// Attention, if not nil, is whether a person should look.
	Attention *bool
	// The instants From are included, those Before are not.
	CreatedFrom, CreatedBefore time.Time
	UpdatedFrom, UpdatedBefore time.Time
	// Words must all be in one text: a message with its subject and sender, the
	// subject, or the customer's names and addresses; or are the number.
	Words string
	Sort  Sort // empty: SortCreated
}

// Sort is what a list of conversations is ordered by.
type Sort string

// The orders.
const (
	SortCreated Sort = "created" // the newest first
	SortUpdated Sort = "updated" // the last touched first
	SortWaiting Sort = "waiting" // who waits the longest first; only those that wait
)

// Key is what the order goes by.
func (s Sort) Key(r Record) time.Time {
	switch s {
	case SortUpdated:
		return r.UpdatedAt
	case SortWaiting:
		return r.WaitingSince
	default:
		return r.CreatedAt
	}
}

// Opening is a new conversation. It begins with a message of the customer, or, when a
// user started it, of the caller.
type Opening struct {
	// MailboxID or Address names the mailbox.
	MailboxID MailboxID
	Address   string
	// CustomerID names a customer who is known, or CustomerEmail one who is made when
	// they are not. Without both a customer is made of the name and the phone.
	CustomerID    CustomerID
	CustomerEmail string
	CustomerName  string
	CustomerPhone string
	Type          Type
	Channel       Channel   // empty: what the type says
	StartedBy     ActorKind // empty: the API
	Subject       string
	Body          string
	Status        Status // empty: active
	Assignee      string // a user's id or address; empty: nobody
	Tags          []string
	Fields        map[string]string
	// Imported says that it is brought over: it has its own times, and no workflow
	// looks at what it brings.
	Imported  bool
	CreatedAt time.Time // zero: now
	ClosedAt  time.Time // zero: with the last message
	// Messages are those of an imported conversation, the oldest first, instead of Body.
	Messages []OpeningMessage
}

// MaxOpeningMessages is how many messages an imported conversation may bring.
const MaxOpeningMessages = 500

// OpeningMessage is a message that is brought over.
type OpeningMessage struct {
	Kind   MessageKind // customer, reply or note
	Author string      // of a reply or a note: a user's id or address; empty: not known
	Body   string
	At     time.Time
}

// Starters lists who may have started a conversation that comes by the API.
var Starters = []ActorKind{ActorCustomer, ActorUser, ActorAPI}

// Change changes what is not nil, all at once; each change has its event.
type Change struct {
	MailboxID  *MailboxID
	Subject    *string
	Tags       *[]string // all of them
	Status     *Status
	AssigneeID *UserID   // empty: nobody
	Followers  *[]UserID // all of them
	// SnoozedUntil zero ends the snooze.
	SnoozedUntil *time.Time
	// Fields are values of custom fields by name; empty takes one away.
	Fields map[string]string
}

// Post is a message that somebody adds: a customer's words that came another way,
// a reply to the customer, or a note.
type Post struct {
	Kind MessageKind
	Body string
	// To, Cc and Bcc say whom a reply goes to; nil To and Cc: all of the customer's
	// last message (ReplyToAll). Empty is nobody.
	To  []string
	Cc  []string
	Bcc []string
}

// The bounds of what people write.
const (
	MaxSubjectLength = 500 // characters
	MaxTags          = 100 // of one conversation
)

// TagCount is a tag and how many conversations carry it.
type TagCount struct {
	Name          string
	Conversations int
}

// Types lists the types.
var Types = []Type{TypeEmail, TypePhone, TypeChat, TypeAPI}
