package conversation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// randomMessage is a message of anybody.
func randomMessage(t *rapid.T, id int) *Message {
	m := &Message{ID: MessageID(fmt.Sprint("m", id)), Machine: rapid.SampledFrom([]Machine{"", "", MachineAutoReply}).Draw(t, "machine")}
	m.Kind = rapid.SampledFrom([]MessageKind{MessageCustomer, MessageCustomer, MessageReply, MessageEmail, MessageNote,
		MessageThirdParty}).Draw(t, "kind")
	m.Author.Kind = rapid.SampledFrom([]ActorKind{ActorUser, ActorWorkflow}).Draw(t, "author")
	return m
}

func TestWhatIsTakenBackIsAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	looked := cmpopts.IgnoreFields(Conversation{}, "LastSeq", "UpdatedAt", "MailboxID", "SnoozedUntil", "Followers", "AutoReply")
	rapid.Check(t, func(t *rapid.T) {
		c := Conversation{ID: "c1", MailboxID: "m0", Subject: "s0", Status: StatusActive, State: StatePublished, StatusChangedAt: at}
		before := []Conversation{}
		var events []Event
		for i := range rapid.IntRange(1, 12).Draw(t, "steps") {
			at = at.Add(time.Minute)
			was := c
			was.Tags = slices.Clone(c.Tags)
			ed := Edit(&c, Actor{Kind: ActorUser, ID: "u1"}, Cause{}, at)
			if rapid.Bool().Draw(t, "message") {
				ed.AddMessage(randomMessage(t, i))
			} else {
				randomChange(t, ed, at)
			}
			for j, ev := range ed.Events() {
				events = append(events, ev)
				if j > 0 {
					was = before[len(before)-1] // seen at the first of what happened together
				}
				before = append(before, was)
			}
		}
		for i := len(events) - 1; i >= 0; i-- {
			c.TakeBack(events[i])
			together := i > 0 && events[i-1].At.Equal(events[i].At)
			if diff := cmp.Diff(before[i], c, looked, cmpopts.EquateEmpty()); diff != "" && !together {
				t.Fatalf("before event %d, %s:\n%s", events[i].Seq, events[i].Kind, diff)
			}
		}
	})
}

func TestWhatWasChangedSinceStays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := Conversation{Status: StatusActive, Subject: "s0", Tags: []string{"a"}}
	ed := Edit(&c, Actor{Kind: ActorUser}, Cause{}, at)
	ed.SetStatus(StatusPending)
	ed.SetSubject("s1")
	ed.Assign("u1")
	ed.SetField(Field{Name: "plan"}, "x")
	ed.ChangeTags([]string{"b"}, []string{"a"})
	events := ed.Events()
	run := Edit(&c, Actor{Kind: ActorWorkflow}, Cause{Run: "r1"}, at.Add(time.Minute))
	run.SetStatus(StatusClosed)
	run.SetSubject("s2")
	run.Assign("u2")
	run.SetField(Field{Name: "plan"}, "y")
	run.ChangeTags([]string{"a"}, nil)
	for i := len(events) - 1; i >= 0; i-- {
		c.TakeBack(events[i])
	}
	if c.Status != StatusClosed || !c.ClosedAt.Equal(at.Add(time.Minute)) || c.Subject != "s2" || c.AssigneeID != "u2" ||
		c.FieldValue("plan") != "y" || !slices.Equal(c.Tags, []string{"a"}) {
		t.Errorf("what a run did is lost: %+v", c)
	}
}

func TestAnAnswerKeepsSinceWhenItWasClosed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := Conversation{Status: StatusActive, Messages: 1}
	Edit(&c, Actor{}, Cause{}, at).SetStatus(StatusClosed)
	ed := Edit(&c, Actor{}, Cause{}, at.Add(time.Hour))
	ed.AddMessage(&Message{ID: "m2", Kind: MessageCustomer})
	if ev := ed.Events()[0]; ev.Before == nil || !ev.Before.ClosedAt.Equal(at) || c.Status != StatusActive {
		t.Errorf("the event says %+v, the status is %s", ev.Before, c.Status)
	}
}
