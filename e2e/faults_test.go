package e2e_test

import (
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
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
		"name": "Answer", "max_runs": 1000, "replies_per_hour": 60, "actions": actions,
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
		p.send(fmt.Sprintf("customer%d@example.com", n), "support@smarticks.test", fmt.Sprintf("during%d@example.com", n), "During",
			"Temporal is away")
	}
	p.call("POST", "/v1/conversations/"+conversation+"/messages", object{"kind": "customer", "body": "By telephone"})
	p.call("GET", "/readyz", nil)
	// A wake that hangs until Temporal is back would hide one that is lost.
	p.eventually("rings were given up", func() bool {
		return p.count(`SELECT count(*) FROM outbox WHERE rung_at < clock_timestamp() - interval '6 seconds'`) > 0
	})
	if got := len(p.sent.Sent()); got != 1 {
		t.Fatalf("%d replies went out without Temporal", got)
	}
	p.temporal.Start(t)

	p.sentReplies(1 + mails + 1)
	p.once(mails+1, mails+2)
}

func TestAllRolesMayBeginBeforeTheNamespaceIsThere(t *testing.T) {
	t.Parallel()
	p := start(t, options{namespace: "fresh", noStarter: true})
	p.workflow(p.support, answering())
	p.send("ann@example.com", "support@smarticks.test", "first@example.com", "First", "Nobody can look at it yet")
	p.startStarter(nil)
	p.sentReplies(1)
	p.once(1, 1)
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
		answer := p.refusedBySMTP()
		if answer.Code != 451 || !strings.HasPrefix(answer.Msg, "4.3.0 ") {
			t.Errorf("SMTP answered %v, want 451 4.3.0", answer)
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
func (p *product) refusedBySMTP() textproto.Error {
	p.t.Helper()
	c, err := smtp.Dial(p.smtp)
	must(p.t, err)
	defer func() { _ = c.Close() }()
	var answer *textproto.Error
	if err := attempt(c, 0); !errors.As(err, &answer) {
		p.t.Fatalf("a mail was accepted, or not answered: %v", err)
	}
	return *answer
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
	p.eventually("nothing is left to do", func() bool {
		return p.count(`SELECT count(*) FROM outbox`)+p.count(`SELECT count(*) FROM deliveries WHERE state <> 'sent'`) == 0
	})
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
	const messages, mostEvents, mostBytes = 2000, 500, 2 << 20
	p := start(t, options{})
	p.call("PATCH", "/v1/settings", object{"runs_per_workflow_and_conversation": 10000, "runs_per_conversation": 10000,
		"runs_per_workflow": 10000})
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
	tell := func(what string) { t.Logf("%5.1fs: %s", time.Since(began).Seconds(), what) }
	const burst = messages - 200
	p.flood(0, burst, 8)
	p.handled(conversation)
	tell("a burst is handled")
	// The others come one by one, so that each of them wakes.
	sent := burst
	for ; sent < messages && len(p.temporalRuns(conversation)) < 2; sent++ {
		p.flood(sent, sent+1, 1)
		p.handled(conversation)
	}
	p.flood(sent, messages, 8)
	p.handled(conversation)
	tell("all is handled")

	// What the endpoint does not take holds up nothing else.
	p.call("POST", "/v1/conversations/"+conversation+"/messages", object{"kind": "reply", "body": "An agent's answer"})
	tell("an agent answers")
	if got := p.count(`SELECT count(*) FROM deliveries WHERE kind = 'webhook' AND state IN ('waiting', 'handed_over')`); got != messages {
		t.Errorf("%d webhooks wait for the endpoint, want %d", got, messages)
	}
	runs := p.temporalRuns(conversation)
	for _, r := range runs {
		t.Logf("Temporal run %v: %d events, %d bytes", r.GetStatus(), r.GetHistoryLength(), r.GetHistorySizeBytes())
		if r.GetHistoryLength() > mostEvents || r.GetHistorySizeBytes() > mostBytes {
			t.Errorf("a Temporal run has %d events and %d bytes, at most %d and %d", r.GetHistoryLength(), r.GetHistorySizeBytes(), mostEvents,
				mostBytes)
		}
	}
	if len(runs) < 2 {
		t.Error("it never continued as new, so that this proves nothing")
	}
	p.sentReplies(1)
	tell("the agent's reply went out")
}

// flood sends mails of one conversation, from one number to before another, by
// so many connections.
func (p *product) flood(from, to, senders int) {
	p.t.Helper()
	var group sync.WaitGroup
	for sender := range senders {
		group.Go(func() {
			c, err := smtp.Dial(p.smtp)
			if err != nil {
				p.t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			for n := from + sender; n < to; n += senders {
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
