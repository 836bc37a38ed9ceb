package e2e_test

import (
	"fmt"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/internal/sinks"
	"github.com/smarticks/smarticks/workflows"
)

// answering is a workflow that answers each mail of a customer.
func answering(do ...object) object {
	actions := []any{object{"do": "reply", "body": "We have your mail."}}
	for _, d := range do {
		actions = append(actions, d)
	}
	return object{
		"name": "Answer", "max_runs": 1000, "actions": actions,
		"conditions": []any{object{"any": []any{object{"field": "new_conversation"}, object{"field": "customer_replied"}}}},
	}
}

func TestMailAndAPIGoOnWhileTemporalIsStopped(t *testing.T) {
	t.Parallel()
	const mails = 20
	p := start(t, options{keepTemporal: true})
	p.workflow(p.support, answering())
	p.send("ann@example.com", "support@smarticks.test", "before@example.com", "Before", "All is well")
	p.sentReplies(1)
	conversation := p.conversationOf("before@example.com")

	p.temporal.Stop()
	for n := range mails {
		p.send(fmt.Sprintf("customer%d@example.com", n), "support@smarticks.test", fmt.Sprintf("during%d@example.com", n), "During", "Temporal is away")
	}
	p.call("POST", "/v1/conversations/"+conversation+"/messages", object{"kind": "customer", "body": "By telephone"})
	p.call("GET", "/readyz", nil)
	if got := len(p.sent.Sent()); got != 1 {
		t.Fatalf("%d replies went out without Temporal", got)
	}
	p.temporal.Start(t)

	p.sentReplies(1 + mails + 1)
	p.eventually("all is handled", func() bool {
		return p.count(`SELECT count(*) FROM conversations WHERE handled_seq < last_seq`)+p.count(`SELECT count(*) FROM outbox`) == 0
	})
	p.once(mails+1, mails+2)
}

func TestPostgresComesAndGoes(t *testing.T) {
	t.Parallel()
	postgres := pgtest.Server(t)
	p := start(t, options{postgres: postgres})
	p.workflow(p.support, answering())
	p.send("ann@example.com", "support@smarticks.test", "before@example.com", "Before", "All is well")
	p.sentReplies(1)

	postgres.Stop()
	for range 3 {
		if answer := p.refusedBySMTP(); !strings.HasPrefix(answer, "451 4.3.0") {
			t.Errorf("SMTP answered %q, want 451 4.3.0", answer)
		}
		for _, path := range []string{"/v1/conversations", "/readyz"} {
			if status, answer := p.try("GET", path, nil); status != 503 {
				t.Errorf("GET %s answered %d, want 503: %v", path, status, answer)
			}
		}
		if status, _ := p.try("GET", "/healthz", nil); status != 200 {
			t.Errorf("the API says that it is ill: %d", status)
		}
	}
	must(t, postgres.Start(t.Context()))

	p.eventually("the API answers again", func() bool { status, _ := p.try("GET", "/readyz", nil); return status == 200 })
	p.send("ann@example.com", "support@smarticks.test", "after@example.com", "After", "All is well again")
	p.sentReplies(2)
	p.once(2, 2)
}

// refusedBySMTP is the first answer to a mail that is no success.
func (p *product) refusedBySMTP() string {
	p.t.Helper()
	c, err := smtp.Dial(p.smtp)
	must(p.t, err)
	defer c.Close()
	if err := burst(c, 0); err != nil {
		return err.Error()
	}
	return "250"
}

// sentReplies waits until so many replies went out.
func (p *product) sentReplies(n int) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("%d replies went out", n), func() bool { return len(p.sent.Sent()) >= n })
}

// once checks that there are as many conversations and customers' messages as
// there should be, and one run and one mail for each of the messages.
func (p *product) once(conversations, messages int) {
	p.t.Helper()
	for sql, want := range map[string]int{
		`SELECT count(*) FROM conversations`:                                    conversations,
		`SELECT count(*) FROM messages WHERE kind = 'customer'`:                 messages,
		`SELECT count(*) FROM runs WHERE state = 'done'`:                        messages,
		`SELECT count(*) FROM runs`:                                             messages,
		`SELECT count(*) FROM deliveries`:                                       messages,
		`SELECT count(*) FROM attempts WHERE state NOT IN ('sent', 'deferred')`: 0,
		`SELECT count(DISTINCT (conversation_id, origin)) FROM runs`:            messages,
		`SELECT count(*) FROM conversations WHERE handled_seq <> last_seq`:      0,
		`SELECT count(*) FROM conversations WHERE attention <> ''`:              0,
	} {
		if got := p.count(sql); got != want {
			p.t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	var ids []string
	for _, m := range p.sent.Sent() {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	if len(ids) != messages || len(slices.Compact(ids)) != messages {
		p.t.Errorf("%d mails went out, want %d different ones", len(ids), messages)
	}
}

func TestADeadEndpointAndTwoThousandMessagesBendNoTemporalRun(t *testing.T) {
	t.Parallel()
	const messages, most = 2000, 2000
	p := start(t, options{})
	for _, last := range "02468" { // a workflow runs at most 1,000 times on a conversation
		p.workflow(p.support, object{
			"name": fmt.Sprintf("Report %c and %c", last, last+1), "max_runs": 1000,
			"conditions": []any{any1("customer_replied", "", nil), any1("body", "matches", fmt.Sprintf(`/body \d*[%c%c]\s*$/`, last, last+1))},
			"actions":    []any{object{"do": "webhook", "url": p.hooks.URL()}},
		})
	}
	p.hooks.Plan(sinks.Answer{Hang: true}, 10*messages)
	p.send("ann@example.com", "support@smarticks.test", "first@example.com", "Hello", "Hello")
	conversation := p.conversationOf("first@example.com")
	began := time.Now()
	p.flood(messages)
	t.Logf("%.1fs: all accepted", time.Since(began).Seconds())
	p.handled(conversation)
	t.Logf("%.1fs: all handled", time.Since(began).Seconds())
	if got := p.count(`SELECT count(*) FROM deliveries WHERE kind = 'webhook'`); got != messages {
		t.Errorf("%d webhooks, want %d", got, messages)
	}
	// What else the conversation needs is not held up by what the endpoint does not
	// take.
	p.call("POST", "/v1/conversations/"+conversation+"/messages", object{"kind": "reply", "body": "An agent's answer"})
	p.sentReplies(1)
	t.Logf("%.1fs: the agent's reply went out", time.Since(began).Seconds())

	runs := p.temporalRuns(conversation)
	for _, r := range runs {
		if r.GetHistoryLength() > most {
			t.Errorf("a Temporal run has %d events, at most %d", r.GetHistoryLength(), most)
		}
		t.Logf("Temporal run %v, %d events", r.GetStatus(), r.GetHistoryLength())
	}
	if len(runs) < 2 {
		t.Error("it never continued as new: this test proves nothing")
	}
}

// flood sends mails of one conversation, many at a time.
func (p *product) flood(messages int) {
	p.t.Helper()
	const senders = 8
	var group sync.WaitGroup
	for sender := range senders {
		group.Go(func() {
			c, err := smtp.Dial(p.smtp)
			if err != nil {
				p.t.Error(err)
				return
			}
			defer c.Close()
			for n := sender; n < messages; n += senders {
				if err := burst(c, n); err != nil {
					p.t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// temporalRuns are all Temporal runs of a conversation, the newest first.
func (p *product) temporalRuns(conversation string) []*workflowpb.WorkflowExecutionInfo {
	p.t.Helper()
	id := workflows.ConversationWorkflowID(conversation)
	var runs []*workflowpb.WorkflowExecutionInfo
	for run, first := "", true; first || run != ""; first = false {
		described, err := p.client.DescribeWorkflowExecution(p.t.Context(), id, run)
		must(p.t, err)
		info := described.GetWorkflowExecutionInfo()
		runs = append(runs, info)
		begin, err := p.client.GetWorkflowHistory(p.t.Context(), id, info.GetExecution().GetRunId(), false, 0).Next()
		must(p.t, err)
		run = begin.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	return runs
}
