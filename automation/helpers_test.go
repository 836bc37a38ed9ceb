package automation

import (
	"flag"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

var asciiRange = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 127, Stride: 1}}, LatinOffset: 1}

// checks runs a property so many times (less with -short and with the race detector), and
// says how often: half of it always the same cases, half of it new ones, whose seed is
// logged, unless -rapid.seed names one for all. It sets flags of the whole package, so
// its tests must not be parallel.
func checks(t *testing.T, n int, property func(*rapid.T)) int {
	t.Helper()
	if raceDetector {
		n /= 10
	}
	if flag.Lookup("rapid.seed").Value.String() != "0" {
		flagged(t, "rapid.checks", strconv.Itoa(n), func() { rapid.Check(t, property) })
	} else {
		half := func(n int, seed uint64) {
			flagged(t, "rapid.checks", strconv.Itoa(n), func() {
				flagged(t, "rapid.seed", strconv.FormatUint(seed, 10), func() { rapid.Check(t, property) })
			})
		}
		half(n-n/2, 1)
		seed := rand.Uint64() | 1 //nolint:gosec // no secret
		t.Logf("%d new cases by -rapid.seed=%d", n/2, seed)
		half(n/2, seed)
	}
	if testing.Short() {
		n /= 5 // which is what rapid itself does
	}
	return n
}

// flagged sets a flag while do runs.
func flagged(t *testing.T, name, value string, do func()) {
	t.Helper()
	f := flag.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Value.Set(before) }()
	do()
}

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

// definition is an automatic workflow with the rows, all of which must hold.
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
