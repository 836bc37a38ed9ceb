package activities_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// asAgent is a manual workflow that writes in the name of who runs it.
func asAgent(as string) automation.Definition {
	return automation.Definition{Name: "answer", Type: automation.TypeManual, Actions: []automation.Action{
		{Do: automation.DoReply, Body: "It is on its way. {%user.fullName%} <{%user.email%}>", As: as},
		{Do: automation.DoEmail, Subject: "From {%user.firstName%}", Body: "How was it?", As: as},
		{Do: automation.DoNote, Body: "Promised by {%user.fullName%}", As: as},
	}}
}

func (h *house) runs(id conversation.ID, agent conversation.User, d automation.DefinitionID) {
	h.Helper()
	_, err := h.Store.AskRun(h.Context(), access.Caller{User: agent}, id, automation.Ask{DefinitionID: d, Confirmed: true})
	testhouse.Must(h, err)
	h.advance(id)
}

func TestWhatIsWrittenAsTheAgentIsTheAgents(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	h.workflow(automation.Definition{Name: "after a reply", MaxRuns: 9, Actions: []automation.Action{tag("replied")},
		Conditions: rows(row("agent_replied", "", nil), row("user_action", "", string(maria.ID)))})
	w := h.workflow(asAgent(automation.AsAgent))
	id := h.mail("Where is it?", "I wait.")
	h.advance(id)
	h.runs(id, maria, w.ID)

	c := h.Conversation(id)
	if !c.WaitingSince.IsZero() || c.LastAgentReplyAt.IsZero() || !slices.Contains(c.Tags, "replied") {
		t.Errorf("waiting since %v, last reply %v, tags %v: it is no agent's reply", c.WaitingSince, c.LastAgentReplyAt, c.Tags)
	}
	if got := h.Column(`SELECT kind || ' ' || author_kind || ' ' || author_id FROM messages WHERE conversation_id = $1 AND kind <>
		'customer' ORDER BY created_at, id`, id); !slices.Equal(got,
		[]string{"reply user " + string(maria.ID), "email user " + string(maria.ID), "note user " + string(maria.ID)}) {
		t.Errorf("messages %q", got)
	}
	out := h.deliveries(id)
	if len(out) != 2 {
		t.Fatalf("%d mails, want the reply and the mail once each", len(out))
	}
	for i, want := range []string{"maria <maria@smarticks.test>", "How was it?"} {
		m := out[i].Mail
		if m.FromName != "maria" || m.FromAddress != h.support.Email || m.AutoSubmitted != "" || m.Loop != "" || !strings.Contains(m.Text, want) {
			t.Errorf("the mail is %+v", m)
		}
		if out[i].RunID == "" {
			t.Error("nobody can tell which run sent it")
		}
	}
	if out[0].Kind != delivery.KindReply || out[1].Kind != delivery.KindEmail || out[1].Mail.Subject != "From maria" {
		t.Errorf("%s, %s %q", out[0].Kind, out[1].Kind, out[1].Mail.Subject)
	}
	// Handled once more, in another call, the events send nothing again.
	h.mail("Re: Where is it?", "Thanks.", func(in *conversation.Incoming) { in.InReplyTo = []string{out[0].Mail.MessageID} })
	h.advance(id)
	if again := h.deliveries(id); len(again) != 2 {
		t.Errorf("%d mails after another message", len(again))
	}
}

func TestWhatIsWrittenOtherwiseIsTheWorkflowUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	w := h.workflow(asAgent(""))
	id := h.mail("Where is it?", "I wait.")
	h.advance(id)
	h.runs(id, maria, w.ID)
	c := h.Conversation(id)
	if c.WaitingSince.IsZero() || !c.LastAgentReplyAt.IsZero() {
		t.Errorf("waiting since %v, last reply %v: a workflow's own message is no agent's reply", c.WaitingSince, c.LastAgentReplyAt)
	}
	out := h.deliveries(id)
	if len(out) != 2 || out[0].Mail.FromName != h.support.Name || out[0].Mail.AutoSubmitted == "" ||
		!strings.Contains(out[0].Mail.Text, "Workflow <") {
		t.Errorf("%+v", out)
	}
}

func TestAnAgentWhoIsGoneWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	w := h.workflow(asAgent(automation.AsAgent))
	id := h.mail("Where is it?", "I wait.")
	h.advance(id)
	_, err := h.Store.AskRun(t.Context(), access.Caller{User: maria}, id, automation.Ask{DefinitionID: w.ID, Confirmed: true})
	testhouse.Must(t, err)
	_, err = h.Store.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "ada", Email: "ada@smarticks.test", Role: conversation.RoleAdmin})
	testhouse.Must(t, err)
	testhouse.Must(t, h.Store.DeleteUser(t.Context(), access.System(), maria.ID))
	h.advance(id)
	if did := h.did(id); !slices.Equal(did, []string{"answer failed reply=failed email=failed note=failed"}) || len(h.deliveries(id)) != 0 {
		t.Errorf("%q, %d mails", did, len(h.deliveries(id)))
	}
}
