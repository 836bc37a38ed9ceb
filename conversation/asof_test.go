package conversation

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// What Editor made of a conversation after each event is what AsOf rebuilds from
// its last row, its events and its messages.
func TestAsOfIsWhatTheEditorMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
		c := Conversation{
			ID: "c", MailboxID: "m0", Status: StatusActive, State: StatePublished, Subject: "s0",
			CreatedAt: at, UpdatedAt: at, StatusChangedAt: at,
		}
		was := map[int64]Conversation{0: c}
		messages := map[MessageID]Message{}
		var events []Event
		for i := range rapid.IntRange(1, 40).Draw(t, "edits") {
			ed := Edit(&c, Actor{Kind: ActorUser, ID: "u"}, Cause{}, at)
			if m := randomEdit(t, ed, i, at); m != nil {
				messages[m.ID] = *m
			}
			events = append(events, ed.Events()...)
			was[c.LastSeq] = c
			at = at.Add(time.Duration(rapid.IntRange(1, 9000).Draw(t, "seconds")) * time.Second)
		}
		for seq, want := range was {
			want.HandledSeq = seq
			got, unknown := AsOf(c, events, messages, seq)
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("as of %d (-was +rebuilt):\n%s", seq, d)
			}
			if len(unknown) != 1 {
				t.Fatalf("as of %d: unknown %v, want attention alone", seq, unknown)
			}
		}
	})
}

func TestAsOfNamesTheMessageThatIsNotThere(t *testing.T) {
	events := []Event{{Seq: 1, Kind: KindCustomerMessage, First: true, MessageID: "gone"}}
	_, unknown := AsOf(Conversation{}, events, nil, 1)
	if d := cmp.Diff([]string{"attention", "message gone"}, unknown); d != "" {
		t.Fatal(d)
	}
}

func TestAsOfAConsiderationUpdatesNothing(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	c, _ := AsOf(Conversation{CreatedAt: at}, []Event{{Seq: 1, Kind: KindConsider, At: at.Add(time.Hour)}}, nil, 1)
	if c.LastSeq != 1 || !c.UpdatedAt.Equal(at) {
		t.Fatalf("seq %d, updated at %s; want 1 and %s", c.LastSeq, c.UpdatedAt, at)
	}
}

// randomEdit makes one edit and returns the message that it wrote, if it did.
func randomEdit(t *rapid.T, ed *Editor, i int, at time.Time) *Message {
	one := func(values ...string) string { return rapid.SampledFrom(values).Draw(t, "value") }
	switch rapid.IntRange(0, 17).Draw(t, "edit") {
	case 0:
		ed.SetStatus(rapid.SampledFrom(Statuses).Draw(t, "status"))
	case 1:
		ed.SetState(rapid.SampledFrom([]State{StatePublished, StateDeleted}).Draw(t, "state"))
	case 2:
		ed.Assign(UserID(one("", "u1", "u2")))
	case 3:
		ed.Move(MailboxID(one("m0", "m1", "m2")))
	case 4:
		ed.SetSubject(one("s0", "s1", "s2"))
	case 5:
		ed.ChangeTags([]string{one("a", "b", "c"), one("a", "b", "c")}, []string{one("a", "b", "d")})
	case 6:
		ed.ChangeFollowers([]UserID{UserID(one("u1", "u2"))}, []UserID{UserID(one("u1", "u3"))})
	case 7:
		ed.SetField(Field{Name: one("plan", "Plan", "size")}, one("", "x", "y"))
	case 8:
		ed.Snooze(at.Add(time.Hour))
	case 9:
		ed.Wake()
	case 10:
		ed.DisableAutoReply()
	case 17:
		ed.EnableAutoReply()
	case 11:
		ed.Rate(rapid.SampledFrom(Ratings).Draw(t, "rating"), one("", "thanks"))
	case 12:
		ed.View(MessageID(fmt.Sprintf("msg%d", rapid.IntRange(0, i).Draw(t, "seen"))))
	case 13:
		ed.View(ed.c.LastReplyID)
	default:
		m := &Message{
			ID: MessageID(fmt.Sprintf("msg%d", i)),
			Kind: rapid.SampledFrom([]MessageKind{MessageCustomer, MessageThirdParty, MessageReply, MessageEmail, MessageForward,
				MessageNote}).Draw(t, "kind"),
			Author:  Actor{Kind: rapid.SampledFrom([]ActorKind{ActorUser, ActorWorkflow}).Draw(t, "author")},
			Machine: rapid.SampledFrom([]Machine{"", MachineAutoReply, MachineList}).Draw(t, "machine"),
		}
		m.From = one("", "ann@a.test", "Bob@b.test")
		m.To, m.Cc = []string{one("us@ours.test", "cat@c.test")}, []string{one("", "dan@d.test")}
		ed.AddMessage(m)
		if m.Kind == MessageCustomer {
			ed.TakePart(m.Participants(func(key string) bool { return key == "us@ours.test" }))
		}
		return m
	}
	return nil
}
