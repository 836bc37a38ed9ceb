package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/internal/sinks"
)

// agent makes a user who sees the support mailbox, and returns their token.
func (p *product) agent(name string) string {
	p.t.Helper()
	id := p.call("POST", "/v1/users", object{
		"name": name, "email": strings.ToLower(name) + "@smarticks.test", "role": "agent", "mailbox_ids": []any{p.support},
	})["id"].(string)
	return p.call("POST", "/v1/tokens", object{"user_id": id, "name": "test"})["token"].(string)
}

// as does something with another token.
func (p *product) as(token string, do func()) {
	mine := p.token
	p.token = token
	defer func() { p.token = mine }()
	do()
}

// A relay that refuses a recipient for good, the only one or one of several: attention,
// an event, the agent told once, and the timeline shows it. The same of a workflow's
// mail, of which nobody is told.
func TestAMailThatARelayRefusesForGoodIsSeenByWhoeverMustKnow(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	maria := p.agent("Maria")
	for n, c := range []struct {
		to     []any
		state  string // of the delivery
		reason string
	}{
		{[]any{"gone@example.net"}, "failed", "the relay refused the recipient: 550"},
		{[]any{"gone@example.net", "ann@example.net", "bob@example.net"}, "sent", "the relay refused 1 of 3 recipients: 550"},
	} {
		mail := fmt.Sprintf("refused%d@example.net", n)
		p.send("ann@example.net", "support@smarticks.test", mail, "Hello", "A question")
		id := p.conversationOf(mail)
		p.handled(id)
		p.sent.Refuse(sinks.AtRcpt, 550, 1)
		p.as(maria, func() {
			p.call("POST", "/v1/conversations/"+id+"/messages", object{"kind": "reply", "body": "It comes.", "to": c.to})
		})
		p.eventually("the agent is told", func() bool {
			return p.count(`SELECT count(*) FROM deliveries WHERE conversation_id = $1 AND kind = 'notify' AND state = 'sent'`, id) == 1
		})
		p.handled(id)
		if got, _ := p.call("GET", "/v1/conversations/"+id, nil)["attention"].(string); !strings.HasPrefix(got,
			"a mail did not arrive: "+c.reason) {
			t.Errorf("%v: attention %q", c.to, got)
		}
		seen := map[string]object{}
		items, _ := p.call("GET", "/v1/conversations/"+id+"/timeline", nil)["items"].([]any)
		for _, item := range items {
			entry := item.(object)
			seen[entry["kind"].(string)] = entry
		}
		if got := seen["undelivered"]["sentence"]; got != "A mail did not arrive" {
			t.Errorf("%v: the timeline says %v", c.to, got)
		}
		lines, _ := seen["agent_reply"]["deliveries"].([]any)
		if len(lines) != 1 || lines[0].(object)["state"] != c.state || !strings.HasPrefix(fmt.Sprint(lines[0].(object)["reason"]), c.reason) {
			t.Errorf("%v: the timeline shows of the reply %v", c.to, lines)
		}
		if n := p.count(`SELECT count(*) FROM events WHERE conversation_id = $1 AND kind = 'undelivered'`, id); n != 1 {
			t.Errorf("%v: %d events, want one", c.to, n)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	left, err := p.sent.Wait(ctx, func(m []sinks.SentMail) bool { return len(m) >= 3 })
	must(t, err)
	var to []string
	for _, m := range left {
		to = append(to, strings.Join(m.To, " "))
	}
	slices.Sort(to)
	if want := []string{"ann@example.net bob@example.net", "maria@smarticks.test", "maria@smarticks.test"}; !slices.Equal(to, want) {
		t.Errorf("mails went to %q, want %q", to, want)
	}
}
