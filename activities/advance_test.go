package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/delivery"
)

func TestOneMailOneRunOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "refunds", Conditions: rows(row("subject", "contains", "refund")),
		Actions: []automation.Action{
			tag("refund"), {Do: "set_status", Status: "pending"},
			{Do: "reply", Body: "Hello {%customer.firstName,fallback=there%}, #{%conversation.number%}"},
			{Do: "webhook", URL: "https://erp.example/refunds", JSON: map[string]any{"number": "{%conversation.number%}"}},
		},
	})
	h.workflow(automation.Definition{Name: "other", Conditions: rows(row("subject", "contains", "invoice")),
		Actions: []automation.Action{tag("invoice")}})
	id := h.mail("Refund please", "I want my money")

	first := h.advance(id)
	if len(first.Runs) != 1 || len(first.Deliveries) != 2 {
		t.Fatalf("runs %v, deliveries %v: want one run and two deliveries", first.Runs, first.Deliveries)
	}
	second := h.advance(id)
	if len(second.Runs) != 0 || len(second.Deliveries) != 2 {
		t.Fatalf("a repeat made %v and answers %v: want no run and the same two deliveries", second.Runs, second.Deliveries)
	}
	if diff := cmp.Diff([]string{"refunds done add_tags=done set_status=done reply=queued webhook=queued"}, h.did(id)); diff != "" {
		t.Error(diff)
	}
	c := h.Conversation(id)
	if c.HandledSeq != c.LastSeq || c.Status != "pending" || len(c.Tags) != 1 || c.WaitingSince.IsZero() {
		t.Errorf("conversation %+v", c)
	}
	if left := h.Column(`SELECT id::text FROM outbox`); len(left) != 0 {
		t.Errorf("the outbox still holds %v", left)
	}
	out := h.deliveries(id)
	mail := out[0].Mail
	if mail == nil {
		mail = out[1].Mail
	}
	if mail.MessageID != string(mailOf(out).ID)+"@smarticks.test" || mail.To[0] != "ann@example.com" ||
		!strings.HasPrefix(mail.Text, "Hello Ann, #1") {
		t.Errorf("mail %+v", mail)
	}
	if !strings.Contains(mail.Text, "> I want my money") {
		t.Errorf("the reply does not quote the mail that it answers:\n%s", mail.Text)
	}
}

func mailOf(list []delivery.Delivery) delivery.Delivery {
	for _, d := range list {
		if d.Mail != nil {
			return d
		}
	}
	return delivery.Delivery{}
}
