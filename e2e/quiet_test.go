package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/workflows"
)

// A conversation that waits for a far-off timer costs nothing while it waits.
func TestAQuietDayCostsNoStatementAndNoTimer(t *testing.T) {
	t.Parallel()
	asked := &statements{}
	s := startSkipping(t, asked)
	s.workflow(t, automation.Definition{
		Name:       "give up",
		Conditions: []automation.Group{{Any: []automation.Condition{{Field: "created", Op: "not_in_the_last", Value: "30d"}}}},
		Actions:    []automation.Action{{Do: "set_status", Status: "closed"}},
	})
	id := s.mail(t, "first@example.com")
	days := 0
	s.after(time.Hour, func() {
		if got, _ := asked.take(); len(got) == 0 || len(s.timers) != 1 {
			t.Errorf("the first hour armed %d timers and was seen by no tracer: this test would prove nothing", len(s.timers))
		}
	})
	for day := range 28 {
		s.after(time.Hour+time.Duration(day+1)*24*time.Hour, func() {
			days++
			if got, _ := asked.take(); len(got) > 0 || len(s.timers) != 1 || s.fired != 0 {
				t.Errorf("quiet day %d: %d timers, %d fired, statements:\n%s", day+1, len(s.timers), s.fired, strings.Join(got, "\n"))
			}
		})
	}
	s.ExecuteWorkflow(workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: string(id)})
	if !s.IsWorkflowCompleted() || s.GetWorkflowError() != nil || s.fired != 1 || days != 28 {
		t.Errorf("completed %v, error %v, %d firings, %d quiet days; want the one firing after 30 days", s.IsWorkflowCompleted(),
			s.GetWorkflowError(), s.fired, days)
	}
}

// naming counts the statements that have a text among their arguments.
type naming struct {
	mu     sync.Mutex
	text   string
	counts int
}

func (n *naming) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	n.look(data.Args)
	return ctx
}
func (n *naming) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (n *naming) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (n *naming) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	n.look(data.Args)
}
func (n *naming) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (n *naming) look(args []any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.text != "" && strings.Contains(fmt.Sprint(args...), n.text) {
		n.counts++
	}
}

// of begins to count again, for this text, and returns the count so far.
func (n *naming) of(text string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.counts
	n.text, n.counts = text, 0
	return before
}

// The same on the whole product: while others are busy, and the database's clock
// goes a day forward, nobody asks for the one that waits.
func TestAConversationThatWaitsIsLeftAloneWhileOthersAreBusy(t *testing.T) {
	t.Parallel()
	var offset atomic.Int64
	asked := &naming{}
	p := start(t, options{workerTracer: asked, offset: func() time.Duration { return time.Duration(offset.Load()) }})
	p.workflow(p.support, object{
		"name": "give up", "conditions": []any{any1("created", "not_in_the_last", "30d")},
		"actions": []any{object{"do": "set_status", "status": "closed"}},
	})
	p.send("ann@example.com", "support@smarticks.test", "first@example.com", "Hello", "Hello")
	waits := p.conversationOf("first@example.com")
	before := len(p.settled(waits))
	asked.of(waits)
	p.send("ann@example.com", "support@smarticks.test", "again@example.com", "Re: Hello", "Hello", "In-Reply-To: <first@example.com>")
	before, message := len(p.settled(waits)), before
	if counted := asked.of(waits); counted == 0 || before == message {
		t.Fatalf("a message costs %d statements and %d events: this test would prove nothing", counted, before-message)
	}
	for day := range 3 {
		offset.Add(int64(24 * time.Hour))
		id := fmt.Sprintf("other%d@example.com", day)
		p.send("bob@example.com", "support@smarticks.test", id, "Other", "Hello")
		p.settled(p.conversationOf(id))
	}
	if counted, after := asked.of(""), len(p.settled(waits)); counted != 0 || after != before {
		t.Errorf("three quiet days cost %d statements and %d history events, want none", counted, after-before)
	}
}
