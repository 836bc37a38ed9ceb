package delivery

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/smarticks/smarticks/conversation"
)

// The events that webhook endpoints may ask to be told.
const (
	ToldCreated         = "conversation.created"
	ToldAssigned        = "conversation.assigned"
	ToldStatusChanged   = "conversation.status_changed"
	ToldMoved           = "conversation.moved"
	ToldTagged          = "conversation.tagged"
	ToldDeleted         = "conversation.deleted"
	ToldRestored        = "conversation.restored"
	ToldFieldChanged    = "conversation.field_changed"
	ToldCustomerReplied = "conversation.customer_replied"
	ToldAgentReplied    = "conversation.agent_replied"
	ToldNoteCreated     = "conversation.note_created"
	ToldCustomerCreated = "customer.created"
	ToldCustomerUpdated = "customer.updated"
	ToldRunFinished     = "workflow.run_finished"
	ToldRunFailed       = "workflow.run_failed"
	ToldRunLimited      = "workflow.run_limited"
)

// OutgoingEvents lists them in the order of screens. It is never changed.
var OutgoingEvents = []string{
	ToldCreated, ToldAssigned, ToldStatusChanged, ToldMoved, ToldTagged, ToldDeleted, ToldRestored, ToldFieldChanged,
	ToldCustomerReplied, ToldAgentReplied, ToldNoteCreated, ToldCustomerCreated, ToldCustomerUpdated, ToldRunFinished, ToldRunFailed,
	ToldRunLimited,
}

// OfCustomers reports whether the event happens outside of any mailbox: only
// endpoints of the whole installation hear it.
func OfCustomers(event string) bool {
	return event == ToldCustomerCreated || event == ToldCustomerUpdated
}

// Outgoing is the body of a request that tells an event, after Standard Webhooks.
// Keys are only ever added.
type Outgoing struct {
	Type      string       `json:"type"`
	Timestamp time.Time    `json:"timestamp"` // when it happened
	Data      OutgoingData `json:"data"`
}

// OutgoingData says what happened, and to what. Which keys there are is a matter
// of the event.
type OutgoingData struct {
	Seq          int64                 `json:"seq,omitzero"` // of the conversation's event
	Actor        *OutgoingActor        `json:"actor,omitempty"`
	Change       *OutgoingChange       `json:"change,omitempty"`
	Message      *OutgoingMessage      `json:"message,omitempty"`
	Workflow     *OutgoingWorkflow     `json:"workflow,omitempty"`
	Run          *OutgoingRun          `json:"run,omitempty"`
	Conversation *OutgoingConversation `json:"conversation,omitempty"` // as it is when the event is handled
	Customer     *OutgoingCustomer     `json:"customer,omitempty"`
}

// OutgoingActor is who did it.
type OutgoingActor struct {
	Kind conversation.ActorKind `json:"kind"`
	ID   string                 `json:"id,omitempty"`
}

// OutgoingChange is a value before and after, or tags that came and went.
type OutgoingChange struct {
	Field   string   `json:"field,omitempty"` // the name of a custom field
	From    *string  `json:"from,omitempty"`
	To      *string  `json:"to,omitempty"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// OutgoingMessage is a message; a long text is cut.
type OutgoingMessage struct {
	ID        conversation.MessageID   `json:"id"`
	Kind      conversation.MessageKind `json:"kind"`
	From      string                   `json:"from"`
	Subject   string                   `json:"subject"`
	Text      string                   `json:"text"`
	Shortened bool                     `json:"shortened"`
}

// OutgoingWorkflow is a workflow in the version that ran.
type OutgoingWorkflow struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version int    `json:"version"`
}

// OutgoingRun is what came of a run.
type OutgoingRun struct {
	ID      string           `json:"id"`
	Trigger string           `json:"trigger"`
	State   string           `json:"state,omitempty"` // not yet known to the run's own webhook action
	Reason  string           `json:"reason,omitempty"`
	Actions []OutgoingAction `json:"actions,omitempty"`
}

// OutgoingAction is what came of an action.
type OutgoingAction struct {
	Do     string `json:"do"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// OutgoingConversation is a conversation without its messages.
type OutgoingConversation struct {
	ID         conversation.ID        `json:"id"`
	Number     int64                  `json:"number"`
	URL        string                 `json:"url"`
	MailboxID  conversation.MailboxID `json:"mailbox_id"`
	Type       conversation.Type      `json:"type"`
	Status     conversation.Status    `json:"status"`
	State      conversation.State     `json:"state"`
	AssigneeID *conversation.UserID   `json:"assignee_id"`
	Subject    string                 `json:"subject"`
	Tags       []string               `json:"tags"`
	CreatedAt  time.Time              `json:"created_at"`
}

// OutgoingCustomer is a customer.
type OutgoingCustomer struct {
	ID        conversation.CustomerID `json:"id"`
	FirstName string                  `json:"first_name"`
	LastName  string                  `json:"last_name"`
	Company   string                  `json:"company"`
	Phone     string                  `json:"phone"`
	Emails    []string                `json:"emails"`
}

// outgoingText bounds the text of a message, in bytes: escaped, it must fit into
// a request.
const outgoingText = 64 << 10

// EventTold returns the name under which an event of a conversation is told, and
// what it says beside the conversation; an empty name: nobody is told.
func EventTold(h conversation.Happened) (string, OutgoingData) {
	e := h.Event
	data := OutgoingData{Seq: e.Seq, Actor: &OutgoingActor{e.Actor.Kind, e.Actor.ID}}
	if h.Message != nil {
		data.Message = toldMessage(*h.Message)
	}
	if e.First {
		return ToldCreated, data
	}
	switch e.Kind {
	case conversation.KindCustomerMessage:
		return ToldCustomerReplied, data
	case conversation.KindAgentReply:
		return ToldAgentReplied, data
	case conversation.KindNoteAdded:
		return ToldNoteCreated, data
	case conversation.KindTagsChanged:
		data.Change = &OutgoingChange{Added: e.Added, Removed: e.Removed}
		return ToldTagged, data
	case conversation.KindStatusChanged:
		return ToldStatusChanged, data.changed(e)
	case conversation.KindAssigneeChanged:
		return ToldAssigned, data.changed(e)
	case conversation.KindFieldChanged:
		data = data.changed(e)
		data.Change.Field = e.Field
		return ToldFieldChanged, data
	case conversation.KindMoved:
		return ToldMoved, data.changed(e)
	case conversation.KindStateChanged:
		return stateTold(e), data.changed(e)
	default:
		return "", data
	}
}

func stateTold(e conversation.Event) string {
	switch {
	case conversation.State(e.To) == conversation.StateDeleted:
		return ToldDeleted
	case conversation.State(e.From) == conversation.StateDeleted && conversation.State(e.To) == conversation.StatePublished:
		return ToldRestored
	default:
		return ""
	}
}

func (d OutgoingData) changed(e conversation.Event) OutgoingData {
	d.Change = &OutgoingChange{From: &e.From, To: &e.To}
	return d
}

func toldMessage(m conversation.Message) *OutgoingMessage {
	out := &OutgoingMessage{ID: m.ID, Kind: m.Kind, From: m.From, Subject: m.Subject, Text: m.Text}
	if len(out.Text) > outgoingText {
		end := outgoingText
		for !utf8.RuneStart(out.Text[end]) {
			end--
		}
		out.Text, out.Shortened = out.Text[:end], true
	}
	return out
}

// ToldConversation is a conversation as it is told; url is where people look at
// it.
func ToldConversation(c conversation.Conversation, url string) *OutgoingConversation {
	out := &OutgoingConversation{
		ID: c.ID, Number: c.Number, URL: url, MailboxID: c.MailboxID, Type: c.Type, Status: c.Status, State: c.State,
		Subject: c.Subject, Tags: append([]string{}, c.Tags...), CreatedAt: c.CreatedAt.UTC(),
	}
	if c.AssigneeID != "" {
		out.AssigneeID = &c.AssigneeID
	}
	return out
}

// ToldCustomer is a customer as they are told.
func ToldCustomer(c conversation.Customer) *OutgoingCustomer {
	return &OutgoingCustomer{c.ID, c.FirstName, c.LastName, c.Company, c.Phone, append([]string{}, c.Emails...)}
}

// Tell makes the request that tells an event to an endpoint. Where it goes and
// what signs it is looked up when it is sent, so that it may be mended meanwhile.
func Tell(to conversation.Endpoint, event string, at time.Time, data OutgoingData) *Webhook {
	body, err := json.Marshal(Outgoing{Type: event, Timestamp: at.UTC(), Data: data})
	if err != nil {
		panic(err) // texts, numbers and times always encode
	}
	return &Webhook{Endpoint: to.ID, EndpointName: to.Name, Event: event, Body: body}
}
