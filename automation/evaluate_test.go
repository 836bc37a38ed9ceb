package automation

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Conditions whose truth is known for facts().
var (
	isTrue    = cond("status", "is", "active")
	isFalse   = cond("status", "is", "closed")
	isUnknown = cond("last_agent_reply", "in_the_last", "1h")
)

func TestGroupsAreJoinedByAndRowsByOr(t *testing.T) {
	t.Parallel()
	type groups = []Group
	any := func(rows ...Condition) Group { return Group{Any: rows} }
	for _, c := range []struct {
		name   string
		groups groups
		want   Truth
	}{
		{"one true condition is enough for a group", groups{any(isFalse, isUnknown, isTrue)}, True},
		{"false conditions make a false group", groups{any(isFalse, isFalse)}, False},
		{"an unknown condition keeps a group from being false", groups{any(isFalse, isUnknown)}, Unknown},
		{"all groups must be true", groups{any(isTrue), any(isTrue)}, True},
		{"one false group is enough", groups{any(isTrue), any(isFalse)}, False},
		{"false wins over unknown", groups{any(isUnknown), any(isFalse)}, False},
		{"unknown wins over true", groups{any(isTrue), any(isUnknown)}, Unknown},
		{"hits are not counted: two true conditions of one group do not make up for another", groups{any(isTrue, isTrue), any(isFalse)}, False},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := definition()
			d.Conditions = c.groups
			p := compiled(t, d)
			if got := p.Evaluate(facts()); got.Holds != c.want || len(got.Groups) != len(c.groups) {
				t.Errorf("%+v, want %v", got, c.want)
			}
			if got := p.Holds(Prepare(facts())); got != c.want {
				t.Errorf("Holds: %v, want %v", got, c.want)
			}
		})
	}
}

func TestAnExplanationListsAlsoWhatDecidedNothing(t *testing.T) {
	t.Parallel()
	v := compiled(t, definition(isFalse, cond("body", "matches", "money"), isTrue)).Evaluate(facts())
	if len(v.Groups) != 3 || v.Groups[1].Rows[0].Holds != True || v.Groups[2].Rows[0].Actual != "active" {
		t.Fatalf("%+v", v)
	}
}

func TestNothingNeverMeansEverything(t *testing.T) {
	t.Parallel()
	if got := (&Program{definition: Definition{Type: TypeAutomatic}}).Evaluate(facts()); got.Holds != False {
		t.Errorf("no condition of an automatic workflow is %v", got.Holds)
	}
	d := definition()
	d.Type = TypeManual
	if got := compiled(t, d).Evaluate(facts()); got.Holds != True {
		t.Errorf("no condition of a manual workflow is %v", got.Holds)
	}
}

func TestAVerdictCanBeSaidByName(t *testing.T) {
	t.Parallel()
	d := definition(cond("assignee", "is", "u1"), Condition{Field: "moved_here", From: "m2"}, cond("assignee", "is_not", Unassigned))
	names := func(kind, id string) string {
		return map[string]string{"user u2": "Bob", "user u1": "Ann", "mailbox m2": "Billing"}[kind+" "+id]
	}
	got := compiled(t, d).Evaluate(facts(assignee("u2"))).Named(d, names)
	for i, want := range []string{"the assignee is Ann", "it was moved here from Billing", "somebody is assigned"} {
		if s := got.Groups[i].Rows[0].Sentence; s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
	if got.Holds != False || got.Groups[0].Rows[0].Actual != "Bob" || got.Groups[2].Rows[0].Actual != "Bob" {
		t.Errorf("%+v", got)
	}
}

func TestWhatMakesAWorkflowACandidate(t *testing.T) {
	t.Parallel()
	at := func(kind conversation.Kind, changes ...func(*conversation.Event)) conversation.Event {
		e := conversation.Event{Kind: kind}
		for _, change := range changes {
			change(&e)
		}
		return e
	}
	deep := func(depth int) func(*conversation.Event) {
		return func(e *conversation.Event) { e.Cause.Depth = depth }
	}
	tagsRow, movedRow := cond("tags", "has_any", "vip"), cond("moved_here", "", nil)
	for _, c := range []struct {
		name  string
		row   Condition
		event conversation.Event
		want  bool
	}{
		{"any tag change, for a condition on tags", tagsRow, at(conversation.KindTagsChanged), true},
		{"a first message, for every condition", tagsRow, at(conversation.KindCustomerMessage, first), true},
		{"a first message, for a condition on moves too", movedRow, at(conversation.KindCustomerMessage, first), true},
		{"a reply, for a condition on tags: no", tagsRow, at(conversation.KindCustomerMessage), false},
		{"a reply, for a condition on bodies", cond("body", "contains", "x"), at(conversation.KindCustomerMessage), true},
		{"a reply, for a condition on subjects: no", cond("subject", "contains", "x"), at(conversation.KindCustomerMessage), false},
		{"a new subject, for a condition on subjects", cond("subject", "contains", "x"), at(conversation.KindSubjectChanged), true},
		{"a reply, for customer replied", cond("customer_replied", "", nil), at(conversation.KindCustomerMessage), true},
		{"an agent's reply, for agent replied", cond("agent_replied", "", nil), at(conversation.KindAgentReply), true},
		{"a workflow's message, for agent replied: no", cond("agent_replied", "", nil), at(conversation.KindWorkflowMessage), false},
		{"a note, for note added", cond("note_added", "", nil), at(conversation.KindNoteAdded), true},
		{"a status, for a condition on status", cond("status", "is", "closed"), at(conversation.KindStatusChanged), true},
		{"a status, for waiting since", cond("waiting_since", "longer_than", "1h"), at(conversation.KindStatusChanged), true},
		{"a reply, for waiting since", cond("waiting_since", "not_longer_than", "1h"), at(conversation.KindCustomerMessage), true},
		{"a reply, for the last customer reply", cond("last_customer_reply", "in_the_last", "1h"), at(conversation.KindCustomerMessage), true},
		{"an agent's reply, for the last agent reply", cond("last_agent_reply", "in_the_last", "1h"), at(conversation.KindAgentReply), true},
		{"a workflow's message, for the last agent reply: no", cond("last_agent_reply", "in_the_last", "1h"),
			at(conversation.KindWorkflowMessage), false},
		{"an assignee, for a condition on the assignee", cond("assignee", "is", "u1"), at(conversation.KindAssigneeChanged), true},
		{"a deletion, for a condition on state", cond("state", "is", "deleted"), at(conversation.KindStateChanged), true},
		{"a deletion, for another condition: no", cond("status", "is", "active"), at(conversation.KindStateChanged), false},
		{"a move, for moved here", movedRow, at(conversation.KindMoved), true},
		{"a move, for another condition: no", tagsRow, at(conversation.KindMoved), false},
		{"a due time, which names its workflow: no", cond("created", "in_the_last", "1h"), at(conversation.KindDue), false},
		{"a chain of nine runs", tagsRow, at(conversation.KindTagsChanged, deep(conversation.MaxDepth-1)), true},
		{"a chain of ten runs: no", tagsRow, at(conversation.KindTagsChanged, deep(conversation.MaxDepth)), false},
		{"a first message at the end of a chain: no", tagsRow, at(conversation.KindCustomerMessage, first, deep(conversation.MaxDepth)), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compiled(t, definition(c.row)).Listens(c.event); got != c.want {
				t.Errorf("listens: %v, want %v", got, c.want)
			}
			manual := definition(c.row)
			manual.Type = TypeManual
			if compiled(t, manual).Listens(c.event) {
				t.Error("a manual workflow listens")
			}
		})
	}
}

func TestWhatAProgramNeeds(t *testing.T) {
	t.Parallel()
	body := compiled(t, definition(cond("body", "contains", "x"), cond("created", "in_the_last", "1h")))
	if body.Needs() != NeedsBodies || !body.HasDates() || body.LooksAtDeleted() {
		t.Error("a body and a date condition")
	}
	deleted := compiled(t, definition(cond("state", "is", "deleted")))
	if deleted.Needs() != 0 || deleted.HasDates() || !deleted.LooksAtDeleted() {
		t.Error("a state condition")
	}
	for state, want := range map[conversation.State]bool{conversation.StatePublished: true, conversation.StateDeleted: false,
		conversation.StateDraft: false} {
		if c := (conversation.Conversation{State: state}); body.LooksAt(c) != want || !deleted.LooksAt(c) {
			t.Errorf("%s: looks at %v and %v", state, body.LooksAt(c), deleted.LooksAt(c))
		}
	}
}

func TestDues(t *testing.T) {
	t.Parallel()
	waits := cond("waiting_since", "longer_than", "24h")
	anchor := t0.Add(-time.Hour)
	episode := "waiting_since.longer_than@2026-11-23T08:00:00.000000Z"
	used := func(runs int, episodes ...string) Used {
		u := Used{Runs: runs, Episodes: map[string]bool{}}
		for _, e := range episodes {
			u.Episodes[e] = true
		}
		return u
	}
	manual := definition(waits)
	manual.Type = TypeManual
	for _, c := range []struct {
		name  string
		d     Definition
		facts conversation.Facts
		used  Used
		want  []time.Time
	}{
		{"longer than becomes true", definition(waits), facts(), used(0), []time.Time{anchor.Add(24 * time.Hour)}},
		{"what became true is due since then", definition(waits), facts(now(t0.Add(48 * time.Hour))), used(0),
			[]time.Time{anchor.Add(24 * time.Hour)}},
		{"an episode is used once", definition(waits), facts(), used(0, episode), nil},
		{"another episode was used", definition(waits), facts(), used(0, "waiting_since.longer_than@2026-11-22T08:00:00.000000Z"),
			[]time.Time{anchor.Add(24 * time.Hour)}},
		{"runs are used up", definition(waits), facts(), used(1), nil},
		{"a manual workflow is never due", manual, facts(), used(0), nil},
		{"a deleted conversation is not looked at", definition(waits), facts(state(conversation.StateDeleted)), used(0), nil},
		{"nobody waits", definition(waits), facts(status(conversation.StatusClosed)), used(0), nil},
		{"another condition is false", definition(waits, isFalse), facts(), used(0), nil},
		{"another condition is unknown", definition(waits, isUnknown), facts(), used(0), nil},
		{"an event condition is never true by time", definition(waits, cond("customer_replied", "", nil)),
			facts(event(conversation.KindCustomerMessage)), used(0), nil},
		{"the body is that of recent messages, not of the event", definition(waits, cond("body", "contains", "money")),
			facts(message("Thanks")), used(0), []time.Time{anchor.Add(24 * time.Hour)}},
		{"a window that is open is due since it opened", definition(waits, cond("created", "in_the_last", "30h")),
			facts(now(anchor.Add(25 * time.Hour))), used(0), []time.Time{anchor.Add(24 * time.Hour), anchor.Add(24 * time.Hour)}},
		{"a window that closed is not due any more", definition(waits, cond("created", "in_the_last", "30h")),
			facts(now(anchor.Add(30 * time.Hour))), used(0), nil},
		{"a window that never opens", definition(waits, cond("created", "in_the_last", "24h")), facts(), used(0), nil},
		{"nothing to count from", definition(cond("last_agent_reply", "not_in_the_last", "72h")), facts(), used(0), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := compiled(t, c.d).Dues(c.facts, c.used)
			if len(got) != len(c.want) {
				t.Fatalf("%+v, want %v", got, c.want)
			}
			for i, due := range got {
				if !due.At.Equal(c.want[i]) || due.Row == "" || due.Episode == "" {
					t.Errorf("%+v, want at %v", due, c.want[i])
				}
			}
		})
	}
}

func TestAnEpisodeOutlivesAnEdit(t *testing.T) {
	t.Parallel()
	before := compiled(t, definition(cond("waiting_since", "longer_than", "30s")))
	after := compiled(t, definition(isTrue, cond("waiting_since", "longer_than", "10s")))
	used := Used{Episodes: map[string]bool{}}
	for _, e := range before.EpisodesAt(facts()) {
		used.Episodes[e] = true
	}
	if dues := after.Dues(facts(), used); len(dues) != 0 {
		t.Errorf("a rule that fired is due again because a condition came before it and its span was shortened: %+v", dues)
	}
	later := facts(func(f *conversation.Facts) { f.Conversation.WaitingSince = t0.Add(-time.Minute) })
	if dues := after.Dues(later, used); len(dues) != 1 {
		t.Errorf("a new wait is a new episode: %+v", dues)
	}
}

func TestAnEventDoesNotRunAnEpisodeTwice(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(cond("waiting_since", "longer_than", "30m"), cond("tags", "has_any", "vip")))
	used := Used{Episodes: map[string]bool{}}
	if p.EpisodeUsed(facts(), used) {
		t.Error("nothing is used yet")
	}
	for _, e := range p.EpisodesAt(facts()) {
		used.Episodes[e] = true
	}
	if !p.EpisodeUsed(facts(), used) {
		t.Error("the episode is used")
	}
	if p.EpisodeUsed(facts(status(conversation.StatusClosed)), used) {
		t.Error("no date condition is true: there is no episode to use")
	}
	without := compiled(t, definition(isTrue))
	if without.EpisodeUsed(facts(), used) || without.EpisodesAt(facts()) != nil {
		t.Error("a workflow without date conditions has no episodes")
	}
}
