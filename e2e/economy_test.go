package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// statements counts what a role asks the database, by the text of the statement, and its
// commits: of transactions, and of statements of their own that write. It implements
// pgx.QueryTracer and pgx.BatchTracer.
type statements struct {
	mu      sync.Mutex
	texts   []string
	commits int
}

var writes = regexp.MustCompile(`\b(INSERT INTO|UPDATE \w+|DELETE FROM)\b`)

func (s *statements) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	alone := conn.PgConn().TxStatus() == 'I'
	s.mu.Lock()
	if strings.EqualFold(data.SQL, "commit") || alone && writes.MatchString(data.SQL) {
		s.commits++
	}
	s.mu.Unlock()
	s.add(data.SQL)
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	s.add(data.SQL)
}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = append(s.texts, strings.Join(strings.Fields(sql), " "))
}

// take returns what was asked since the last take, BEGIN and COMMIT left out, and how many
// commits there were.
func (s *statements) take() ([]string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	commits := s.commits
	s.commits = 0
	for _, text := range s.texts {
		if l := strings.ToLower(text); !strings.HasPrefix(l, "begin") && !strings.HasPrefix(l, "commit") && !strings.HasPrefix(l, "rollback") {
			out = append(out, text)
		}
	}
	s.texts = nil
	return out, commits
}

// polls are the starter's statements that found nothing, or none at all: the
// claim that finds nothing is followed by the question how long to wait.
func withoutPolls(starter []string) []string {
	var out []string
	for i := 0; i < len(starter); i++ {
		if i+1 < len(starter) && strings.HasPrefix(starter[i], "WITH due AS") &&
			strings.HasPrefix(starter[i+1], "SELECT coalesce(least(extract") {
			i++
			continue
		}
		if !strings.HasPrefix(starter[i], "LISTEN") && starter[i] != "-- ping" {
			out = append(out, starter[i])
		}
	}
	return out
}

func TestStatementsForOneMessageWithTwentyWorkflows(t *testing.T) {
	t.Parallel()
	starter, worker := &statements{}, &statements{}
	p := start(t, options{starter: starter, workerTracer: worker})
	for i := range 19 {
		p.workflow(p.support, object{
			"name": fmt.Sprint("none ", i), "conditions": []any{any1("subject", "contains", fmt.Sprint("nothing ", i))},
			"actions": []any{object{"do": "add_tags", "tags": []any{"x"}}},
		})
	}
	p.workflow(p.support, object{
		"name": "match", "conditions": []any{any1("subject", "contains", "refund")},
		"actions": []any{
			object{"do": "add_tags", "tags": []any{"refund"}}, object{"do": "set_status", "status": "pending"},
			object{"do": "reply", "body": "Hello"}, object{"do": "webhook", "url": p.hooks.URL()},
		},
	})
	p.workflow(p.support, object{
		"name": "answer", "conditions": []any{any1("subject", "contains", "question")}, "actions": []any{object{"do": "reply", "body": "Hello"}},
	})
	// A mail, and what became of it: statements and commits from its 250 to its last effect.
	count := func(name, subject string, deliveries int) (asked []string, commits int) {
		t.Helper()
		p.eventually("all is quiet", func() bool { return p.count(`SELECT count(*) FROM outbox`) == 0 })
		starter.take()
		worker.take()
		before := p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`)
		p.send(name+"@example.com", "support@smarticks.test", name+"@example.com", subject, "Hello")
		p.eventually(name+" is handled", func() bool {
			return p.count(`SELECT count(*) FROM conversations WHERE handled_seq < last_seq`) == 0 && p.count(`SELECT count(*) FROM outbox`) == 0 &&
				p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == before+deliveries
		})
		asked, commits = starter.take()
		more, also := worker.take()
		asked, commits = append(withoutPolls(asked), more...), commits+also
		t.Logf("%s: %d statements, %d commits", name, len(asked), commits)
		if len(asked) < 4 || commits < 2 {
			t.Fatalf("%s: %d statements and %d commits: the test would prove nothing", name, len(asked), commits)
		}
		return asked, commits
	}
	count("warm", "refund question", 3)
	for _, c := range []struct {
		subject                                 string
		deliveries, mostStatements, mostCommits int
	}{
		{"Hello", 0, 5, 2},     // the claim, Advance
		{"question", 1, 10, 4}, // also before the dot, and the end of the attempt
		{"refund", 2, 12, 4},   // both ends in one, but for a webhook that is slower than the mail
	} {
		// A slow machine's attempts may go the regular way, or end apart: one mail of ten
		// must be as cheap as they all are on a quick one.
		for n := range 10 {
			asked, commits := count(fmt.Sprintf("%s%d", c.subject, n), c.subject, c.deliveries)
			if len(asked) <= c.mostStatements && commits <= c.mostCommits {
				break
			}
			if c.deliveries == 0 || n == 9 {
				t.Errorf("%s: %d statements and %d commits, at most %d and %d:\n%s",
					c.subject, len(asked), commits, c.mostStatements, c.mostCommits, strings.Join(asked, "\n"))
				break
			}
		}
	}
}

// history reads the events of the conversation's current Temporal run.
func (p *product) history(conversation string) []*historypb.HistoryEvent {
	p.t.Helper()
	var out []*historypb.HistoryEvent
	events := p.client.GetWorkflowHistory(p.t.Context(), "conversation/"+conversation, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		must(p.t, err)
		out = append(out, e)
	}
	return out
}

// settled waits until the conversation's Temporal run has nothing under way, and
// returns its history: the last event is the end of a workflow task.
func (p *product) settled(conversation string) []*historypb.HistoryEvent {
	p.t.Helper()
	var out []*historypb.HistoryEvent
	p.eventually("the Temporal run is quiet", func() bool {
		if p.count(`SELECT count(*) FROM conversations WHERE id = $1 AND handled_seq < last_seq`, conversation) > 0 ||
			p.count(`SELECT count(*) FROM outbox`) > 0 {
			return false
		}
		described, err := p.client.DescribeWorkflowExecution(p.t.Context(), "conversation/"+conversation, "")
		if err != nil || described.PendingWorkflowTask != nil || len(described.PendingActivities) > 0 {
			return false
		}
		out = p.history(conversation)
		return int64(len(out)) == described.WorkflowExecutionInfo.HistoryLength && len(out) > 0
	})
	return out
}

func kinds(events []*historypb.HistoryEvent) string {
	var names []string
	for _, e := range events {
		names = append(names, e.EventType.String())
	}
	return strings.Join(names, " ")
}

func TestHistoryEventsOfOneMessage(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.workflow(p.support, object{
		"name": "answer", "max_runs": 10, "replies_per_hour": 60,
		"conditions": []any{any1("customer_replied", "", nil), any1("body", "contains", "answer me")},
		"actions":    []any{object{"do": "reply", "body": "Hello"}},
	})
	p.send("ann@example.com", "support@smarticks.test", "first@example.com", "Hello", "Hello")
	id := p.conversationOf("first@example.com")
	more := func(n int, body string, deliveries int) int {
		before := len(p.settled(id))
		p.send("ann@example.com", "support@smarticks.test", fmt.Sprintf("more%d@example.com", n), "Re: Hello", body,
			"In-Reply-To: <first@example.com>")
		p.eventually("the replies are told as sent", func() bool {
			return p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == deliveries
		})
		after := p.settled(id)
		t.Logf("%s: %s", body, kinds(after[before:]))
		return len(after) - before
	}
	for n := range 3 {
		if events := more(n, "nothing to do", 0); events > 5 {
			t.Errorf("a quiet message costs %d history events, at most 5", events)
		}
	}
	for n := range 10 { // a slow machine's first attempt may take too long, and continues the regular way
		switch events := more(10+n, "answer me", n+1); {
		case events <= 6:
			return
		case events > 12 || n == 9:
			t.Fatalf("a message with one delivery costs %d history events, at most 6", events)
		}
	}
}

func TestABurstOnOneConversationIsAFewRings(t *testing.T) {
	t.Parallel()
	const messages = 1000
	p := start(t, options{})
	p.send("ann@example.com", "support@smarticks.test", "first@example.com", "Hello", "Hello")
	id := p.conversationOf("first@example.com")
	quiet := len(p.settled(id))

	began := time.Now()
	var group sync.WaitGroup
	for sender := range 8 {
		group.Go(func() {
			c, err := smtp.Dial(p.smtp)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			for n := sender; n < messages; n += 8 {
				if err := burst(c, n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	events := p.settled(id)
	seconds := int(time.Since(began).Seconds()) + 1
	signals := 0
	for _, e := range events[min(quiet, len(events)):] {
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			signals++
		}
	}
	if got := p.count(`SELECT count(*) FROM messages`); got != messages+1 {
		t.Fatalf("%d messages stored, want %d", got, messages+1)
	}
	if handled := p.count(`SELECT handled_seq FROM conversations WHERE id = $1`, id); handled != messages+1 {
		t.Errorf("handled %d of %d", handled, messages+1)
	}
	if limit := 10 + 5*seconds; signals > limit || signals == 0 {
		t.Errorf("%d signals for %d messages in %d s, at most %d", signals, messages, seconds, limit)
	}
	t.Logf("%d messages in %d s: %d signals", messages, seconds, signals)
}

func burst(c *smtp.Client, n int) error {
	for {
		err := attempt(c, n)
		var answer *textproto.Error
		if !errors.As(err, &answer) || answer.Code/100 != 4 {
			return err
		}
		if err := c.Reset(); err != nil { // as a mail server would try again later
			return err
		}
	}
}

func attempt(c *smtp.Client, n int) error {
	if err := c.Mail("ann@example.com"); err != nil {
		return err
	}
	if err := c.Rcpt("support@smarticks.test"); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "From: ann@example.com\r\nTo: support@smarticks.test\r\nMessage-ID: <burst%d@example.com>\r\nIn-Reply-To: "+
		"<first@example.com>\r\nSubject: more\r\n\r\nbody %d\r\n", n, n)
	if err != nil {
		return err
	}
	return w.Close()
}
