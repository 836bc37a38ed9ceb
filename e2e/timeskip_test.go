package e2e_test

import (
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/internal/sinks"
	"github.com/smarticks/smarticks/worker"
	"github.com/smarticks/smarticks/workflows"
)

// skipped is a conversation in the time-skipping suite, with the real activities
// on a real Postgres whose clock goes with the suite's.
type skipped struct {
	*testsuite.TestWorkflowEnvironment
	p       *app.Product
	pool    *pgxpool.Pool
	sent    *sinks.Mail
	support conversation.Mailbox
	began   time.Time // of the suite's clock
	offset  atomic.Int64
	timers  []time.Duration
	fired   int
}

func startSkipping(t *testing.T, tracer pgx.QueryTracer) *skipped {
	t.Helper()
	s := &skipped{}
	dsn := pgtest.New(t)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	s.p, err = app.Open(t.Context(), app.Config{
		Database: app.Database{URL: dsn, Conns: 4}, Logger: quiet, Tracer: tracer,
		Offset: func() time.Duration { return time.Duration(s.offset.Load()) },
	})
	must(t, err)
	t.Cleanup(s.p.Close)
	s.pool, err = pgxpool.New(t.Context(), dsn)
	must(t, err)
	t.Cleanup(s.pool.Close)
	s.sent, err = sinks.StartMail("127.0.0.1:0", filepath.Join(t.TempDir(), "sent"))
	must(t, err)
	t.Cleanup(func() { must(t, s.sent.Close()) })
	s.support, err = s.p.Store.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "Support", Email: "support@smarticks.test", TimeZone: "UTC"})
	must(t, err)
	acts, err := s.p.Activities(app.Worker{RelayURL: "smtp://" + s.sent.Addr()})
	must(t, err)

	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(quiet))
	s.TestWorkflowEnvironment = suite.NewTestWorkflowEnvironment()
	// By the clock on the wall, both: a busy machine may stop a coroutine for seconds.
	s.SetTestTimeout(patience)
	s.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: patience})
	worker.Register(s, acts)
	s.began = s.Now()
	s.SetOnTimerScheduledListener(func(_ string, d time.Duration) { s.timers = append(s.timers, d) })
	s.SetOnTimerFiredListener(func(string) {
		s.fired++
		s.follow()
	})
	return s
}

func (s *skipped) workflow(t *testing.T, d automation.Definition) {
	t.Helper()
	d.Type, d.MaxRuns = automation.TypeAutomatic, max(d.MaxRuns, 1)
	_, err := s.p.Store.CreateDefinition(t.Context(), access.System(), s.support.ID, d, automation.ModeOn)
	must(t, err)
}

func (s *skipped) mail(t *testing.T, id string, refs ...string) conversation.ID {
	t.Helper()
	must(t, s.p.Store.Receive(t.Context(), conversation.Incoming{
		EnvelopeFrom: "ann@example.com", FromAddress: "ann@example.com", Recipients: []string{s.support.Email}, Raw: []byte(id),
		Subject: "Hello", Text: "Hello", MessageIDHeader: id, InReplyTo: refs,
	}))
	var conv conversation.ID
	must(t, s.pool.QueryRow(t.Context(), `SELECT conversation_id FROM messages WHERE message_id_header = $1`, id).Scan(&conv))
	return conv
}

// follow brings the database's clock to the suite's instant.
func (s *skipped) follow() { s.offset.Store(int64(s.Now().Sub(s.began))) }

// after does something at an instant of the suite's time, with the database's
// clock at the same instant.
func (s *skipped) after(d time.Duration, do func()) {
	s.RegisterDelayedCallback(func() {
		s.follow()
		do()
	}, d)
}

func TestTheLoopWithRealActivitiesInSkippedTime(t *testing.T) {
	t.Parallel()
	s := startSkipping(t, nil)
	row := func(field, op string, value any) automation.Group {
		return automation.Group{Any: []automation.Condition{{Field: field, Op: op, Value: value}}}
	}
	s.workflow(t, automation.Definition{
		Name: "overdue", MaxRuns: 5, Conditions: []automation.Group{row("waiting_since", "longer_than", "24h")},
		Actions: []automation.Action{{Do: "add_tags", Tags: []string{"overdue"}}, {Do: "email", Subject: "Sorry", Body: "We are late"}},
	})
	s.workflow(t, automation.Definition{
		Name: "give up", Conditions: []automation.Group{row("created", "not_in_the_last", "30d")},
		Actions: []automation.Action{{Do: "set_status", Status: "closed"}},
	})
	id := s.mail(t, "first@example.com")
	wake := func() { s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{Seq: 1}) }
	// A second message while the customer waits already moves nothing.
	s.after(10*time.Hour, func() { s.mail(t, "second@example.com", "first@example.com"); wake() })
	// An agent's answer ends the wait; the customer's next message begins another.
	s.after(48*time.Hour, func() {
		_, err := s.p.Store.PostMessage(t.Context(), access.System(), id,
			conversation.Post{Kind: conversation.MessageReply, Body: "Here you are"})
		must(t, err)
		wake()
	})
	s.after(72*time.Hour, func() { s.mail(t, "third@example.com", "first@example.com"); wake() })

	s.ExecuteWorkflow(workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: string(id)})
	if !s.IsWorkflowCompleted() || s.GetWorkflowError() != nil {
		t.Fatalf("completed %v, error %v", s.IsWorkflowCompleted(), s.GetWorkflowError())
	}
	if took := s.Now().Sub(s.began); took < 30*24*time.Hour-time.Minute || took > 30*24*time.Hour+time.Minute {
		t.Errorf("the conversation was given up after %v, want 30 days", took)
	}
	var late []float64
	rows, err := s.pool.Query(t.Context(), `SELECT extract(epoch FROM created_at - due_at)::float8 FROM runs WHERE trigger = 'time' AND
		state = 'done' ORDER BY seq`)
	must(t, err)
	for rows.Next() {
		var seconds float64
		must(t, rows.Scan(&seconds))
		late = append(late, seconds)
	}
	must(t, rows.Err())
	if len(late) != 3 {
		t.Fatalf("%d runs by time, want overdue twice and given up once", len(late))
	}
	for _, seconds := range late {
		if seconds < 0 || seconds > 20 { // the suite's time stands still while activities run, Postgres's does not
			t.Errorf("a run was %.3f s after its due time", seconds)
		}
	}
	var status, tags string
	must(t, s.pool.QueryRow(t.Context(), `SELECT status, array_to_string(tags, ',') FROM conversations`).Scan(&status, &tags))
	if status != "closed" || tags != "overdue" {
		t.Errorf("status %s, tags %s", status, tags)
	}
	if mails := s.sent.Sent(); len(mails) != 3 { // two notices and the agent's reply
		t.Errorf("%d mails went out, want 3", len(mails))
	}
	// Three due times and a spare firing each at most: no timer for a message.
	if len(s.timers) > 6 || s.fired < 3 {
		t.Errorf("%d timers started %v, %d fired", len(s.timers), s.timers, s.fired)
	}
}
