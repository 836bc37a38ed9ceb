package client

import (
	"context"
	"net/url"
)

// Wanted is the whole of a mailbox's workflows as they are to be.
type Wanted struct {
	// Workflows are in their order, in the keys in which they are written.
	Workflows []map[string]any `json:"workflows"`
	// Prune deletes those that are not among them.
	Prune bool `json:"prune,omitempty"`
	// Base is that of the plan that is applied; nil: whatever there is.
	Base map[string]string `json:"base,omitempty"`
}

// Plan is what makes a mailbox's workflows what is wanted.
type Plan struct {
	Steps     []PlanStep        `json:"steps"`
	Reorder   *PlanOrder        `json:"reorder"`   // nil: none is moved
	Unmanaged []string          `json:"unmanaged"` // names of those that stay as they are
	Warnings  []PlanWarning     `json:"warnings"`
	Base      map[string]string `json:"base"`
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Steps) == 0 && p.Reorder == nil }

// PlanStep is what is done with one workflow.
type PlanStep struct {
	Do        string       `json:"do"` // create, change, delete
	ID        string       `json:"id"` // empty for one that is made
	Name      string       `json:"name"`
	Want      int          `json:"want"` // its place among the wanted ones, from 0; -1: none
	Changes   []PlanChange `json:"changes"`
	Publish   bool         `json:"publish"`
	Mode      *PlanMode    `json:"mode"` // nil: it stays
	Sentences []string     `json:"sentences"`
}

// PlanChange is one thing that differs; what is there is JSON, nothing is empty.
type PlanChange struct {
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// PlanMode is how a workflow is switched.
type PlanMode struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// PlanOrder is names in their order.
type PlanOrder struct {
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// PlanWarning is what a check has to say of a workflow.
type PlanWarning struct {
	ID       string `json:"id"`
	Workflow string `json:"workflow"` // its name
	Path     string `json:"path"`
	Message  string `json:"message"`
	Help     string `json:"help"`
}

// Plan asks what would make the mailbox's workflows what is wanted.
func (c *Client) Plan(ctx context.Context, mailbox string, w Wanted) (Plan, error) {
	return c.plan(ctx, mailbox, "/plan", w)
}

// Apply makes them so, all or nothing. It is safe to repeat.
//
// Errors: errs.Conflict (somebody changed something since the plan of w.Base).
func (c *Client) Apply(ctx context.Context, mailbox string, w Wanted) (Plan, error) {
	return c.plan(ctx, mailbox, "/apply", w)
}

func (c *Client) plan(ctx context.Context, mailbox, what string, w Wanted) (Plan, error) {
	if w.Workflows == nil {
		w.Workflows = []map[string]any{}
	}
	var p Plan
	err := c.post(ctx, "/v1/mailboxes/"+url.PathEscape(mailbox)+what, w, &p)
	return p, err
}

// Export returns the mailbox's workflows as Plan takes them.
func (c *Client) Export(ctx context.Context, mailbox string) (Wanted, error) {
	var w Wanted
	err := c.get(ctx, "/v1/mailboxes/"+url.PathEscape(mailbox)+"/workflows/export", nil, &w)
	return w, err
}
