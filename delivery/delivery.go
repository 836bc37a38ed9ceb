// Package delivery holds what leaves the house: mails, notifications and
// webhooks, the attempts to send them, and when to try again. It has no I/O and
// no clock.
package delivery

import (
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// ID names a delivery: a UUIDv7 in lower case. It is its key everywhere: the
// local part of the Message-ID of a mail, the webhook-id of a webhook.
type ID string

// Kind says what is sent.
type Kind string

// The kinds.
const (
	KindReply   Kind = "reply"   // to the customer, with history
	KindEmail   Kind = "email"   // to the customer, without history
	KindForward Kind = "forward" // to somebody else
	KindNotify  Kind = "notify"  // to our own users
	KindWebhook Kind = "webhook"
)

// IsMail reports whether the kind goes out by SMTP.
func (k Kind) IsMail() bool { return k != KindWebhook }

// State says how far a delivery is.
type State string

// The states. Only Waiting deliveries are attempted.
const (
	StateWaiting    State = "waiting"     // to be sent at NextAt, by its conversation
	StateHandedOver State = "handed_over" // to be sent at NextAt, by a DeliveryWorkflow of its own
	StateSent       State = "sent"        // the other side took it
	StateFailed     State = "failed"      // the other side will never take it, or time is up
	StateBounced    State = "bounced"     // the other side took it and gave it back
	StateCancelled  State = "cancelled"   // nothing is to be sent any longer
)

// Final reports whether nothing more will be attempted.
func (s State) Final() bool { return s != StateWaiting && s != StateHandedOver }

// Delivery is something to be sent outside.
type Delivery struct {
	ID             ID
	ConversationID conversation.ID // empty: of no conversation
	MailboxID      conversation.MailboxID
	RunID          string // the run that decided it, empty when an agent did
	// CustomerID and DefinitionID are set for automatic mail to the customer alone:
	// what the limits of such mail count. They are not read back.
	CustomerID   conversation.CustomerID
	DefinitionID string
	// Automatic are the recipients outside of an automatic mail, as the limits of such
	// mail count them. They are not read back.
	Automatic   []conversation.AutomaticMail
	ActionIndex int   // which action of the run
	Seq         int64 // the event it belongs to; mails of one conversation go in this order
	Kind        Kind
	State       State
	Attempts    int       // how many were begun
	NextAt      time.Time // not before
	HeldUntil   time.Time // an attempt is under way and may last until then
	FirstAt     time.Time // when the first attempt began, zero before
	CreatedAt   time.Time
	FinishedAt  time.Time
	Reason      string // of the last failure; never a customer's words

	// One of the two is set.
	Mail    *Mail
	Webhook *Webhook
}

// Mail is a mail to be composed. The same Mail always gives the same bytes.
type Mail struct {
	FromName    string
	FromAddress string
	To          []string
	Cc          []string
	Bcc         []string
	Subject     string
	Text        string
	HTML        string
	// MessageID is without angle brackets: <delivery id>@<domain of the mailbox>.
	MessageID  string
	InReplyTo  string
	References []string
	Date       time.Time
	// AutoSubmitted is auto-replied or auto-generated for what a workflow sends
	// (RFC 3834), empty for an agent's reply. With it AutomaticSender is the
	// envelope's sender.
	AutoSubmitted string
	// AutomaticSender is the envelope's sender of automatic mail, a setting that who
	// takes the delivery fills in; empty: the null sender.
	AutomaticSender string `json:"-"`
	// FilesOf names the message whose files go along; who takes the delivery fills
	// in Files. Empty: none.
	FilesOf conversation.MessageID
	Files   []conversation.Attachment
	// Loop carries the cause of an automatic mail for our own receivers.
	Loop string
}

// Webhook is a request to be made, signed after Standard Webhooks.
type Webhook struct {
	URL     string
	Method  string // POST when empty
	Headers map[string]string
	Body    []byte
	Event   string
	// Secret is whsec_…: the endpoint's, or without one the mailbox's. Who takes the
	// delivery fills it in.
	Secret string
	// Endpoint is set instead of URL, which is looked up when it is sent too.
	// EndpointName is for people.
	Endpoint     conversation.EndpointID
	EndpointName string
	// Cause carries the cause of the request, for the endpoint to give back.
	Cause string
}

// AttemptState says how one attempt went.
type AttemptState string

// The states of an attempt. Started and DataSent are the journal of a mail under
// way: one that stays DataSent has an unknown outcome.
const (
	AttemptStarted  AttemptState = "started"
	AttemptDataSent AttemptState = "data_sent" // everything but the final dot is out
	AttemptSent     AttemptState = "sent"
	AttemptDeferred AttemptState = "deferred" // try again later
	AttemptFailed   AttemptState = "failed"   // never try again
	AttemptUnknown  AttemptState = "unknown"  // the connection ended between the final dot and the answer
)

// Result is what came of one attempt. Reason is for ops and agents: the other
// side's code and our own words, never an address or the other side's text.
type Result struct {
	State      AttemptState
	Code       int // SMTP reply or HTTP status, 0 when there was none
	Reason     string
	RetryAfter time.Duration // asked for by the other side, 0 when not
	// RelayID is the name that the relay gave a mail it took, as far as its answer
	// tells, at least MinRelayID bytes of it: some relays replace our Message-ID with
	// one that begins so. Empty: none.
	RelayID string
}

// MinRelayID is how long a relay's name for a mail must be to stand for it: a shorter
// one could be guessed.
const MinRelayID = 20

// Attempt is one try, as it is kept.
type Attempt struct {
	DeliveryID ID
	N          int
	State      AttemptState
	Code       int
	Reason     string
	StartedAt  time.Time
	EndedAt    time.Time
}

// MaxTold is how many notices within an hour one user gets about mails of theirs that
// did not arrive.
const MaxTold = 10

// Undelivered is a mail that did not arrive, for who wrote it.
type Undelivered struct {
	Author conversation.UserID
	Reason string // as Delivery.Reason
	// Partly says that it reached the others.
	Partly bool
}

// Taken is what came of an attempt to take a delivery.
type Taken struct {
	Delivery Delivery
	// OK says that the caller holds it and must send it now, as attempt number
	// Delivery.Attempts, begun at Now.
	OK  bool
	Now time.Time
	// Wait is how long until it is worth asking again, when it is neither taken
	// nor final.
	Wait time.Duration
}

// Ended is what came of an attempt, and what is next.
type Ended struct {
	ID      ID
	Attempt int // its number
	Result  Result
	// State is what the delivery is from now on; Pause is how long until it may be
	// attempted again, where the state is waiting or handed over.
	State State
	Pause time.Duration
}

// Lost reports whether the mail will not reach all whom it was for: it failed for good, or
// the relay took it without some of its recipients.
func (e Ended) Lost() bool {
	return e.State == StateFailed || e.State == StateSent && e.Result.Reason != ""
}

// Filter says which deliveries to list; what is empty does not narrow.
type Filter struct {
	ConversationID conversation.ID
	State          State
	Kind           Kind
}
