package undo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// Inquiry is what PlanUndo looks at: a run, and its conversation as it is now.
type Inquiry struct {
	Run          runs.Run
	Conversation conversation.Conversation
	// Events are those that conversation.Reversals asks for.
	Events     []conversation.Event
	Deliveries []Delivery // of the run
	// Asker is who asks for the undo: what is outside of their sight is not restored.
	Asker conversation.Actor
	// Mailboxes and Users are those that are there, of the ones that the events, the
	// conversation and the asker name; Names are the names of these and of workflows.
	Mailboxes map[conversation.MailboxID]conversation.Mailbox
	Users     map[conversation.UserID]conversation.User
	Names     map[string]string
	// Erased says that the conversation was deleted permanently.
	Erased bool
}

// Delivery is how far something has come that a run sends out.
type Delivery struct {
	ID       string
	Webhook  bool
	Attempts int  // how many were begun
	Held     bool // one is under way
	Sent     bool
	Over     bool // nothing more will be attempted
}

// Plan is what becomes of all that a run did when it is undone.
type Plan struct {
	Actions []Action // one for each action of the run
	// Back are the parts of the conversation that are restored, in their order.
	Back []conversation.Reversal
	// Cancel are the deliveries that are not sent any longer.
	Cancel []string
}

// Action is what becomes of one action.
type Action struct {
	Index    int
	Do       string
	Sentence string // the action in words
	Parts    []Part
}

// Part is what becomes of one thing that an action changed or sent.
type Part struct {
	State automation.ActionState
	// Part is what of the conversation, with its value now and the one from before
	// the run; empty for a delivery.
	conversation.Part
	Now, Was string
	Delivery string
	// Reason says it in words.
	Reason string
	// By and At are who changed it since, and when; zero when nobody did.
	By conversation.Actor
	At time.Time
}

// Make says what can be restored of what the run did, and what cannot and why.
// A part is restored only where nothing has touched it since; what left the house
// stays there, and what has not yet is cancelled.
func Make(q Inquiry) Plan {
	p := undoPlan{q: q}
	if !q.Erased {
		p.reversals = conversation.Reversals(q.Conversation, q.Events, string(q.Run.ID))
	}
	p.check()
	for _, e := range q.Events {
		if e.Cause.Run == string(q.Run.ID) {
			p.own = append(p.own, e)
		}
	}
	var u Plan
	for i, a := range q.Run.Actions {
		done := Action{Index: a.Index, Do: a.Do, Sentence: a.Sentence}
		done.Parts = p.parts(q.Run.Actions[i:])
		u.Actions = append(u.Actions, done)
		for _, part := range done.Parts {
			if part.State == automation.ActionCancelled {
				u.Cancel = append(u.Cancel, part.Delivery)
			}
		}
	}
	for i, r := range p.reversals {
		if p.verdicts[i].State == automation.ActionUndone {
			u.Back = append(u.Back, r)
		}
	}
	return u
}

// Possible reports whether the undo would do anything.
func (u Plan) Possible() bool { return len(u.Back)+len(u.Cancel) > 0 }

// Restores reports whether the undo brings a deleted conversation back.
func (u Plan) Restores() bool {
	return slices.ContainsFunc(u.Back, func(r conversation.Reversal) bool {
		return r.Aspect == conversation.AspectState && r.Was != string(conversation.StateDeleted)
	})
}

// Missed says that a delivery could not be cancelled: an attempt began meanwhile.
func (u *Plan) Missed(id string) {
	for _, a := range u.Actions {
		for i := range a.Parts {
			if p := &a.Parts[i]; p.Delivery == id {
				p.State, p.Reason = automation.ActionCannot, underWay
			}
		}
	}
	u.Cancel = slices.DeleteFunc(u.Cancel, func(c string) bool { return c == id })
}

// Outcomes are the actions of the run that undoes.
func (u Plan) Outcomes() []runs.ActionOutcome {
	out := make([]runs.ActionOutcome, len(u.Actions))
	for i, a := range u.Actions {
		out[i] = runs.ActionOutcome{Index: a.Index, Do: a.Do, State: a.State(), Reason: a.Reason(), Sentence: a.Sentence}
		for _, p := range a.Parts {
			if p.State == automation.ActionCancelled {
				out[i].Delivery = append(out[i].Delivery, p.Delivery)
			}
		}
	}
	return out
}

// weights orders the states of parts: the state of the whole is the heaviest.
var weights = []automation.ActionState{automation.ActionUnchanged, automation.ActionCancelled, automation.ActionUndone,
	automation.ActionCannot, automation.ActionChangedSince}

// State is the state of the part that is worst off.
func (a Action) State() automation.ActionState {
	state := automation.ActionUnchanged
	for _, p := range a.Parts {
		if slices.Index(weights, p.State) > slices.Index(weights, state) {
			state = p.State
		}
	}
	return state
}

// Reason says in words what becomes of each part.
func (a Action) Reason() string {
	words := make([]string, len(a.Parts))
	for i, p := range a.Parts {
		words[i] = p.Reason
	}
	return strings.Join(words, "; ")
}

// underWay is why a delivery cannot be cancelled.
const underWay = "it is being sent at this moment"

// undoPlan is one call of PlanUndo.
type undoPlan struct {
	q         Inquiry
	reversals []conversation.Reversal
	verdicts  []Part               // one for each reversal
	own       []conversation.Event // the run's, those taken left out
}

// parts says what becomes of the first of the actions; those that follow it tell
// which events are not its own.
func (p *undoPlan) parts(actions []runs.ActionOutcome) []Part {
	a := actions[0]
	one := func(state automation.ActionState, reason string) []Part {
		return []Part{{State: state, Reason: reason}}
	}
	e := automation.Action{Do: a.Do}.Effects()
	switch {
	case a.State != automation.ActionDone && a.State != automation.ActionQueued:
		return one(automation.ActionUnchanged, "it did nothing")
	case e.Undo == automation.UndoNothing:
		return one(automation.ActionUnchanged, "it changed nothing")
	case p.q.Erased:
		return one(automation.ActionCannot, "the conversation was deleted for ever")
	case e.Undo == automation.UndoNever:
		return one(automation.ActionCannot, e.Stays)
	case len(a.Delivery) > 0:
		return p.deliveries(a.Delivery)
	case e.Undo != automation.UndoRestores:
		return one(automation.ActionCannot, "this build does not know how to take it back")
	}
	var out []Part
	for _, part := range p.take(e, actions[1:]) {
		i := slices.IndexFunc(p.reversals, func(r conversation.Reversal) bool { return r.Same(part) })
		if i < 0 {
			out = append(out, Part{State: automation.ActionUnchanged, Part: part,
				Reason: p.what(part) + ": the run itself left it as it was before"})
			continue
		}
		out = append(out, p.verdicts[i])
	}
	return out
}

// take takes the events that the action made, and lists the parts that they changed.
// Actions make their events in their order.
func (p *undoPlan) take(e automation.Effects, later []runs.ActionOutcome) []conversation.Part {
	isKind := func(k conversation.Kind) func(conversation.Event) bool {
		return func(e conversation.Event) bool { return e.Kind == k }
	}
	i := slices.IndexFunc(p.own, isKind(e.Event))
	if i < 0 {
		return nil
	}
	parts := p.own[i].Parts()
	p.own = slices.Delete(slices.Clone(p.own), i, i+1)
	follows := e.With
	if follows == "" || i == len(p.own) || p.own[i].Kind != follows {
		return parts
	}
	// It is the next action's own, unless there are more of them than such actions.
	left, wanted := 0, 0
	for _, e := range p.own[i:] {
		if e.Kind == follows {
			left++
		}
	}
	for _, a := range later {
		if (automation.Action{Do: a.Do}).Effects().Event == follows && a.State == automation.ActionDone {
			wanted++
		}
	}
	if left > wanted {
		parts = append(parts, p.own[i].Parts()...)
		p.own = slices.Delete(p.own, i, i+1)
	}
	return parts
}

// deliveries says what becomes of what the action sent out.
func (p *undoPlan) deliveries(ids []string) []Part {
	out := make([]Part, len(ids))
	for n, id := range ids {
		part := Part{Delivery: id, State: automation.ActionUnchanged, Reason: "nothing was sent"}
		i := slices.IndexFunc(p.q.Deliveries, func(d Delivery) bool { return d.ID == id })
		if i >= 0 {
			part.State, part.Reason = p.q.Deliveries[i].undone()
		}
		out[n] = part
	}
	return out
}

func (d Delivery) undone() (automation.ActionState, string) {
	what := "the mail"
	if d.Webhook {
		what = "the webhook"
	}
	switch {
	case d.Sent:
		return automation.ActionCannot, what + " was sent"
	case d.Over:
		return automation.ActionUnchanged, what + " was not sent"
	case d.Held:
		return automation.ActionCannot, underWay
	case d.Attempts > 0:
		return automation.ActionCancelled, fmt.Sprintf("%s is not tried any more; it was tried %s and not taken, as far as is known", what,
			automation.Times(d.Attempts))
	default:
		return automation.ActionCancelled, what + " is not sent"
	}
}
