package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/smtp"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// agentsAtWork is how many agents run workflows at once.
const agentsAtWork = 100

// agents makes users of the support mailbox and returns a token of each.
func (p *product) agents(n int) []string {
	p.t.Helper()
	front, tokens := p.open("api", nil), make([]string, n)
	for i := range tokens {
		name := fmt.Sprint("agent", i)
		u, err := front.Store.CreateUser(p.t.Context(), access.System(), conversation.User{
			Name: name, Email: name + "@smarticks.test", Role: conversation.RoleAgent,
			Mailboxes: []conversation.MailboxID{conversation.MailboxID(p.support)},
		})
		must(p.t, err)
		_, tokens[i], err = front.Store.CreateToken(p.t.Context(), access.System(), access.Token{UserID: u.ID, Name: name})
		must(p.t, err)
	}
	return tokens
}

// insist asks as the holder of the token until the API does not say that it should
// be asked again, always under the same key. It may be called beside the test.
func (p *product) insist(ctx context.Context, token, path, key string, body object) (object, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.api+path, bytes.NewReader(encoded))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		var answer object
		err = json.NewDecoder(res.Body).Decode(&answer)
		err = errors.Join(err, res.Body.Close())
		switch {
		case err != nil:
			return nil, err
		case res.StatusCode < 300:
			return answer, nil
		case res.StatusCode != http.StatusServiceUnavailable && res.StatusCode != http.StatusTooManyRequests:
			return nil, fmt.Errorf("%s answered %d: %v", path, res.StatusCode, answer)
		}
	}
}

// Agents run workflows on the same conversations, one by one and in bulk, some
// twice by mistake, while the customers go on writing.
func TestManyAgentsRunWorkflowsOnTheSameConversations(t *testing.T) {
	t.Parallel()
	const conversations, mails = 12, 36
	p := start(t, options{})
	tokens := p.agents(agentsAtWork)
	note := p.workflow(p.support, object{"name": "Look", "type": "manual",
		"actions": []any{object{"do": "note", "body": "{%agent.email%} looked"}}})
	answer := p.workflow(p.support, object{"name": "Answer", "type": "manual", "actions": []any{
		object{"do": "assign", "to": "me"}, object{"do": "reply", "as": "agent", "body": "I look into it. {%user.fullName%}"},
	}})
	p.workflow(p.support, object{"name": "Writes again", "max_runs": 1000, "conditions": []any{any1("customer_replied", "", nil)},
		"actions": []any{object{"do": "note", "body": "more"}}})
	var ids []string
	for i := range conversations {
		first := fmt.Sprintf("first%d@example.com", i)
		p.send(fmt.Sprintf("customer%d@example.com", i), "support@smarticks.test", first, "Hello", "Hello")
		ids = append(ids, p.conversationOf(first))
	}

	var all sync.WaitGroup
	failed := make(chan error, agentsAtWork+mails)
	for i, token := range tokens {
		all.Go(func() {
			bulk := object{"conversation_ids": []string{ids[i%conversations], ids[(i+1)%conversations], ids[(i+5)%conversations]}}
			for range 2 { // by mistake
				got, err := p.insist(t.Context(), token, "/v1/workflows/"+note+"/run", "bulk", bulk)
				if err != nil {
					failed <- err
					return
				}
				for _, r := range got["results"].([]any) {
					if outcome := r.(object)["outcome"]; outcome != "asked" {
						failed <- fmt.Errorf("agent %d: one of many was %v: %v", i, outcome, r)
					}
				}
			}
			one := object{"workflow_id": answer, "confirmed": true}
			run, err := p.insist(t.Context(), token, "/v1/conversations/"+ids[i%conversations]+"/runs?wait=30s", "one", one)
			if err != nil {
				failed <- err
				return
			}
			again, err := p.insist(t.Context(), token, "/v1/conversations/"+ids[i%conversations]+"/runs", "one", one)
			if err != nil || again["id"] != run["id"] {
				failed <- fmt.Errorf("agent %d: run %v, asked again %v (%w)", i, run["id"], again["id"], err)
			}
		})
	}
	for i := range mails {
		all.Go(func() {
			text := fmt.Sprintf("From: customer%d@example.com\r\nTo: support@smarticks.test\r\nMessage-ID: "+
				"<more%d@example.com>\r\nIn-Reply-To: <first%d@example.com>\r\nSubject: Re: Hello\r\n\r\nAnd?\r\n",
				i%conversations, i, i%conversations)
			for { // as a mail server does that is told to try again
				err := smtp.SendMail(p.smtp, nil, fmt.Sprintf("customer%d@example.com", i%conversations), []string{"support@smarticks.test"},
					[]byte(text))
				if err == nil || t.Context().Err() != nil {
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	p.quiet()

	if asked, done := p.count(`SELECT count(*) FROM runs WHERE trigger = 'manual'`),
		p.count(`SELECT count(*) FROM runs WHERE trigger = 'manual' AND state = 'done'`); asked != 4*agentsAtWork || done != asked {
		t.Errorf("%d runs were asked for and %d are done, want %d", asked, done, 4*agentsAtWork)
	}
	for what, sql := range map[string]string{
		"agents ran a workflow twice on a conversation": `SELECT count(*) FROM (SELECT 1 FROM runs WHERE trigger = 'manual' GROUP BY actor_id,
			definition_id, conversation_id HAVING count(*) > 1) x`,
		"runs did not do what they do, or did it twice": `SELECT count(*) FROM (SELECT r.id FROM runs r LEFT JOIN events e ON e.cause_run =
			r.id::text AND e.kind IN ('note_added', 'agent_reply')
			WHERE r.trigger = 'manual' GROUP BY r.id HAVING count(e.seq) <> 1) x`,
		"conversations have gaps in their events": `SELECT count(*) FROM conversations c WHERE c.last_seq <> (SELECT count(*) FROM events e
			WHERE e.conversation_id = c.id)
			OR c.last_seq <> (SELECT max(e.seq) FROM events e WHERE e.conversation_id = c.id)`,
		"runs were done out of the order in which they were asked for": `SELECT count(*) FROM (SELECT did, lag(did) OVER (PARTITION BY
			conversation_id ORDER BY seq) AS before FROM (
			SELECT r.conversation_id, r.seq, min(e.seq) AS did FROM runs r JOIN events e ON e.conversation_id = r.conversation_id AND e.cause_run
			= r.id::text
			WHERE r.trigger = 'manual' GROUP BY r.id, r.conversation_id, r.seq) x) y WHERE did < before`,
	} {
		if n := p.count(sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := p.count(`SELECT count(*) FROM messages WHERE kind = 'customer'`); n != conversations+mails {
		t.Errorf("%d of the customers' mails are there, want %d", n, conversations+mails)
	}
	if n := len(p.sent.Sent()); n != agentsAtWork {
		t.Errorf("%d mails went out, want one for each answer: %d", n, agentsAtWork)
	}
}
