package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// Base is the conversation as the database has it, read at one moment. Its methods
// that write are never called.
type Base interface {
	activities.Conversation
	// SetNow says what time it is: what counts back from now counts from there.
	SetNow(now time.Time)
}

// rehearsed is the conversation of a simulation: what the base has, and on top of
// it what was done in memory. It is what Advance sees.
type rehearsed struct {
	Base
	now    time.Time
	row    conversation.Conversation
	dues   []automation.Due
	events []conversation.Happened // not handled before the simulation, and its own

	messages []conversation.Message // written here, oldest first
	runs     []runs.Run
	out      []delivery.Delivery
	pauses   []runs.Pause
	off      []automation.DefinitionID
	turns    map[automation.DefinitionID]conversation.UserID
	erased   bool
	asked    *asked
}

func newRehearsed(b Base) *rehearsed {
	events, _ := b.Events()
	return &rehearsed{Base: b, now: b.Now(), row: b.Row(), dues: b.Dues(), events: slices.Clone(events),
		turns: map[automation.DefinitionID]conversation.UserID{}}
}

// at moves time.
func (r *rehearsed) at(now time.Time) {
	r.now = now
	r.SetNow(now)
}

func (r *rehearsed) Now() time.Time                 { return r.now }
func (r *rehearsed) Row() conversation.Conversation { return r.row }
func (r *rehearsed) Dues() []automation.Due         { return r.dues }

func (r *rehearsed) Events() ([]conversation.Happened, bool) {
	var left []conversation.Happened
	for _, h := range r.events {
		if h.Event.Seq > r.row.HandledSeq {
			left = append(left, h)
		}
	}
	return left, false
}

// Surroundings names no delivery that waits: none is sent.
func (r *rehearsed) Surroundings(ctx context.Context) (conversation.Surroundings, []delivery.Delivery, error) {
	s, _, err := r.Base.Surroundings(ctx)
	if err == nil && s.Mailbox.ID != r.row.MailboxID {
		s.Mailbox, err = r.Mailbox(ctx, r.row.MailboxID)
	}
	return s, nil, err
}

func (r *rehearsed) Versions(ctx context.Context, id conversation.MailboxID) ([]automation.Version, error) {
	versions, err := r.Base.Versions(ctx, id)
	return slices.DeleteFunc(slices.Clone(versions), func(v automation.Version) bool { return slices.Contains(r.off, v.DefinitionID) }), err
}

// History is what the base has, and the runs, mails and pauses of the simulation.
func (r *rehearsed) History(ctx context.Context, origins int64) (runs.Usage, error) {
	h, err := r.Base.History(ctx, origins)
	if err != nil {
		return h, err
	}
	for _, run := range r.runs {
		if run.Trigger.ByHand() {
			if run.Trigger == automation.TriggerUndo && run.State == automation.RunDone {
				h.Add(run.DefinitionID, run.Mode, 0, []int64{run.Cause.Origin}, run.Episodes)
			}
			continue
		}
		counted, seqs := 0, []int64(nil)
		switch run.State {
		case automation.RunDone, automation.RunFailed:
			counted, seqs = 1, []int64{run.Cause.Origin}
		case automation.RunLimited:
			seqs = []int64{run.Cause.Origin}
		}
		h.Add(run.DefinitionID, run.Mode, counted, seqs, run.Episodes)
		if run.Mode == automation.ModeOn && r.within(run.CreatedAt, conversation.BudgetWindow) {
			h.AddRecent(run.DefinitionID, counted, counted)
		}
	}
	r.countMails(h)
	for _, p := range r.pauses {
		h.Pause(p)
	}
	return h, nil
}

// countMails counts the automatic mails of the simulation to the customer.
func (r *rehearsed) countMails(h runs.Usage) {
	for _, d := range r.out {
		if d.CustomerID != "" {
			h.AddMail(runs.Mailed{DefinitionID: automation.DefinitionID(d.DefinitionID), RunID: automation.RunID(d.RunID), At: d.CreatedAt})
		}
	}
}

// Recipients adds the automatic mails of the simulation.
func (r *rehearsed) Recipients(ctx context.Context, keys []string) ([]conversation.AutomaticMail, error) {
	got, err := r.Base.Recipients(ctx, keys)
	for _, d := range r.out {
		for _, m := range d.Automatic {
			if slices.Contains(keys, m.Recipient) {
				got = append(got, m)
			}
		}
	}
	return got, err
}

// TellFailing tells nobody.
func (r *rehearsed) TellFailing(context.Context, runs.Run) error { return nil }

// TellLimit tells nobody.
func (r *rehearsed) TellLimit(context.Context, conversation.MailLimit) error { return nil }

func (r *rehearsed) within(at time.Time, window time.Duration) bool {
	return at.After(r.now.Add(-window))
}

// How many messages the database gives of each kind.
const (
	recentLimit = 50
	threadLimit = 20
)

func (r *rehearsed) Recent(ctx context.Context) ([]conversation.Message, error) {
	recent, err := r.Base.Recent(ctx)
	own := r.newest(func(m conversation.Message) bool { return m.Kind == conversation.MessageCustomer })
	return atMost(recentLimit, append(own, recent...)), err
}

func (r *rehearsed) Notes(ctx context.Context) ([]conversation.Message, error) {
	notes, err := r.Base.Notes(ctx)
	own := r.newest(func(m conversation.Message) bool { return m.Kind == conversation.MessageNote })
	return atMost(recentLimit, append(own, notes...)), err
}

func (r *rehearsed) Last(ctx context.Context) (*conversation.Message, error) {
	if own := r.newest(func(m conversation.Message) bool { return m.Kind != conversation.MessageNote }); len(own) > 0 {
		return &own[0], nil
	}
	return r.Base.Last(ctx)
}

func (r *rehearsed) Thread(ctx context.Context) ([]conversation.Message, error) {
	thread, err := r.Base.Thread(ctx)
	own := r.newest(func(m conversation.Message) bool { return m.Kind.WithCustomer() })
	return atMost(threadLimit, append(own, thread...)), err
}

func atMost(limit int, list []conversation.Message) []conversation.Message {
	return list[:min(len(list), limit)]
}

// newest returns the simulation's own messages of a kind, newest first.
func (r *rehearsed) newest(which func(conversation.Message) bool) []conversation.Message {
	var out []conversation.Message
	for _, m := range slices.Backward(r.messages) {
		if which(m) {
			out = append(out, m)
		}
	}
	return out
}

// Turn holds nothing: others may take the turn meanwhile.
func (r *rehearsed) Turn(ctx context.Context, id automation.DefinitionID) (conversation.UserID, error) {
	if user, ok := r.turns[id]; ok {
		return user, nil
	}
	return r.Base.Turn(ctx, id)
}

func (r *rehearsed) SetTurn(_ context.Context, id automation.DefinitionID, user conversation.UserID) error {
	r.turns[id] = user
	return nil
}

func (r *rehearsed) Pause(_ context.Context, p runs.Pause) error {
	r.pauses = append(r.pauses, p)
	return nil
}

func (r *rehearsed) SwitchOff(_ context.Context, id automation.DefinitionID, _ automation.Reference) error {
	r.off = append(r.off, id)
	return nil
}

// AskedUndo adds what was done in memory.
func (r *rehearsed) AskedUndo(ctx context.Context, id automation.RunID) (runs.Run, undo.Inquiry, error) {
	run, q, err := r.Base.AskedUndo(ctx, id)
	q.Conversation = r.row
	last := int64(0)
	if n := len(q.Events); n > 0 {
		last = q.Events[n-1].Seq
	}
	for _, h := range r.events {
		if h.Event.Seq > last {
			q.Events = append(q.Events, h.Event)
		}
	}
	return run, q, err
}

// TellUndelivered tells nobody: that is told once, when it happens.
func (r *rehearsed) TellUndelivered(context.Context, delivery.ID) (*delivery.Undelivered, error) {
	return nil, nil //nolint:nilnil // nobody is to be told
}

// Cancel cancels nothing: no delivery of a simulation is ever sent.
func (r *rehearsed) Cancel(_ context.Context, ids []string, _ string) ([]string, error) {
	return ids, nil
}

// Save keeps the step in memory.
func (r *rehearsed) Save(_ context.Context, step runs.Step, out []delivery.Delivery) error {
	r.row = step.Conversation
	if step.Dues != nil {
		r.dues = step.Dues
	}
	r.happened(step.Events, step.Messages)
	r.runs = append(r.runs, step.Runs...)
	r.out = append(r.out, out...)
	r.erased = r.erased || step.Erase != ""
	return nil
}

// happened keeps events with their messages.
func (r *rehearsed) happened(events []conversation.Event, messages []conversation.Message) {
	for _, e := range events {
		h := conversation.Happened{Event: e}
		for i := range messages {
			if messages[i].ID == e.MessageID {
				h.Message = &messages[i]
			}
		}
		r.events = append(r.events, h)
	}
	r.messages = append(r.messages, messages...)
}

// Try undoes in memory.
func (r *rehearsed) Try(_ context.Context, do func() error) error {
	before := *r
	before.turns = map[automation.DefinitionID]conversation.UserID{}
	for id, user := range r.turns {
		before.turns[id] = user
	}
	err := do()
	if err != nil {
		*r = before
	}
	return err
}
