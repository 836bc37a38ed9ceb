package automation

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/internal/property"
)

func TestEvaluateAgreesWithANaiveEvaluator(t *testing.T) {
	seen := map[Truth]int{}
	n := property.Check(t, 30_000, func(t *rapid.T) {
		d := drawDefinition(t, drawableFields(), 60)
		f := drawFacts(t, 60)
		p, bad := Compile(d)
		if len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
		v := p.Evaluate(f)
		want := map[int]Truth{-1: False, 0: Unknown, 1: True}
		if got := v.Holds; got != want[naiveEvaluate(d, f)] {
			t.Fatalf("holds: %v, the naive evaluator says %v\n%+v\n%+v", got, want[naiveEvaluate(d, f)], v, f)
		}
		for g := range d.Conditions {
			for r, c := range d.Conditions[g].Any {
				row := v.Groups[g].Rows[r]
				if row.Holds != want[naiveRow(c, f)] {
					t.Fatalf("%s: %v, the naive evaluator says %v", row.Sentence, row.Holds, want[naiveRow(c, f)])
				}
				if row.Holds == Unknown && row.Why == "" {
					t.Fatalf("%s is unknown and does not say why", row.Sentence)
				}
			}
		}
		if got := p.Holds(Prepare(f)); got != v.Holds {
			t.Fatalf("Holds says %v, Evaluate %v", got, v.Holds)
		}
		seen[v.Holds]++
	})
	for _, truth := range []Truth{True, False, Unknown} {
		if seen[truth] < n/50 {
			t.Errorf("only %d cases were %v: the test proves little", seen[truth], truth)
		}
	}
}

func TestFactsPreparedStepByStepAreTheSame(t *testing.T) {
	property.Check(t, 2_000, func(t *rapid.T) {
		p, _ := Compile(drawDefinition(t, drawableFields(), 60))
		prepared := Prepare(drawFacts(t, 60))
		p.EvaluatePrepared(prepared)
		for range 3 {
			f := drawFacts(t, 60)
			prepared = prepared.With(f)
			if got, want := p.EvaluatePrepared(prepared), p.Evaluate(f); !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v, fresh: %+v", got, want)
			}
		}
	})
}

func TestADefinitionIsTheSameAfterEncodeAndDecode(t *testing.T) {
	property.Check(t, 5_000, func(t *rapid.T) {
		d := drawDefinition(t, drawableFields(), 60)
		d.ApplyToEarlier = rapid.Bool().Draw(t, "earlier")
		d.Notes = rapid.SampledFrom([]string{"", "a\nnote"}).Draw(t, "notes")
		d.Actions = rapid.SliceOfN(rapid.Custom(drawAction), 1, 5).Draw(t, "actions")
		// After it there is nothing to act on: what follows is left out.
		if i := slices.IndexFunc(d.Actions, func(a Action) bool { return a.Do == DoDeleteForever }); i >= 0 {
			d.Actions = d.Actions[:i+1]
		}
		back, bad := Decode(Encode(d))
		if len(bad) > 0 || !reflect.DeepEqual(back, d) {
			t.Fatalf("%v\n%+v\n%+v", bad, d, back)
		}
		if _, bad := Compile(d); len(bad) > 0 {
			t.Fatalf("%+v does not compile: %v", d, bad)
		}
	})
}

func drawAction(t *rapid.T) Action {
	text := rapid.SampledFrom([]string{"hello", "Hi {%customer.firstName,fallback=there%}", "a lone {% here"})
	a := Action{Do: pick(t, actionNames())}
	for _, p := range findAction(a.Do).parts() {
		needed := false
		for _, n := range findAction(a.Do).needs {
			needed = needed || n == p
		}
		if !needed && rapid.Bool().Draw(t, "left out") {
			continue
		}
		switch p {
		case tagsPart:
			a.Tags = rapid.SliceOfN(rapid.SampledFrom(someTags), 1, 3).Draw(t, "tags")
		case statusPart:
			a.Status = pick(t, statusNames())
		case toOnePart:
			a.To = []string{pick(t, []string{Unassigned, "u1", "bob@smarticks.test"})}
		case toManyPart:
			a.To = rapid.SliceOfN(rapid.SampledFrom([]string{ToAssignee, ToAllUsers, ToLastAgent, "u1"}), 1, 3).Draw(t, "to")
		case addressesPart:
			a.To = []string{"books@example.com"}
		case ccPart:
			a.Cc = []string{"boss@example.com", "b@example.com"}
		case bccPart:
			a.Bcc = []string{"hidden@example.com"}
		case userPart:
			a.User = pick(t, []string{ToAssignee, "u1", "bob@smarticks.test"})
		case amongPart:
			a.To, a.Among = []string{ToRoundRobin}, []string{"u1", "u2"}
		case untilPart:
			a.Until = pick(t, []string{"2h", "3d", "2030-01-31T09:00:00+01:00"})
		case availablePart:
			a.To, a.OnlyIfAvailable = []string{ToRoundRobin}, true
		case mailboxPart:
			a.Mailbox = pick(t, someMailbox)
		case subjectPart:
			a.Subject = text.Draw(t, "subject")
		case bodyPart:
			a.Body = text.Draw(t, "body")
		case fieldPart:
			a.Field = pick(t, []string{"Plan", "Renews on"})
		case valuePart:
			a.Value = pick(t, []string{"paid", "7", "Hi {%customer.firstName,fallback=there%}"})
		case methodPart:
			a.Method = pick(t, webhookMethods)
		case headersPart:
			a.Headers = map[string]string{"X-Key": "secret", "x-other": ""}
		case treePart:
			a.JSON = pick(t, []any{"text", 1.5, true, map[string]any{}, []any{},
				map[string]any{"number": "{%conversation.number%}", "list": []any{1.0, nil, "x"}}})
		case eventPart:
			a.Event = "refund.asked"
		}
	}
	if a.Do == DoWebhook { // an address, or an endpoint with an event
		a.URL = "https://erp.example/refunds"
		if rapid.Bool().Draw(t, "endpoint") {
			a.URL, a.Method, a.Endpoint, a.Event = "", "", "ERP", "refund.asked"
		}
	}
	return a
}
