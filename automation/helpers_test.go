package automation

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// t0 is the moment around which the tests' facts lie.
var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// facts is an ordinary conversation: Ann wrote an hour ago, nobody answered.
func facts(changes ...func(*conversation.Facts)) conversation.Facts {
	f := conversation.Facts{
		Now: t0,
		Conversation: conversation.Conversation{
			ID: "c1", Number: 7, MailboxID: "m1", CustomerID: "k1",
			Type: conversation.TypeEmail, Status: conversation.StatusActive, State: conversation.StatePublished,
			Subject: "Refund please", Tags: []string{"vip"},
			CreatedAt: t0.Add(-time.Hour), WaitingSince: t0.Add(-time.Hour), LastCustomerReplyAt: t0.Add(-time.Hour),
		},
		Customer: conversation.Customer{ID: "k1", FirstName: "Ann", Emails: []string{"ann@example.com", "ann@home.test"}},
		Mailbox:  conversation.Mailbox{ID: "m1", Name: "Support", Email: "support@smarticks.test"},
		Recent:   []conversation.Message{{Kind: conversation.MessageCustomer, Text: "I want my money back."}},
	}
	for _, change := range changes {
		change(&f)
	}
	return f
}

// event makes the facts those of an event.
func event(kind conversation.Kind, changes ...func(*conversation.Event)) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		f.Event = &conversation.Event{Seq: 3, Kind: kind, MailboxID: f.Mailbox.ID}
		for _, change := range changes {
			change(f.Event)
		}
	}
}

// definition is an automatic workflow with the conditions, all of which must hold.
func definition(rows ...Condition) Definition {
	d := Definition{Name: "A workflow", Type: TypeAutomatic, MaxRuns: 1, Actions: []Action{{Do: DoAddTags, Tags: []string{"seen"}}}}
	for _, r := range rows {
		d.Conditions = append(d.Conditions, Group{Any: []Condition{r}})
	}
	return d
}

func compiled(t testing.TB, d Definition) *Program {
	t.Helper()
	p, bad := Compile(d)
	if len(bad) > 0 {
		t.Fatalf("does not compile: %v", bad)
	}
	return p
}

// onlyProblem fails unless there is exactly one problem, at the path, whose
// sentence has the words in it.
func onlyProblem(t *testing.T, got []errs.Problem, path string, words ...string) {
	t.Helper()
	if len(got) != 1 || got[0].Path != path {
		t.Fatalf("problems = %+v, want one at %q", got, path)
	}
	for _, w := range words {
		if !strings.Contains(got[0].Message, w) {
			t.Errorf("%s: %q does not say %q", path, got[0].Message, w)
		}
	}
}
