package automation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/property"
)

// life is a conversation to which things happen, and all that conditions look at.
type life struct {
	conv          conversation.Conversation
	customer      conversation.Customer
	mailbox       conversation.Mailbox
	recent, notes []conversation.Message
	last          *conversation.Message
	n             int
}

// at are the facts at an instant at which nothing happens.
func (l *life) at(now time.Time) conversation.Facts {
	return conversation.Facts{Now: now, Conversation: l.conv, Customer: l.customer, Mailbox: l.mailbox, Recent: l.recent, Notes: l.notes,
		Last: l.last}
}

// happen changes the conversation in a drawn way, and returns the events.
func (l *life) happen(t *rapid.T, now time.Time) []conversation.Event {
	user := conversation.Actor{Kind: conversation.ActorUser, ID: pick(t, someUsers)}
	ed := conversation.Edit(&l.conv, user, conversation.Cause{}, now)
	l.conv.Tags = slices.Clone(l.conv.Tags)
	switch pick(t, []string{"customer", "customer", "agent", "workflow", "note", "status", "status", "assign", "tags", "subject", "state",
		"rate", "view"}) {
	case "customer":
		l.write(t, ed, conversation.MessageCustomer, conversation.Actor{Kind: conversation.ActorCustomer})
	case "agent":
		l.write(t, ed, conversation.MessageReply, user)
	case "workflow":
		l.write(t, ed, conversation.MessageReply, conversation.Actor{Kind: conversation.ActorWorkflow, ID: "w1"})
	case "note":
		l.write(t, ed, conversation.MessageNote, user)
	case "status":
		ed.SetStatus(pick(t, conversation.Statuses))
	case "assign":
		ed.Assign(conversation.UserID(pick(t, append([]string{""}, someUsers...))))
	case "tags":
		ed.ChangeTags(rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 2).Draw(t, "add"),
			rapid.SliceOfN(rapid.SampledFrom(someTags), 0, 2).Draw(t, "remove"))
	case "subject":
		ed.SetSubject(pick(t, append([]string{""}, someWords...)))
	case "state":
		ed.SetState(pick(t, []conversation.State{conversation.StatePublished, conversation.StateDeleted}))
	case "rate":
		ed.Rate(pick(t, conversation.Ratings), "")
	case "view":
		if l.conv.LastReplyID != "" {
			ed.View(l.conv.LastReplyID)
		}
	}
	return ed.Events()
}

func (l *life) write(t *rapid.T, ed *conversation.Editor, kind conversation.MessageKind, author conversation.Actor) {
	m := drawMessage(t)
	l.n++
	m.ID, m.Kind, m.Author = conversation.MessageID(fmt.Sprintf("m%d", l.n)), kind, author
	if kind != conversation.MessageCustomer {
		m.Machine, m.Headers = "", nil
	}
	ed.AddMessage(&m)
	switch kind {
	case conversation.MessageCustomer:
		l.recent = append([]conversation.Message{m}, l.recent...)
	case conversation.MessageNote:
		l.notes = append([]conversation.Message{m}, l.notes...)
		return
	}
	l.last = &m
}

// stateFields are the fields that look at what is so, now or by the time: all but
// those of an event, and those of the calendar, which only narrow.
func stateFields() []string {
	var names []string
	for _, f := range allFields() {
		if !f.event() && !slices.Contains([]string{"business_hours", "day_of_week", "time_of_day"}, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// TestNothingComesTrueUnseen compares the table of who listens to what with what
// changes what: whenever the conditions come true, it is at an event that made the
// workflow a candidate, or at an instant at which it was due. (A move is heard by
// "moved here" alone, and is not among what happens here.)
func TestNothingComesTrueUnseen(t *testing.T) {
	names := stateFields()
	byEvent, byTime := 0, 0
	n := property.Check(t, 10_000, func(t *rapid.T) {
		p := compiledDraw(t, drawDefinition(t, names, 60))
		now := t0
		l := &life{customer: conversation.Customer{Emails: someEmails[:1]},
			mailbox: conversation.Mailbox{TrackViews: rapid.Bool().Draw(t, "track")}}
		l.conv = conversation.Conversation{
			Status: conversation.StatusActive, State: conversation.StatePublished, Type: conversation.TypeEmail, Channel: conversation.ChannelEmail,
			StartedBy: conversation.ActorCustomer, CreatedAt: now, StatusChangedAt: now, Subject: pick(t, someWords),
		}
		l.write(t, conversation.Edit(&l.conv, conversation.Actor{Kind: conversation.ActorCustomer}, conversation.Cause{}, now),
			conversation.MessageCustomer, conversation.Actor{Kind: conversation.ActorCustomer})
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			for until := now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "pause")) * time.Second); now.Before(until); {
				before := l.at(now)
				now = now.Add(time.Second)
				if p.LooksAt(l.conv) && p.Evaluate(before).Holds != True && p.Evaluate(l.at(now)).Holds == True {
					byTime++
					dues := p.Dues(before, Used{})
					if !slices.ContainsFunc(dues, func(d Due) bool { return d.At.Equal(now) }) {
						t.Fatalf("came true at %v, due was %v\n%+v\n%+v", now, dues, p.Evaluate(before), p.Evaluate(l.at(now)))
					}
				}
			}
			before := p.Evaluate(l.at(now))
			events := l.happen(t, now)
			after := p.Evaluate(l.at(now))
			if before.Holds != True && after.Holds == True {
				byEvent++
				if !slices.ContainsFunc(events, p.Listens) {
					t.Fatalf("came true unheard at %+v\n%+v\n%+v", events, before, after)
				}
			}
		}
	})
	if byEvent < n/100 || byTime < n/200 {
		t.Errorf("%d by an event, %d by time in %d cases: the test proves little", byEvent, byTime, n)
	}
}

func compiledDraw(t *rapid.T, d Definition) *Program {
	p, bad := Compile(d)
	if len(bad) > 0 {
		t.Fatalf("%+v does not compile: %v", d, bad)
	}
	return p
}
