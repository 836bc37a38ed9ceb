package automation

import (
	"errors"
	"slices"

	"github.com/smarticks/smarticks/errs"
)

// ErrUnconfirmed is in the chain of the error for a manual run that must be
// confirmed and was not. The error's problems say what it would send or delete.
var ErrUnconfirmed = errors.New("the run must be confirmed")

// Reach is who sees of an action what cannot be taken back.
type Reach string

// The reaches of actions.
const (
	ReachNobody   Reach = "nobody"
	ReachTeam     Reach = "team"     // a mail to our own users
	ReachCustomer Reach = "customer" // a mail to the customer
	ReachForward  Reach = "forward"  // a mail to others outside
	ReachWebhook  Reach = "webhook"  // a call of another system
	ReachDelete   Reach = "delete"
)

// confirmed are the reaches for which a confirmation is asked where the
// definition says nothing. A call of another system of ours is none of them.
var confirmed = []Reach{ReachCustomer, ReachForward, ReachDelete}

// Consequence is one action that reaches outside or deletes.
type Consequence struct {
	Index    int // of the action
	Do       string
	Reach    Reach
	Sentence string
}

// Consequences lists the actions that reach outside or delete, in their order;
// what follows a stop is never done.
func (d Definition) Consequences(names Names) []Consequence {
	var out []Consequence
	for i, a := range d.Done() {
		if reach := a.Effects().Reach; reach.Outside() {
			out = append(out, Consequence{i, a.Do, reach, a.Sentence(names)})
		}
	}
	return out
}

// NeedsConfirmation reports whether who runs the workflow must confirm it: as it
// says, else when it emails the customer, forwards or deletes.
func (d Definition) NeedsConfirmation() bool {
	if d.Type != TypeManual {
		return false
	}
	if d.Confirm != nil {
		return *d.Confirm
	}
	return slices.ContainsFunc(d.Consequences(nil), func(c Consequence) bool { return slices.Contains(confirmed, c.Reach) })
}

// Unconfirmed is the error for a run of the definition that must be confirmed
// and was not: its problems are what would be sent or deleted, all actions where
// that is nothing.
func (d Definition) Unconfirmed(op string, names Names) error {
	err := errs.Wrap(op, errs.Conflict, "this workflow must be confirmed: look at what it does, and ask again with confirmed", ErrUnconfirmed)
	for _, c := range d.Consequences(names) {
		err.Problems = append(err.Problems, errs.Problem{Path: "actions" + PathIndex(c.Index), Message: c.Sentence})
	}
	if len(err.Problems) == 0 {
		for i, a := range d.Actions {
			err.Problems = append(err.Problems, errs.Problem{Path: "actions" + PathIndex(i), Message: a.Sentence(names)})
		}
	}
	return err
}

// Ask is what an agent asks for with a manual run.
type Ask struct {
	DefinitionID DefinitionID
	// Confirmed says that the agent knows what it sends or deletes.
	Confirmed bool
}

// MayRunAway reports whether runs of the workflow on all conversations count against the
// limit of the installation. One that runs once for each conversation, tells nobody and
// deletes nothing permanently is no runaway, however much mail comes: its runs are as many
// as the conversations.
func (d Definition) MayRunAway() bool {
	if d.Type != TypeAutomatic || d.MaxRuns > 1 {
		return true
	}
	return slices.ContainsFunc(d.Done(), func(a Action) bool {
		e := a.Effects()
		return e.Ends == EndsConversation || e.Reach != ReachNobody && e.Reach != ReachDelete
	})
}
