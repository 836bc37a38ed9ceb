package automation

import (
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Vars is what the variables of a template take their values from. What is nil
// or empty is a missing value: its fallback stands in.
type Vars struct {
	Conversation conversation.Conversation
	URL          string // of the conversation, for our own users
	Customer     conversation.Customer
	Mailbox      conversation.Mailbox
	WorkflowUser *conversation.User // who signs what the workflow does: the Workflow user, or the agent as whom it acts
	Assignee     *conversation.User
	Agent        *conversation.User // who runs a manual workflow
	// Now is printed in its own location, which should be the mailbox's.
	Now time.Time
}

// WithoutCustomer returns v with nothing in it that the customer chose: for mail to
// an address that somebody merely claimed.
func (v Vars) WithoutCustomer() Vars {
	c := &v.Conversation
	c.Subject, c.Fields, c.Tags, c.RatingComment = "", nil, nil, ""
	v.Customer = conversation.Customer{}
	return v
}

// variable is one line of the catalogue of variables.
type variable struct {
	name  string
	value func(Vars) string
}

// variables is the catalogue. It is never changed.
var variables = joinVariables(
	[]variable{
		{"subject", func(v Vars) string { return v.Conversation.Subject }},
		{"conversation.number", func(v Vars) string {
			if v.Conversation.Number == 0 {
				return ""
			}
			return strconv.FormatInt(v.Conversation.Number, 10)
		}},
		{"conversation.url", func(v Vars) string { return v.URL }},
		{"customer.email", func(v Vars) string { return v.Customer.Email() }},
		{"customer.fullName", func(v Vars) string { return v.Customer.FullName() }},
		{"customer.firstName", func(v Vars) string { return v.Customer.FirstName }},
		{"customer.lastName", func(v Vars) string { return v.Customer.LastName }},
		{"customer.company", func(v Vars) string { return v.Customer.Company }},
		{"mailbox.name", func(v Vars) string { return v.Mailbox.Name }},
		{"mailbox.email", func(v Vars) string { return v.Mailbox.Email }},
		{"mailbox.fromName", func(v Vars) string {
			if v.Mailbox.FromName != "" {
				return v.Mailbox.FromName
			}
			return v.Mailbox.Name
		}},
		{"now", func(v Vars) string {
			if v.Now.IsZero() {
				return ""
			}
			return v.Now.Format("2006-01-02 15:04 MST")
		}},
	},
	userVariables("user", func(v Vars) *conversation.User { return v.WorkflowUser }),
	userVariables("assignee", func(v Vars) *conversation.User { return v.Assignee }),
	userVariables("agent", func(v Vars) *conversation.User { return v.Agent }),
)

// userVariables returns the variables of a user.
func userVariables(prefix string, user func(Vars) *conversation.User) []variable {
	of := func(get func(conversation.User) string) func(Vars) string {
		return func(v Vars) string {
			if u := user(v); u != nil {
				return get(*u)
			}
			return ""
		}
	}
	return []variable{
		{prefix + ".fullName", of(func(u conversation.User) string { return u.Name })},
		{prefix + ".firstName", of(func(u conversation.User) string {
			first, _, _ := strings.Cut(strings.TrimSpace(u.Name), " ")
			return first
		})},
		{prefix + ".lastName", of(func(u conversation.User) string {
			_, rest, _ := strings.Cut(strings.TrimSpace(u.Name), " ")
			return strings.TrimSpace(rest)
		})},
		{prefix + ".email", of(func(u conversation.User) string { return u.Email })},
	}
}

func joinVariables(lists ...[]variable) []variable {
	var all []variable
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// customVariable is the value of a custom field; one that the mailbox does not
// have is out of sight here too.
func customVariable(v Vars, name string) string {
	value, _ := custom(&conversation.Facts{Conversation: v.Conversation, Mailbox: v.Mailbox}, name)
	return value
}

// findVariable returns how a variable gets its value; the problem says that it
// is unknown, with the nearest one that is not.
func findVariable(name string) (func(Vars) string, string) {
	if field, ok := customName(name); ok {
		return func(v Vars) string { return customVariable(v, field) }, ""
	}
	names := make([]string, len(variables))
	for i, v := range variables {
		if v.name == name {
			return v.value, ""
		}
		names[i] = v.name
	}
	return nil, unknown("variable", name, names)
}
