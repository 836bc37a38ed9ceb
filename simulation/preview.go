package simulation

import (
	"cmp"
	"context"
	netmail "net/mail"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// asked is a manual run that is asked for in memory only.
type asked struct {
	run     runs.Run
	version automation.Version
}

// AskedRun is the one that a preview asks for, or one that was asked for before
// and waits.
func (r *rehearsed) AskedRun(ctx context.Context, id automation.RunID) (runs.Run, automation.Version, error) {
	if r.asked != nil && r.asked.run.ID == id {
		return r.asked.run, r.asked.version, nil
	}
	return r.Base.AskedRun(ctx, id)
}

// Preview says what a manual run of the version would do now: what is not handled
// yet is handled first, as it would be. run says who asks; its id must differ from
// those of the base.
func (s *Simulator) Preview(ctx context.Context, base Base, run runs.Run, v automation.Version) (runs.Preview, error) {
	sim := s.Begin(base)
	c := sim.conv
	p := runs.Preview{Now: sim.Now(), Pending: sim.Pending(), NeedsConfirmation: v.Definition.NeedsConfirmation()}
	event := sim.Ask(run, v)
	runs, err := sim.Advance(ctx, c.now)
	if err != nil {
		return p, err
	}
	if c.erased { // before it was its turn, unless it did it itself
		p.Run = run
		p.Run.State, p.Run.Reason = automation.RunRefused, "the conversation was deleted before the run began"
	}
	for _, r := range runs {
		switch {
		case r.ID == run.ID:
			p.Run = r
		case r.Cause.Origin == event.Seq:
			p.Then = append(p.Then, r)
		}
	}
	name, err := c.names(ctx, v)
	if err != nil {
		return p, err
	}
	for _, a := range p.Run.Actions {
		p.Does = append(p.Does, c.does(p.Run.ID, a, name))
	}
	return p, nil
}

// Ask asks for a manual run of the version, as somebody does who confirms what it
// sends or deletes; its id must differ from those of the base. It returns the event.
func (s *Simulation) Ask(run runs.Run, v automation.Version) (event conversation.Event) {
	s.Happen(run.Actor, func(ed *conversation.Editor) []conversation.Message {
		event = ed.Record(conversation.Event{Kind: conversation.KindManualRun, Run: string(run.ID), Definition: string(v.DefinitionID)})
		return nil
	})
	run.Confirmed, run.Seq = true, event.Seq
	s.conv.asked = &asked{run, v}
	return event
}

// names returns the names of users, mailboxes and the workflow by their ids.
func (r *rehearsed) names(ctx context.Context, v automation.Version) (func(id string) string, error) {
	users, err := r.Users(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]string{string(v.DefinitionID): v.Definition.Name}
	for _, u := range users {
		known[string(u.ID)] = u.Name
	}
	for _, h := range r.events {
		if h.Event.Kind != conversation.KindMoved {
			continue
		}
		for _, id := range []string{h.Event.From, h.Event.To} {
			m, err := r.Mailbox(ctx, conversation.MailboxID(id))
			if err != nil {
				return nil, err
			}
			known[id] = m.Name
		}
	}
	return func(id string) string { return cmp.Or(known[id], id) }, nil
}

// does gathers what one action did in memory.
func (r *rehearsed) does(run automation.RunID, a runs.ActionOutcome, name func(string) string) runs.Does {
	var d runs.Does
	for _, h := range r.events {
		switch {
		case !slices.Contains(a.Seqs, h.Event.Seq):
		case h.Message != nil:
			m := h.Message
			d.Writes = &runs.Written{MailboxID: m.MailboxID, To: m.To, Cc: m.Cc, Subject: m.Subject, Text: m.Text}
		default:
			d.Changes = append(d.Changes, h.Event.Sentence(name))
		}
	}
	for _, out := range r.out {
		if out.RunID != string(run) || !slices.Contains(a.Delivery, string(out.ID)) {
			continue
		}
		if d.Writes == nil {
			d.Writes = &runs.Written{MailboxID: out.MailboxID}
		}
		sends(d.Writes, out)
	}
	return d
}

// sends adds what a delivery says: a message of the conversation has its text
// already, without what is quoted below it.
func sends(w *runs.Written, d delivery.Delivery) {
	if m := d.Mail; m != nil {
		w.From = (&netmail.Address{Name: m.FromName, Address: m.FromAddress}).String()
		for _, to := range m.To {
			if !slices.Contains(w.To, to) {
				w.To = append(w.To, to)
			}
		}
		w.Bcc = m.Bcc
		w.Subject, w.Text = cmp.Or(w.Subject, m.Subject), cmp.Or(w.Text, m.Text)
	}
	if h := d.Webhook; h != nil {
		w.URL, w.Endpoint, w.Event, w.Body = h.URL, h.EndpointName, h.Event, string(h.Body)
	}
}
