package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

func (h *house) preview(who access.Caller, id conversation.ID, d automation.DefinitionID) runs.Preview {
	h.Helper()
	var p runs.Preview
	testhouse.Must(h, h.Store.Rehearse(h.Context(), who, id, func(ctx context.Context, r store.Rehearsal) error {
		run, v, err := r.Asked(ctx, who, d)
		if err != nil {
			return err
		}
		p, err = h.sim.Preview(ctx, r, run, v)
		return err
	}))
	return p
}

// texts are what was written on the conversation, or would be, in the order of the
// actions: only texts, and subjects of mails.
func (h *house) texts(id conversation.ID) []string {
	h.Helper()
	rows, err := h.Pool.Query(h.Context(), `SELECT kind || ' ' || subject || ' ' || body_text FROM messages WHERE conversation_id = $1 AND
		kind <> 'customer' ORDER BY created_at, id`, id)
	testhouse.Must(h, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		testhouse.Must(h, rows.Scan(&s))
		out = append(out, s)
	}
	testhouse.Must(h, rows.Err())
	return out
}

// Each preview of a random manual workflow is compared with the run that is then
// made, and against what that sets off.
func TestWhatAPreviewSaysIsWhatTheRunDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seed := rand.Uint64()
	if *seeded != 0 {
		seed = *seeded
	}
	r := rand.New(rand.NewPCG(seed, 0))
	cases, wrote, then := 40, 0, 0
	if testing.Short() {
		cases = 12
	}
	for n := range cases {
		here, there := h.Mailbox(fmt.Sprintf("here%d", n)), h.Mailbox(fmt.Sprintf("there%d", n))
		agent, err := h.Store.CreateUser(t.Context(), access.System(), conversation.User{
			Name: "Bob Agent", Email: fmt.Sprintf("bob%d@smarticks.test", n), Role: conversation.RoleAgent, Available: true,
			Mailboxes: []conversation.MailboxID{here.ID, there.ID},
		})
		testhouse.Must(h, err)
		for i := range r.IntN(3) { // what may be set off
			if _, err := h.Store.CreateDefinition(t.Context(), access.System(), here.ID, draw(r, fmt.Sprintf("w%d", i), there),
				automation.ModeOn); err != nil {
				continue // the checks refuse what can never hold
			}
		}
		_, err = h.Store.CreateDefinition(t.Context(), access.System(), here.ID, automation.Definition{
			Name: "follows", Type: automation.TypeAutomatic, MaxRuns: 9, Actions: []automation.Action{{Do: automation.DoNote, Body: "x"}},
			Conditions: []automation.Group{{Any: []automation.Condition{{Field: "tag_added"}, {Field: "status_changed"}, {Field: "agent_replied"}}}},
		}, automation.ModeOn)
		testhouse.Must(h, err)
		d := automation.Definition{Name: "by hand", Type: automation.TypeManual, MaxRuns: 1}
		as := []string{"", automation.AsAgent}
		actions := []automation.Action{
			{Do: automation.DoAddTags, Tags: []string{"one"}}, {Do: automation.DoRemoveTags, Tags: []string{"one"}},
			{Do: automation.DoSetStatus, Status: "closed"},
			{Do: automation.DoReply, Body: "Hello #{%conversation.number%} {%user.fullName%}", As: as[r.IntN(2)]},
			{Do: automation.DoNote, Body: "By {%agent.fullName%}", As: as[r.IntN(2)]},
			{Do: automation.DoEmail, Subject: "About {%subject%}", Body: "x", As: as[r.IntN(2)]},
			{Do: automation.DoAssign, To: []string{automation.ToMe}}, {Do: automation.DoSetSubject, Subject: "[{%subject%}]"},
			{Do: automation.DoForward, To: []string{"expert@example.org"}, Body: "Look"},
			{Do: automation.DoNotify, To: []string{automation.ToAllUsers}, Body: "Look"},
			{Do: automation.DoMove, Mailbox: string(there.ID)}, {Do: automation.DoSnooze, Until: "2h"}, {Do: automation.DoDelete},
			{Do: automation.DoStop},
			{Do: automation.DoWebhook, URL: "https://erp.example/x?key=secret", Event: "asked"},
		}
		for range 1 + r.IntN(4) {
			d.Actions = append(d.Actions, actions[r.IntN(len(actions))])
		}
		record, err := h.Store.CreateDefinition(t.Context(), access.System(), here.ID, d, automation.ModeOn)
		if err != nil {
			continue // it contradicts itself
		}
		id := h.mail(here)
		who := access.Caller{User: agent}
		before := h.Counts()
		p := h.preview(who, id, record.ID)
		if after := h.Counts(); after != before {
			t.Fatalf("seed %d case %d: the preview wrote: %s, before %s", seed, n, after, before)
		}
		if p.Pending != 1 {
			t.Fatalf("seed %d case %d: %d events are pending, want the mail", seed, n, p.Pending)
		}
		_, err = h.Store.AskRun(t.Context(), who, id, automation.Ask{DefinitionID: record.ID, Confirmed: true})
		testhouse.Must(h, err)
		var first string // what the mail led to, before the run
		h.goTo(id, p.Now)
		got := h.runs(id)
		i := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, "by hand ") })
		if i < 0 {
			t.Fatalf("seed %d case %d: the run is not there: %q", seed, n, got)
		}
		first = told([]runs.Run{p.Run})[0]
		if got[i] != first {
			t.Fatalf("seed %d case %d: ran %q, the preview said %q", seed, n, got[i], first)
		}
		for _, s := range told(p.Then) {
			if !slices.Contains(got, s) {
				t.Fatalf("seed %d case %d: the preview said that %q follows, there ran %q", seed, n, s, got)
			}
			then++
		}
		written := h.texts(id)
		for i, does := range p.Does {
			kind := p.Run.Actions[i].Do
			if does.Writes == nil || !slices.Contains([]string{"reply", "email", "note", "forward"}, kind) {
				continue
			}
			wrote++
			if want := kind + " " + does.Writes.Subject + " " + does.Writes.Text; !slices.Contains(written, want) {
				t.Fatalf("seed %d case %d: the preview said %q, written was %q", seed, n, want, written)
			}
		}
	}
	if cases > 20 && (wrote < cases/4 || then == 0) {
		t.Errorf("seed %d: %d texts and %d runs that followed in %d cases: the test proves little", seed, wrote, then, cases)
	}
}
