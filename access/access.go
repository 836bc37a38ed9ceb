// Package access says who may do what: one table, no I/O. Every edge asks it, and
// the store asks it again under the conversation's lock.
package access

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Verb is something that a caller may want to do.
type Verb string

// The verbs. The zero value is never allowed.
const (
	ReadMailbox       Verb = "read_mailbox"
	ReadConversation  Verb = "read_conversation"
	WriteConversation Verb = "write_conversation"
	ReadWorkflow      Verb = "read_workflow"
	RunWorkflow       Verb = "run_workflow"
	ReadPeople        Verb = "read_people" // users, customers, tags: names that a conversation shows
	ManageWorkflow    Verb = "manage_workflow"
	ManageMailbox     Verb = "manage_mailbox" // its secret too
	ManageUser        Verb = "manage_user"
	ManageToken       Verb = "manage_token"
	ManageSetting     Verb = "manage_setting"
	ManageRollout     Verb = "manage_rollout"
	ReadAudit         Verb = "read_audit"
)

// rule is one line of the policy. An admin may do everything everywhere.
type rule struct {
	agent bool // an agent may do it
	// mailbox says that it is done in one mailbox: an agent must be a member.
	mailbox bool
}

// policy is the whole of it.
var policy = map[Verb]rule{
	ReadMailbox:       {agent: true, mailbox: true},
	ReadConversation:  {agent: true, mailbox: true},
	WriteConversation: {agent: true, mailbox: true},
	ReadWorkflow:      {agent: true, mailbox: true},
	RunWorkflow:       {agent: true, mailbox: true},
	ReadPeople:        {agent: true},
	ManageWorkflow:    {mailbox: true},
	ManageMailbox:     {},
	ManageUser:        {},
	ManageToken:       {},
	ManageSetting:     {},
	ManageRollout:     {},
	ReadAudit:         {},
}

// Verbs lists every verb of the policy in alphabetical order.
func Verbs() []Verb {
	var out []Verb
	for v := range policy {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// Caller is who asks, and by which request.
type Caller struct {
	User    conversation.User
	TokenID string
	// Key and RequestHash are those of a request that may be sent twice: the
	// repeat finds what the first one made. An empty Key is none.
	Key         string
	RequestHash []byte
	// Cause is what a webhook's endpoint gave back, as it came: see
	// conversation.ReadMark.
	Cause string
}

// System is the installation itself: what the command line sets up.
func System() Caller { return Caller{User: conversation.User{Role: conversation.RoleAdmin}} }

// Actor is the caller as the actor of an event.
func (c Caller) Actor() conversation.Actor {
	if c.User.ID == "" {
		return conversation.Actor{Kind: conversation.ActorSystem}
	}
	return conversation.Actor{Kind: conversation.ActorUser, ID: string(c.User.ID)}
}

// Sees tells whether the mailbox exists for the caller.
func (c Caller) Sees(mailbox conversation.MailboxID) bool {
	return c.All() || slices.Contains(c.User.Mailboxes, mailbox)
}

// All tells whether the caller sees every mailbox, those to come included.
func (c Caller) All() bool { return c.User.Role == conversation.RoleAdmin }

// May tells whether the caller may do it at all; what is done in a mailbox must
// pass In as well.
func (c Caller) May(verb Verb) bool {
	r, known := policy[verb]
	switch c.User.Role {
	case conversation.RoleAdmin:
		return known
	case conversation.RoleAgent:
		return r.agent
	default:
		return false
	}
}

// In returns nil when the caller may do it in the mailbox. What he does not see
// is answered as what does not exist.
//
// Errors: errs.NotFound (a mailbox that is not his), errs.Forbidden (he sees it
// and may not).
func (c Caller) In(verb Verb, mailbox conversation.MailboxID) error {
	const op = "access.In"
	if policy[verb].mailbox && !c.Sees(mailbox) {
		return errs.New(op, errs.NotFound, "not found")
	}
	if !c.May(verb) {
		return errs.New(op, errs.Forbidden, "you may not do this here")
	}
	return nil
}
