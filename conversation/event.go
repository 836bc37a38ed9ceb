package conversation

import "time"

// Kind says what happened.
type Kind string

// The kinds of event.
const (
	KindCustomerMessage  Kind = "customer_message"    // First: it makes the conversation new; From, To: LinkedID, LinkedBecause
	KindThirdParty       Kind = "third_party_message" // Delivery: the mail of ours that it gives back
	KindAgentReply       Kind = "agent_reply"
	KindNoteAdded        Kind = "note_added"
	KindWorkflowMessage  Kind = "workflow_message"   // a workflow wrote to the customer
	KindStatusChanged    Kind = "status_changed"     // From, To
	KindAssigneeChanged  Kind = "assignee_changed"   // From, To: user ids, empty for unassigned
	KindTagsChanged      Kind = "tags_changed"       // Added, Removed
	KindFieldChanged     Kind = "field_changed"      // Field; From, To: its value as a text, empty for none
	KindMoved            Kind = "moved"              // From, To: mailbox ids; the event's mailbox is the new one
	KindFollowersChanged Kind = "followers_changed"  // Added, Removed: user ids
	KindSubjectChanged   Kind = "subject_changed"    // From, To
	KindStateChanged     Kind = "state_changed"      // From, To: deleted, restored
	KindSnoozed          Kind = "snoozed"            // Due: until when
	KindUnsnoozed        Kind = "unsnoozed"          // its time came, the customer wrote, or somebody ended it
	KindAutoReplied      Kind = "auto_replied"       // Delivery: the mailbox answered by itself
	KindAutoReplyLimited Kind = "auto_reply_limited" // the mailbox did not answer by itself: too much automatic mail went to the customer
	KindAutoReplyOff     Kind = "auto_reply_off"     // the mailbox must not answer this one by itself
	KindAutoReplyOn      Kind = "auto_reply_on"      // it may again
	KindManualRun        Kind = "manual_run"         // Run: asked for by the actor
	KindUndo             Kind = "undo"               // Run: the undo, asked for by the actor; Definition: the workflow of the run to undo
	KindDue              Kind = "due"                // a date row's due time came: Definition, Due
	KindConsider         Kind = "consider"           // Definition: one workflow is to be considered; Missed: for this event
	KindRated            Kind = "rated"              // From, To: ratings; Comment
	KindViewed           Kind = "viewed"             // To: the message that the customer's mail program showed
	KindRedeliver        Kind = "redeliver"          // Delivery: send it again
	KindUndelivered      Kind = "undelivered"        // Delivery: a mail that will not arrive
)

// AsksForRun reports whether the event asks for a run by hand, Event.Run.
func (k Kind) AsksForRun() bool { return k == KindManualRun || k == KindUndo }

// ActorKind says what sort of actor did something.
type ActorKind string

// The kinds of actor.
const (
	ActorCustomer ActorKind = "customer"
	ActorUser     ActorKind = "user"
	ActorWorkflow ActorKind = "workflow"
	ActorAPI      ActorKind = "api"
	ActorSystem   ActorKind = "system"
	// ActorThirdParty is somebody who wrote into a conversation without taking part
	// in it. Nothing proves who it is, so that they have no ID.
	ActorThirdParty ActorKind = "third_party"
)

// Actor is who did something. ID is a customer's, a user's, a definition's or a
// token's; empty for the system and for third parties.
type Actor struct {
	Kind ActorKind
	ID   string
}

// Cause says why an event happened. The zero Cause is that of an event from
// outside, which is its own origin.
type Cause struct {
	// Origin is the seq of the event from outside, or of the due time, that
	// started the chain; 0 means the event itself.
	Origin int64
	// Depth counts the runs between the origin and this event.
	Depth int
	// Path lists the definitions of those runs, first to last.
	Path []string
	// Run is the run whose action made the event; empty when none did.
	Run string
}

// MaxDepth is how long a chain of runs may get: an event of this depth makes no
// workflow a candidate.
const MaxDepth = 10

// Event is one thing that happened to a conversation.
type Event struct {
	ConversationID ID
	// Seq counts the events of a conversation from 1, without gaps.
	Seq  int64
	Kind Kind
	// MailboxID is where it happened: the mailbox whose workflows look at it.
	MailboxID MailboxID
	Actor     Actor
	Cause     Cause
	At        time.Time

	MessageID MessageID // the message it is about, empty when none
	First     bool      // it is the conversation's first message
	// Begins is what the conversation began with, in the event of its first message;
	// nil: with nothing.
	Begins   *Beginning
	From, To string   // a changed value before and after
	Added    []string // tags
	Removed  []string
	Field    string // the name of a custom field
	Run      string // a manual run
	// Definition is the workflow that a due time or a consideration is about.
	Definition string
	// Missed is the event that a consideration makes up for: the workflow was paused
	// when it was handled. 0: it makes up for none.
	Missed   int64
	Due      time.Time
	Delivery string
	// Comment is what the customer said to a rating.
	Comment string
	// Before are the anchors that a message or a change of the status found; nil of
	// other events, and of those of before they were kept.
	Before *Anchors
}

// OriginSeq returns the seq of the event that started the chain.
func (e Event) OriginSeq() int64 {
	if e.Cause.Origin == 0 {
		return e.Seq
	}
	return e.Cause.Origin
}

// Happened is an event with the message it is about, if there is one.
type Happened struct {
	Event   Event
	Message *Message
	// Missed is the event that a consideration makes up for, which Message belongs to;
	// nil: it makes up for none.
	Missed *Event
}

// About is the event that conditions look at.
func (h Happened) About() *Event {
	if h.Missed != nil {
		return h.Missed
	}
	return &h.Event
}

// Surroundings is what stands around a conversation.
type Surroundings struct {
	Customer Customer
	Mailbox  Mailbox
	// WorkflowUserName and WorkflowUserEmail are the installation's settings,
	// empty when not set; a mailbox may have its own.
	WorkflowUserName  string
	WorkflowUserEmail string
	// ViewKey signs the marks by which mail programs say that a mail was shown.
	ViewKey string
	// Endpoints are all webhook endpoints that are enabled, without secrets.
	Endpoints []Endpoint
	// BaseURL is what links to conversations begin with.
	BaseURL string
	Limits  Limits
	// CauseKey signs causes that leave the house.
	CauseKey string
	// Claimed says that nothing shows that the customer wrote the newest of their
	// messages: automatic mail to them carries no stranger's words.
	Claimed bool
}

// DefaultWorkflowUserName signs what workflows do where no setting says
// otherwise.
const DefaultWorkflowUserName = "Workflow"

// WorkflowUser returns the name that signs what workflows do here.
func (s Surroundings) WorkflowUser() string {
	switch {
	case s.Mailbox.WorkflowUserName != "":
		return s.Mailbox.WorkflowUserName
	case s.WorkflowUserName != "":
		return s.WorkflowUserName
	default:
		return DefaultWorkflowUserName
	}
}

// WorkflowUserAddress returns the address of who signs what workflows do here:
// the mailbox's own where no setting names another.
func (s Surroundings) WorkflowUserAddress() string {
	switch {
	case s.Mailbox.WorkflowUserEmail != "":
		return s.Mailbox.WorkflowUserEmail
	case s.WorkflowUserEmail != "":
		return s.WorkflowUserEmail
	default:
		return s.Mailbox.Email
	}
}

// Facts is all that a workflow's conditions may look at. Its parts are values of
// one moment; nothing in them is fetched later.
type Facts struct {
	// Now is the moment of the evaluation.
	Now          time.Time
	Conversation Conversation // as it is now, with what earlier workflows did
	Customer     Customer
	Mailbox      Mailbox
	// Event is what happened; nil when a due time, a manual run or a question
	// (explain) leads here.
	Event *Event
	// Message is the message of the event, nil when the event has none.
	Message *Message
	// Recent holds the last 50 customer messages, newest first. It is filled
	// where a condition reads them and Message does not stand for them.
	Recent []Message
	// Notes holds the last 50 notes, newest first, filled where a condition reads
	// notes and Message is none.
	Notes []Message
	// Last is the newest message that is no note, filled where a condition reads
	// recipients and Message has none.
	Last *Message
}
