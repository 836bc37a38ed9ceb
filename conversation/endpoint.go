package conversation

import (
	"slices"
	"strings"
	"time"
)

// EndpointID names a webhook endpoint: a UUIDv7 in lower case.
type EndpointID string

// Endpoint is an address outside that is told what happens here, and that
// workflows call by its name.
type Endpoint struct {
	ID EndpointID
	// MailboxID is the mailbox that it belongs to; empty: the whole installation.
	MailboxID MailboxID
	Name      string // no two have the same, whatever the case
	URL       string
	Events    []string // what it is told, see delivery.OutgoingEvents
	Enabled   bool
	// Secret signs what is sent (whsec_…).
	Secret    string
	CreatedAt time.Time
	UpdatedAt time.Time
	Revision  int64 // counts the changes
}

// Hears reports whether the endpoint is there for what happens in the mailbox.
func (e Endpoint) Hears(mailbox MailboxID) bool { return e.MailboxID == "" || e.MailboxID == mailbox }

// Named reports whether the endpoint has the name, whatever the case.
func (e Endpoint) Named(name string) bool { return EndpointKey(e.Name) == EndpointKey(name) }

// EndpointKey is what names of endpoints are compared by.
func EndpointKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Wants reports whether the endpoint asked to be told the event.
func (e Endpoint) Wants(event string) bool { return slices.Contains(e.Events, event) }

// EndpointChange changes what is not nil.
type EndpointChange struct {
	Name    *string
	URL     *string
	Events  *[]string // all of them
	Enabled *bool
}

// The bounds of webhook endpoints.
const (
	MaxEndpoints    = 200 // of an installation
	MaxEndpointName = 75  // characters
)
