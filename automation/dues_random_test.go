package automation

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// dateFields are the fields of the random definitions of this file: date rows
// twice as often as others.
var dateFields = []string{
	"waiting_since", "created", "last_customer_reply", "last_agent_reply", "waiting_since", "created", "last_customer_reply", "last_agent_reply",
	"status", "tags", "state", "customer_replied", "assignee",
}

func TestDuesAgreeWithASteppingThroughTime(t *testing.T) {
	var none, past, ahead int
	n := checks(t, 50_000, func(t *rapid.T) {
		d := drawDefinition(t, dateFields, 20)
		f := drawFacts(t, 20)
		p, bad := Compile(d)
		if len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
		used := drawUsed(t, p, f)
		got := p.Dues(f, used)
		want := naiveDues(d, f, used, 45, 30)
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("dues of %+v\nare  %+v\nwant %+v\nnow %v, %+v", d.Conditions, got, want, f.Now, f.Conversation)
		}
		next, ok := p.NextDue(f, used)
		switch {
		case ok != (len(want) > 0) || ok && next != want[0]:
			t.Fatalf("next due %+v, want the first of %+v", next, want)
		case !ok:
			none++
		case next.At.After(f.Now):
			ahead++
		default:
			past++
		}
	})
	if none < n/20 || past < n/20 || ahead < n/20 {
		t.Errorf("none due %d, past %d, ahead %d: the test proves little", none, past, ahead)
	}
}

// A run at a due time uses up what made it due, or the same time would be due
// for ever.
func TestARunAtItsDueTimeUsesUpItsEpisode(t *testing.T) {
	runs := 0
	n := checks(t, 10_000, func(t *rapid.T) {
		d := drawDefinition(t, dateFields, 20)
		d.MaxRuns = MaxRunsLimit
		p, _ := Compile(d)
		f := drawFacts(t, 20)
		f.Event, f.Message = nil, nil
		used := Used{Episodes: map[string]bool{}}
		for {
			due, ok := p.NextDue(f, used)
			if !ok {
				break
			}
			if due.At.After(f.Now) {
				f.Now = due.At
			}
			if holds := p.Evaluate(f).Holds; holds != True {
				t.Fatalf("at the due time %v it is %v", due, holds)
			}
			if p.EpisodeUsed(f, used) {
				t.Fatalf("due %v, but its episodes are used", due)
			}
			for _, e := range p.EpisodesAt(f) {
				used.Episodes[e] = true
			}
			if !used.Episodes[due.Episode] {
				t.Fatalf("a run at %v does not use up %s", f.Now, due.Episode)
			}
			if used.Runs++; used.Runs > len(p.dates) {
				t.Fatalf("%d runs of %d date rows, and nothing happened", used.Runs, len(p.dates))
			}
			runs++
		}
	})
	if runs < n/4 {
		t.Errorf("only %d runs: the test proves little", runs)
	}
}

// The microsecond before a due time the conditions do not hold, at it they do.
func TestADueTimeIsExactToTheMicrosecond(t *testing.T) {
	exact := 0
	n := checks(t, 5_000, func(t *rapid.T) {
		p, _ := Compile(drawDefinition(t, dateFields, 20))
		f := drawFacts(t, 20)
		f.Event, f.Message = nil, nil
		for _, at := range []*time.Time{&f.Conversation.CreatedAt, &f.Conversation.WaitingSince, &f.Conversation.LastAgentReplyAt, &f.Conversation.LastCustomerReplyAt} {
			if !at.IsZero() {
				*at = at.Add(time.Duration(rapid.IntRange(0, 999_999).Draw(t, "µs")) * time.Microsecond)
			}
		}
		due, ok := p.NextDue(f, Used{})
		if !ok || !due.At.After(f.Now) {
			return
		}
		f.Now = due.At
		if got := p.Evaluate(f).Holds; got != True {
			t.Fatalf("at its due time it is %v", got)
		}
		f.Now = due.At.Add(-time.Microsecond)
		v := p.Evaluate(f)
		var g, r int
		if _, err := fmt.Sscanf(due.Row, "conditions[%d].any[%d]", &g, &r); err != nil {
			t.Fatal(err)
		}
		if v.Holds == True && v.Groups[g].Rows[r].Holds == True {
			t.Fatalf("a microsecond before its due time %v it holds already", due)
		}
		exact++
	})
	if exact < n/10 {
		t.Errorf("only %d due times: the test proves little", exact)
	}
}
