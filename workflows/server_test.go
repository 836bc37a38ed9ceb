package workflows_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/internal/temporaltest"
	"github.com/smarticks/smarticks/worker"
	"github.com/smarticks/smarticks/workflows"
)

// house is a dev server with our worker on it.
type house struct {
	client.Client
	t    *testing.T
	fake *fakeActivities
	stop func() // the worker
}

// newServer starts a dev server that knows the search attributes, and nobody who
// works.
func newServer(t *testing.T) client.Client {
	t.Helper()
	attributes := map[string]string{}
	for _, key := range workflows.SearchAttributeKeys() {
		attributes[key.GetName()] = key.GetValueType().String()
	}
	server := temporaltest.New(t, temporaltest.SearchAttributes(attributes))
	c, err := client.Dial(client.Options{
		HostPort:  server.Address,
		Namespace: server.Namespace,
		Identity:  "test", // histories are kept, and the default tells the machine's name
		Logger:    log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func newHouse(t *testing.T, c client.Client, fake *fakeActivities) *house {
	t.Helper()
	h := &house{Client: c, t: t, fake: fake}
	h.work()
	t.Cleanup(func() { h.stop() })
	return h
}

// work starts the worker.
func (h *house) work() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, worker.Config{
			Client: h.Client, Activities: h.fake, StopTimeout: 5 * time.Second,
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
	}()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("the worker ended with %v", err)
		}
	})
}

// wake does what the starter does.
func (h *house) wake(id string, seq int64) {
	h.t.Helper()
	_, err := h.SignalWithStartWorkflow(h.t.Context(), workflows.ConversationWorkflowID(id),
		workflows.SignalChanged, workflows.Wake{Seq: seq},
		client.StartWorkflowOptions{
			TaskQueue: workflows.QueueConversations,
			TypedSearchAttributes: temporal.NewSearchAttributes(
				workflows.MailboxKey().ValueSet(mailboxID), workflows.StatusKey().ValueSet("active")),
			Memo: map[string]any{workflows.MemoNumber: 7, workflows.MemoMailbox: mailboxID},
		},
		workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: id})
	if err != nil {
		h.t.Fatal(err)
	}
}

// patience bounds what hangs; it is no measure of the machine.
const patience = 8 * time.Minute

// eventually polls until the condition holds.
func (h *house) eventually(what string, condition func() bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatalf("it never came: %s", what)
		}
	}
}

func (h *house) describe(id, runID string) *workflowservice.DescribeWorkflowExecutionResponse {
	h.t.Helper()
	d, err := h.DescribeWorkflowExecution(h.t.Context(), id, runID)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// settled waits until Advance was called that often and nothing is under way,
// and returns the number of events.
func (h *house) settled(id string, advances int) int64 {
	h.t.Helper()
	length := h.quiet(id, advances)
	if n := h.fake.advanced(); n != advances {
		h.t.Fatalf("Advance was called %d times, want %d", n, advances)
	}
	return length
}

// quiet is the same for a test that does not care how often more.
func (h *house) quiet(id string, advances int) int64 {
	h.t.Helper()
	var length int64
	h.eventually("quiet", func() bool {
		if h.fake.advanced() < advances {
			return false
		}
		d := h.describe(workflows.ConversationWorkflowID(id), "")
		length = d.WorkflowExecutionInfo.HistoryLength
		return d.PendingWorkflowTask == nil && len(d.PendingActivities) == 0 && len(d.PendingChildren) == 0
	})
	return length
}

// ended waits for the end of a Temporal run and returns how it ended.
func (h *house) ended(id, runID string) enumspb.WorkflowExecutionStatus {
	h.t.Helper()
	var status enumspb.WorkflowExecutionStatus
	h.eventually("ended", func() bool {
		status = h.describe(id, runID).WorkflowExecutionInfo.Status
		return status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	})
	return status
}

// history reads a whole history.
func (h *house) history(id, runID string) *historypb.History {
	h.t.Helper()
	var out historypb.History
	events := h.GetWorkflowHistory(h.t.Context(), id, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			h.t.Fatal(err)
		}
		out.Events = append(out.Events, e)
	}
	return &out
}

// types lists the types of events, for a test that counted others than it wants.
func types(h *historypb.History) []string {
	var out []string
	for _, e := range h.Events {
		out = append(out, e.EventType.String())
	}
	return out
}

var errAway = errors.New("the database is away")
