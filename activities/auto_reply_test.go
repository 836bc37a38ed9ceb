package activities_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// answersByItself switches on the automatic reply of the support mailbox.
func (h *house) answersByItself() {
	h.Helper()
	_, err := h.Store.ChangeMailbox(h.Context(), access.System(), h.support.ID, conversation.MailboxChange{AutoReply: &conversation.AutoReply{
		Enabled: true, Body: "Hello {%customer.firstName,fallback=there%}, this is #{%conversation.number%}.",
	}})
	testhouse.Must(h, err)
}

func TestAMailboxAnswersTheFirstMailOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	id := h.mail("My order", "It never came.")
	h.advance(id)
	h.reply(id, id)
	h.advance(id)
	sent := h.deliveries(id)
	if len(sent) != 1 {
		t.Fatalf("%d mails, want one", len(sent))
	}
	m := sent[0].Mail
	if m.Subject != "Re: My order" || m.Text != "Hello Ann, this is #1." || m.AutoSubmitted != "auto-replied" || m.InReplyTo == "" ||
		m.To[0] != "ann@example.com" {
		t.Errorf("the mail: %+v", m)
	}
	c := h.Conversation(id)
	if c.WaitingSince.IsZero() || c.AutoReply != conversation.AutoReplySent {
		t.Errorf("waiting since %v, auto reply %q", c.WaitingSince, c.AutoReply)
	}
	if got := h.events(id); got != "customer_message auto_replied customer_message" {
		t.Errorf("events %s", got)
	}
}

func TestAMailboxDoesNotAnswerMachinesSpamOrWhatAWorkflowForbids(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	off := automation.Action{Do: automation.DoDisableAutoReply}
	h.workflow(automation.Definition{Name: "quiet", Conditions: rows(row("subject", "contains", "quiet")),
		Actions: []automation.Action{off, off}})
	h.workflow(automation.Definition{Name: "spam", Conditions: rows(row("subject", "contains", "casino")),
		Actions: []automation.Action{{Do: "set_status", Status: "spam"}}})
	quiet := h.mail("quiet please", "")
	machine := h.mail("Out of office", "", func(in *conversation.Incoming) { in.Machine = conversation.MachineAutoReply })
	for _, id := range []conversation.ID{quiet, machine, h.mail("casino", "")} {
		h.advance(id)
		if got := h.deliveries(id); len(got) != 0 {
			t.Errorf("a mail goes out: %+v", got[0].Mail)
		}
	}
	h.wants(quiet, "quiet done disable_auto_reply=done disable_auto_reply=unchanged")
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID,
		conversation.MailboxChange{AutoReply: &conversation.AutoReply{Enabled: true, Body: "{%nonsense%}"}})
	if err == nil {
		t.Error("an unknown variable is accepted")
	}
}
