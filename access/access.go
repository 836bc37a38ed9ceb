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
	ManageFolder      Verb = "manage_folder"
	ManageUser        Verb = "manage_user"
	ManageToken       Verb = "manage_token"
	ManageSetting     Verb = "manage_setting"
	ManageRollout     Verb = "manage_rollout"
	ReadAudit         Verb = "read_audit"   // a manager: of their mailboxes
	ManageLogin       Verb = "manage_login" // a password, sessions
)

// who is the least that a user must be; an admin may do everything everywhere.
type who int

const (
	admins   who = iota
	managers     // agents who may manage workflows there
	agents
)

// object is what it is done to.
type object int

const (
	anything  object = iota
	inMailbox        // something in one mailbox: who is not a member does not see it
	ofUser           // something of one user: their own, or an admin's to do
)

// rule is one line of the policy.
type rule struct {
	who    who
	object object
	scope  Scope // what a token must be good for
}

// policy is the whole of it: the verb, who, on what, and by which token.
var policy = map[Verb]rule{
	ReadMailbox:       {agents, inMailbox, ScopeRead},
	ReadConversation:  {agents, inMailbox, ScopeRead},
	WriteConversation: {agents, inMailbox, ScopeWrite},
	ReadWorkflow:      {agents, inMailbox, ScopeRead},
	RunWorkflow:       {agents, inMailbox, ScopeWrite},
	ReadPeople:        {agents, anything, ScopeRead},
	ManageWorkflow:    {managers, inMailbox, ScopeManage},
	ManageMailbox:     {admins, anything, ScopeManage},
	ManageFolder:      {managers, inMailbox, ScopeManage},
	ManageUser:        {admins, anything, ScopeManage},
	ManageToken:       {admins, anything, ScopeManage},
	ManageSetting:     {admins, anything, ScopeManage},
	ManageRollout:     {admins, anything, ScopeManage},
	ReadAudit:         {managers, anything, ScopeRead},
	ManageLogin:       {agents, ofUser, ScopeManage},
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
	// SessionID is the session's, when it came with one instead of a token.
	SessionID string
	// TokenName is what the token is for, in the words of who made it.
	TokenName string
	// Scopes are the token's. Nil: no token, and no bound.
	Scopes []Scope
	// Key and RequestHash are those of a request that may be sent twice: the
	// repeat finds what the first one made. An empty Key is none.
	Key         string
	RequestHash []byte
	// Read are the revisions that the caller says to have read of what they change:
	// any other is errs.Stale. Nil: they do not say, and overwrite.
	Read []int64
	// Cause is what a webhook's endpoint gave back, as it came: see
	// conversation.ReadMark.
	Cause string
	// RequestID is the request's, as it was answered and logged; Address is where it
	// came from. Both are kept with what it changed.
	RequestID string
	Address   string
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

// ScopeOf returns the scope that a token needs for the verb, empty for a verb
// that the policy does not have.
func ScopeOf(verb Verb) Scope { return policy[verb].scope }

// Sees reports whether the mailbox exists for the caller.
func (c Caller) Sees(mailbox conversation.MailboxID) bool {
	return c.User.Sees(mailbox)
}

// All reports whether the caller sees every mailbox, those to come included.
func (c Caller) All() bool { return c.User.Role == conversation.RoleAdmin }

// May reports whether the caller may do it at all; what is done in a mailbox must
// pass In as well.
func (c Caller) May(verb Verb) bool {
	r, known := policy[verb]
	if !known || !c.Covers(verb) {
		return false
	}
	switch c.User.Role {
	case conversation.RoleAdmin:
		return true
	case conversation.RoleAgent:
		return r.who == agents || r.who == managers && c.User.ManagesSome()
	default:
		return false
	}
}

// Covers reports whether the caller's token is good for it.
func (c Caller) Covers(verb Verb) bool {
	return c.Scopes == nil || slices.Contains(c.Scopes, policy[verb].scope)
}

// Whole returns nil for a caller whom no scope bounds: a session, or a token with all
// of them. Who makes users, gives rights or sets passwords needs that: what they make
// could do more than a token with a part of the scopes.
//
// Errors: errs.Forbidden.
func (c Caller) Whole() error {
	for _, scope := range AllScopes() {
		if c.Scopes != nil && !slices.Contains(c.Scopes, scope) {
			return errs.New("access.Whole", errs.Forbidden, "this can give more than your token may: use a session, or a token with all scopes")
		}
	}
	return nil
}

// In returns nil when the caller may do it in the mailbox. What they do not see
// is answered as what does not exist.
//
// Errors: errs.NotFound (a mailbox that is not theirs), errs.Forbidden (they see it
// and may not).
func (c Caller) In(verb Verb, mailbox conversation.MailboxID) error {
	const op = "access.In"
	if policy[verb].object == inMailbox && !c.Sees(mailbox) {
		return errs.New(op, errs.NotFound, "not found")
	}
	if !c.May(verb) || policy[verb].who == managers && !c.All() && !c.User.Manages(mailbox) {
		return errs.New(op, errs.Forbidden, "you may not do this here")
	}
	return nil
}

// Of returns nil when the caller may do it to what belongs to the user: an admin
// to everybody's, anybody else to their own.
//
// Errors: errs.Forbidden.
func (c Caller) Of(verb Verb, user conversation.UserID) error {
	if !c.May(verb) || policy[verb].object == ofUser && !c.All() && (user == "" || user != c.User.ID) {
		return errs.New("access.Of", errs.Forbidden, "you may do this to your own only")
	}
	return nil
}
