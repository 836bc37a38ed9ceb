package automation

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/property"
)

// drawEvent makes the facts those of an event, which may make any workflow a
// candidate.
func drawEvent(t *rapid.T, f *conversation.Facts) conversation.Event {
	if f.Event == nil {
		f.Event = &conversation.Event{Kind: pick(t, someKinds)}
	}
	f.Event.Cause.Depth = pick(t, []int{0, 0, 0, 1, conversation.MaxDepth})
	return *f.Event
}

// edit changes the facts as an earlier workflow of the mailbox might.
func edit(t *rapid.T, f *conversation.Facts) {
	other := drawFacts(t, 60)
	switch rapid.IntRange(0, 4).Draw(t, "edit") {
	case 0:
		f.Conversation.Subject = other.Conversation.Subject
	case 1:
		f.Conversation.Tags = other.Conversation.Tags
	case 2:
		f.Conversation.Status, f.Conversation.AssigneeID = other.Conversation.Status, other.Conversation.AssigneeID
	case 3:
		f.Customer.Emails = other.Customer.Emails
	case 4:
		f.Message, f.Recent = other.Message, other.Recent
	}
}

func TestASetMissesNoWorkflowThatHolds(t *testing.T) {
	candidates, holding, all := 0, 0, 0
	property.Check(t, 3_000, func(t *rapid.T) {
		programs := make([]*Program, rapid.IntRange(1, 12).Draw(t, "size"))
		for i := range programs {
			if rapid.IntRange(0, 20).Draw(t, "nil") > 0 {
				programs[i], _ = Compile(drawDefinition(t, drawableFields(), 60))
			}
		}
		set := newSet(programs, pick(t, []int{0, 0, 3}))
		f := drawFacts(t, 60)
		e := drawEvent(t, &f)
		var prepared *Prepared
		for range 3 {
			prepared = prepared.With(f)
			may := set.Candidates(e, prepared)
			for i, p := range programs {
				all++
				if may.bits.Has(i) {
					candidates++
				}
				if p == nil && !may.bits.Has(i) {
					t.Fatalf("workflow %d, of which nothing is known, is left out", i)
				}
				if p == nil || !p.Listens(e) || p.Evaluate(f).Holds != True {
					continue
				}
				if holding++; !may.bits.Has(i) {
					t.Fatalf("workflow %d holds and is left out: %+v\n%+v", i, p.definition.Conditions, f)
				}
			}
			edit(t, &f)
			f.Event = &e
		}
	})
	if holding == 0 || candidates > all*3/4 {
		t.Errorf("%d of %d hold, %d are candidates: the test proves little", holding, all, candidates)
	}
}

func TestASetFindsTheWorkflowsOfAWord(t *testing.T) {
	t.Parallel()
	var programs []*Program
	for i := range 200 {
		programs = append(programs, compiled(t, definition(cond("status", "is", "active"), cond("body", "contains", fmt.Sprintf("word%dx", i)))))
	}
	programs = append(programs, compiled(t, definition(cond("customer_replied", "", nil))),
		compiled(t, Definition{Name: "A", Type: TypeManual, MaxRuns: 1, Actions: []Action{{Do: DoStop}}}))
	set := NewSet(programs)
	for name, c := range map[string]struct {
		kind conversation.Kind
		text string
		want []int
	}{
		"two words":                  {conversation.KindCustomerMessage, "Word7x and wOrD150x.", []int{7, 150, 200}},
		"no word":                    {conversation.KindCustomerMessage, "word", []int{200}},
		"an event nobody listens to": {conversation.KindNoteAdded, "word7x", nil},
	} {
		f := facts(event(c.kind), message(c.text))
		may := set.Candidates(*f.Event, Prepare(f))
		var got []int
		for i := may.Next(0); i >= 0; i = may.Next(i + 1) {
			got = append(got, i)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: candidates %v, want %v", name, got, c.want)
		}
	}
	if all := AllCandidates(len(programs)); all.Next(201) != 201 || all.Next(202) != -1 {
		t.Error("AllCandidates does not hold all")
	}
}
