package e2e_test

import (
	"fmt"
	"testing"
)

// answersAll is a workflow that answers every mail.
func answersAll(p *product, mailbox string) string {
	return p.workflow(mailbox, object{
		"name": "Answer", "max_runs": 1000, "conditions": []any{object{"any": []any{object{"field": "new_conversation"}, object{"field": "customer_replied"}}}},
		"actions": []any{object{"do": "reply", "body": "We got it."}},
	})
}

// quiet waits until nothing is left to handle and no mail is left to send.
func (p *product) quiet() {
	p.t.Helper()
	p.eventually("everything is handled and sent", func() bool {
		return p.count(`SELECT (SELECT count(*) FROM conversations WHERE handled_seq < last_seq) + (SELECT count(*) FROM outbox)
			+ (SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'handed_over'))`) == 0
	})
}

func TestTwoOfOurMailboxesThatAnswerEachOtherStop(t *testing.T) {
	t.Parallel()
	p := start(t, options{noWorker: true})
	p.worker.RelayURL = "smtp://" + p.smtp // what is sent comes back in
	p.startWorker(nil)
	sales := p.mailbox("sales@smarticks.test")
	for _, mailbox := range []string{p.support, sales} {
		answersAll(p, mailbox)
	}
	p.call("POST", "/v1/conversations", object{"mailbox_id": p.support, "customer": object{"email": "sales@smarticks.test"}, "body": "Hello"})
	p.eventually("the answer comes in", func() bool {
		return p.count(`SELECT count(*) FROM messages WHERE mailbox_id = $1 AND kind = 'customer'`, sales) > 0
	})
	p.quiet()
	if n := p.count(`SELECT count(*) FROM deliveries`); n != 1 {
		t.Errorf("%d mails were sent, want 1", n)
	}
	if n := p.count(`SELECT count(*) FROM events WHERE mailbox_id = $1 AND kind = 'customer_message' AND depth = 1`, sales); n != 1 {
		t.Errorf("%d mails came in as a part of the chain, want 1", n)
	}
	if n := p.count(`SELECT count(*) FROM run_actions WHERE do_kind = 'reply' AND state = 'skipped'`); n != 1 {
		t.Errorf("%d answers were skipped, want 1", n)
	}
}

func TestAnAutoresponderWithoutSignsIsAnsweredOnceAnHour(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	answersAll(p, p.support)
	for i := range 5 {
		id := fmt.Sprintf("away-%d@example.com", i)
		p.send("ann@example.com", "support@smarticks.test", id, fmt.Sprintf("I am away (%d)", i), "Back on Monday")
		conversation := p.conversationOf(id)
		p.eventually("it is handled", func() bool {
			return p.count(`SELECT count(*) FROM runs WHERE conversation_id = $1`, conversation) == 1
		})
	}
	p.quiet()
	if n := len(p.sent.Sent()); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}
