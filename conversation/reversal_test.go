package conversation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// everyPart lists all parts that randomChange changes.
func everyPart() []Part {
	parts := []Part{
		{AspectMailbox, ""}, {AspectState, ""}, {AspectSubject, ""}, {AspectStatus, ""}, {AspectSnooze, ""},
		{AspectAutoReply, ""}, {AspectAssignee, ""}, {AspectField, "plan"}, {AspectField, "size"},
	}
	for _, n := range []string{"a", "b", "c"} {
		parts = append(parts, Part{AspectTag, n}, Part{AspectFollower, n})
	}
	return parts
}

func values(c Conversation) map[Part]string {
	out := map[Part]string{}
	for _, p := range everyPart() {
		out[p] = c.Value(p)
	}
	return out
}

// randomChange is what an action or a person may do, and what a customer brings
// about by writing.
func randomChange(t *rapid.T, ed *Editor, at time.Time) {
	one := func(words ...string) string { return rapid.SampledFrom(words).Draw(t, "value") }
	switch rapid.IntRange(0, 12).Draw(t, "change") {
	case 0, 1:
		ed.SetStatus(rapid.SampledFrom(Statuses).Draw(t, "status"))
	case 2:
		ed.SetState(rapid.SampledFrom([]State{StatePublished, StateDeleted}).Draw(t, "state"))
	case 3:
		ed.Assign(UserID(one("", "u1", "u2")))
	case 4:
		ed.Move(MailboxID(one("m0", "m1")))
	case 5:
		ed.SetSubject(one("s0", "s1"))
	case 6, 7:
		ed.ChangeTags([]string{one("a", "b", "c")}, []string{one("a", "b", "c")})
	case 8:
		ed.ChangeFollowers([]UserID{UserID(one("a", "b", "c"))}, []UserID{UserID(one("a", "b", "c"))})
	case 9:
		ed.SetField(Field{Name: one("plan", "size")}, one("", "x", "y"))
	case 10:
		ed.Snooze(at.Add(24 * time.Hour))
	case 11:
		ed.Wake()
	case 12:
		ed.DisableAutoReply()
	}
}

// A run, and its undo right after: the conversation is as it was, but for times and
// the count of events. What something else changed in between stays, and everything
// else is as before the run all the same.
func TestRevertTakesBackTheRunAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
		c := Conversation{ID: "c", MailboxID: "m0", Status: StatusActive, State: StatePublished, Subject: "s0", CreatedAt: at, UpdatedAt: at}
		var events []Event
		change := func(label string, most int, actor Actor, cause Cause, between func(before, after map[Part]string)) {
			for range rapid.IntRange(0, most).Draw(t, label) {
				at = at.Add(time.Second)
				before := values(c)
				ed := Edit(&c, actor, cause, at)
				if actor.Kind == ActorCustomer {
					ed.AddMessage(&Message{ID: "m", Kind: MessageCustomer, Author: actor})
				} else {
					randomChange(t, ed, at)
				}
				events = append(events, ed.Events()...)
				between(before, values(c))
			}
		}
		nothing := func(_, _ map[Part]string) {}
		change("earlier", 6, Actor{Kind: ActorUser}, Cause{}, nothing)
		before := c
		change("run", 8, Actor{Kind: ActorWorkflow}, Cause{Origin: 1, Depth: 1, Run: "r"}, nothing)
		touched := map[Part]bool{}
		touch := func(was, is map[Part]string) {
			for p := range was {
				touched[p] = touched[p] || was[p] != is[p]
			}
		}
		if rapid.Bool().Draw(t, "interfered") {
			change("user", 4, Actor{Kind: ActorUser}, Cause{}, touch)
			change("customer", 1, Actor{Kind: ActorCustomer}, Cause{}, touch)
			change("other run", 3, Actor{Kind: ActorWorkflow}, Cause{Origin: 1, Depth: 2, Run: "other"}, touch)
		}
		after := values(c)

		var free []Reversal
		for _, r := range Reversals(c, events, "r") {
			if r.Free() {
				free = append(free, r)
			}
		}
		Edit(&c, Actor{Kind: ActorUser}, Cause{Origin: c.LastSeq + 1, Run: "undo"}, at.Add(time.Second)).Revert(free)

		for p, got := range values(c) {
			want := values(before)[p]
			if touched[p] {
				want = after[p]
			}
			if got != want {
				t.Fatalf("%v is %q, want %q (touched since: %v)", p, got, want, touched[p])
			}
		}
		if len(touched) == 0 {
			if d := cmp.Diff(before, c, cmpopts.EquateEmpty(),
				cmpopts.IgnoreFields(c, "LastSeq", "UpdatedAt", "StatusChangedAt", "ClosedAt")); d != "" {
				t.Fatalf("not as before the run (-before +after the undo):\n%s", d)
			}
		}
	})
}

func TestReversalsSayWhoChangedItSince(t *testing.T) {
	t.Parallel()
	run := Cause{Origin: 1, Depth: 1, Run: "r"}
	bob := Actor{Kind: ActorUser, ID: "b"}
	until := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	now := Conversation{Status: StatusPending, Tags: []string{"x"}, Subject: "by hand in the database", SnoozedUntil: until}
	got := Reversals(now, []Event{
		{Seq: 1, Kind: KindSnoozed, Due: until.Add(-time.Hour)},
		{Seq: 2, Kind: KindTagsChanged, Added: []string{"x", "y"}, Removed: []string{"z"}, Cause: run},
		{Seq: 3, Kind: KindStatusChanged, From: "active", To: "closed", Cause: run},
		{Seq: 4, Kind: KindStatusChanged, From: "closed", To: "pending", Cause: run},
		{Seq: 5, Kind: KindSubjectChanged, From: "before", To: "after", Cause: run},
		{Seq: 6, Kind: KindSnoozed, Due: until, Cause: run},
		{Seq: 7, Kind: KindAssigneeChanged, From: "", To: "b", Cause: run},
		{Seq: 8, Kind: KindAssigneeChanged, From: "b", To: "", Cause: run},
		{Seq: 9, Kind: KindTagsChanged, Removed: []string{"y"}, Actor: bob},
		{Seq: 10, Kind: KindTagsChanged, Added: []string{"y"}, Actor: Actor{Kind: ActorSystem}},
	}, "r")
	type line struct {
		part      Part
		was, made string
		since     int64
		lost      bool
	}
	var lines []line
	for _, r := range got {
		l := line{r.Part, r.Was, r.Made, 0, r.Lost}
		if r.Since != nil {
			l.since = r.Since.Seq
		}
		lines = append(lines, l)
	}
	want := []line{
		{Part{AspectSubject, ""}, "before", "after", 0, true},
		{Part{AspectStatus, ""}, "active", "pending", 0, false},
		{Part{AspectSnooze, ""}, "2026-11-03T08:00:00Z", "2026-11-03T09:00:00Z", 0, false},
		{Part{AspectTag, "x"}, "", Present, 0, false},
		{Part{AspectTag, "y"}, "", Present, 10, false},
		{Part{AspectTag, "z"}, Present, "", 0, false},
	}
	if d := cmp.Diff(want, lines, cmp.AllowUnexported(line{})); d != "" {
		t.Fatal(d)
	}
}

// A snooze from before the run whose time has come meanwhile is over: the
// conversation comes back, as it would have.
func TestRevertOfASnoozeThatWouldHaveEnded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	c := Conversation{Status: StatusPending, SnoozedUntil: at.Add(time.Hour)}
	ed := Edit(&c, Actor{Kind: ActorUser}, Cause{}, at)
	ed.Revert([]Reversal{{Part: Part{Aspect: AspectSnooze}, Was: "2026-11-03T08:00:00Z"}})
	if !c.SnoozedUntil.IsZero() || c.Status != StatusActive {
		t.Fatalf("snoozed until %s, %s; want awake and active", c.SnoozedUntil, c.Status)
	}
}
