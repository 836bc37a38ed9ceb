package simulation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// limited has a workflow that reminds by time in a mailbox whose limits are the
// given ones, and fills the window of the customer.
func (h *house) limited(l conversation.Limits, reminds ...automation.Condition) (id conversation.ID) {
	h.Helper()
	_, err := h.Store.ChangeSettings(h.Context(), access.System(), conversation.SettingsChange{Limits: l})
	testhouse.Must(h, err)
	mb := h.Mailbox("limited")
	group := func(c automation.Condition) automation.Group {
		return automation.Group{Any: []automation.Condition{c}}
	}
	reply := automation.Action{Do: "email", Subject: "About it", Body: "Hello"}
	fill := automation.Definition{Name: "fill", Type: automation.TypeAutomatic, MaxRuns: 1,
		Conditions: []automation.Group{group(automation.Condition{Field: "new_conversation"})}, Actions: []automation.Action{reply}}
	_, err = h.Store.CreateDefinition(h.Context(), access.System(), mb.ID, fill, automation.ModeOn)
	testhouse.Must(h, err)
	remind := automation.Definition{Name: "remind", Type: automation.TypeAutomatic, MaxRuns: 1,
		Conditions: []automation.Group{group(automation.Condition{Field: "waiting_since", Op: "longer_than", Value: "1h"})},
		Actions:    []automation.Action{{Do: "add_tags", Tags: []string{"reminded"}}, reply}}
	for _, c := range reminds {
		remind.Conditions = append(remind.Conditions, group(c))
	}
	_, err = h.Store.CreateDefinition(h.Context(), access.System(), mb.ID, remind, automation.ModeOn)
	testhouse.Must(h, err)
	return h.mail(mb)
}

// reminded lists the runs of the reminding workflow: their states, and when they were.
func (h *house) reminded(id conversation.ID) (states []string, at []time.Time) {
	h.Helper()
	runs, err := h.Store.RunsOfConversation(h.Context(), access.System(), id, runs.Filter{}, conversation.Page{Limit: 20})
	testhouse.Must(h, err)
	for _, r := range slices.Backward(runs) {
		if r.Name == "remind" {
			states, at = append(states, string(r.State)), append(at, r.CreatedAt)
		}
	}
	return states, at
}

// A run by time whose mail may not go waits until its window opens: before and while
// it waits, the forecast says when that is.
func TestARunByTimeWaitsUntilItsMailMayGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.limited(conversation.Limits{Recipient: 1})
	began := time.Now()
	h.goTo(id, h.Now())
	sent := h.Now()
	opens := sent.Add(conversation.RecipientWindow)
	// What takes long on a slow machine is late by as much.
	off := func(at time.Time) bool { return at.Sub(opens).Abs() > 2*time.Second+time.Since(began) }
	check := func(when string) {
		t.Helper()
		f := h.forecast(id, 10)
		if len(f.Coming) != 1 || len(f.Coming[0].Runs) != 1 || f.Coming[0].Runs[0].State != automation.RunDone || off(f.Coming[0].At) {
			t.Fatalf("%s: the forecast is %+v, want a run at %v", when, f.Coming, opens)
		}
	}
	check("before")
	h.pass(id, sent.Add(2*time.Hour))
	if states, _ := h.reminded(id); len(states) != 0 {
		t.Fatalf("runs %q while its mail may not go", states)
	}
	check("while it waits")
	var remind automation.DefinitionID
	testhouse.Must(h, h.Pool.QueryRow(t.Context(), `SELECT id FROM definitions WHERE name = 'remind'`).Scan(&remind))
	q, err := h.Store.Inquire(t.Context(), access.System(), id, remind)
	testhouse.Must(h, err)
	x := explain.Explain(q)
	says := ", and it waits until " + x.Next.UTC().Format("2006-01-02 15:04:05 UTC") + ", since its mail may not go before: "
	if !strings.Contains(x.Answer, " Its time came at ") || !strings.Contains(x.Answer, says) || off(x.Next) || x.Held == "" {
		t.Errorf("while it waits until %v explain says %s", opens, x.Answer)
	}
	// What happens meanwhile changes nothing.
	_, err = h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageNote, Body: "a note"})
	testhouse.Must(h, err)
	h.goTo(id, h.Now())
	check("after a note")
	h.pass(id, sent.Add(4*time.Hour))
	states, at := h.reminded(id)
	if !slices.Equal(states, []string{"done"}) || off(at[0]) {
		t.Errorf("runs %q at %v, want one at %v", states, at, opens)
	}
}

func TestARunByTimeEndsAsLimited(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits    conversation.Limits
		meanwhile func(h *house, id conversation.ID)
		pass      time.Duration
		reason    string
	}{
		"after a day of waiting": {conversation.Limits{Recipient: 100, RecipientDay: 1}, func(h *house, id conversation.ID) {
			// Another mail to her fills the window again just when it opens.
			h.pass(id, h.Now().Add(23*time.Hour))
			_, err := h.Pool.Exec(h.Context(), `INSERT INTO automatic_mails SELECT recipient, subject, at + interval '23 hours' FROM
				automatic_mails`)
			testhouse.Must(h, err)
		}, 3 * time.Hour, "mails_per_recipient_and_day"},
		"when its conditions no longer hold": {conversation.Limits{Recipient: 1}, func(h *house, id conversation.ID) {
			h.pass(id, h.Now().Add(2*time.Hour))
			_, err := h.Store.PostMessage(h.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageReply, Body: "Done"})
			testhouse.Must(h, err)
			h.goTo(id, h.Now())
		}, 3 * time.Hour, "the conditions no longer held"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			id := h.limited(c.limits)
			h.goTo(id, h.Now())
			c.meanwhile(h, id)
			h.pass(id, h.Now().Add(c.pass))
			runs, err := h.Store.RunsOfConversation(t.Context(), access.System(), id, runs.Filter{State: automation.RunLimited},
				conversation.Page{Limit: 20})
			testhouse.Must(h, err)
			if len(runs) != 1 || runs[0].Name != "remind" || !strings.Contains(runs[0].Reason, c.reason) || len(runs[0].Actions) != 0 {
				t.Fatalf("limited runs %+v, want one because of %q", runs, c.reason)
			}
			h.pass(id, h.Now().Add(48*time.Hour))
			if states, _ := h.reminded(id); !slices.Equal(states, []string{"limited"}) {
				t.Errorf("runs %q, want the limited one alone", states)
			}
		})
	}
}
