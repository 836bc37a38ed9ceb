package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// answersAll is a workflow that answers every mail.
func answersAll(p *product, mailbox string) string {
	return p.workflow(mailbox, object{
		"name": "Answer", "max_runs": 1000, "conditions": []any{object{"any": []any{object{"field": "new_conversation"},
			object{"field": "customer_replied"}}}},
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

// echoes answers every mail to the robot as a machine does that says so nowhere. It
// ends when none came back.
func (p *product) echoes(subject func(i int, answered string) string) {
	p.t.Helper()
	for i, seen := 0, 0; i < 30; i++ {
		p.quiet()
		var answered string
		var mails int
		must(p.t, p.pool.QueryRow(p.t.Context(), `SELECT count(*), max(payload -> 'mail' ->> 'subject') FILTER (WHERE id = (SELECT
			max(id::text)::uuid FROM deliveries WHERE kind = 'reply'))
			FROM deliveries WHERE kind = 'reply'`).Scan(&mails, &answered))
		if mails == seen {
			return
		}
		seen = mails
		p.send("robot@elsewhere.example", "support@smarticks.test", fmt.Sprintf("robot-%d@elsewhere.example", i), subject(i, answered),
			"Thank you for your message")
		p.conversationOf(fmt.Sprintf("robot-%d@elsewhere.example", i))
	}
}

func TestARobotAndAHelpdeskThatAnswerEverythingAreAnsweredABoundedNumberOfTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject func(i int, answered string) string
		want    int
	}{
		"a robot":            {func(i int, _ string) string { return strings.Repeat(string(rune('a'+i)), 5) }, 10},
		"another helpdesk":   {func(i int, _ string) string { return fmt.Sprintf("[Ticket %d] We have received your request", 4711+i) }, 2},
		"one that quotes us": {func(i int, answered string) string { return fmt.Sprintf("[Ticket %d] Received - %s", 4711+i, answered) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, options{mailLimits: true})
			answersAll(p, p.support)
			p.send("robot@elsewhere.example", "support@smarticks.test", "first@elsewhere.example", c.subject(0, ""), "Hello")
			p.conversationOf("first@elsewhere.example")
			p.echoes(func(i int, answered string) string { return c.subject(i+1, answered) })
			to := func(address string) (n int) {
				for _, m := range p.sent.Sent() {
					if slices.Contains(m.To, address) {
						n++
					}
				}
				return n
			}
			if n := to("robot@elsewhere.example"); n != c.want {
				t.Errorf("%d mails to it, want %d", n, c.want)
			}
			if n := p.count(`SELECT count(*) FROM deliveries WHERE kind = 'notify' AND conversation_id IS NULL`); n != 1 {
				t.Errorf("admins were told %d times, want once", n)
			}
			p.send("ann@example.com", "support@smarticks.test", "ann@example.com", "My parcel", "Where is it?")
			p.conversationOf("ann@example.com")
			p.quiet()
			if n := to("ann@example.com"); n != 1 {
				t.Errorf("somebody else got %d mails, want 1", n)
			}
		})
	}
}
