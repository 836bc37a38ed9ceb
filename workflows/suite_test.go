package workflows_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/worker"
	"github.com/smarticks/smarticks/workflows"
)

// stage is a time-skipping environment that counts its timers.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	t         *testing.T
	timers    []time.Duration // started, by their length
	fired     int
	cancelled int
}

func newStage(t *testing.T, a *fakeActivities) *stage {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	s := &stage{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t}
	worker.Register(s, a)
	s.SetOnTimerScheduledListener(func(_ string, d time.Duration) { s.timers = append(s.timers, d) })
	s.SetOnTimerFiredListener(func(string) { s.fired++ })
	s.SetOnTimerCanceledListener(func(string) { s.cancelled++ })
	// By the clock on the wall, both: a busy machine may stop a coroutine for seconds.
	s.SetTestTimeout(patience)
	s.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: patience})
	return s
}

// run plays the conversation to its end and returns what it ended with.
func (s *stage) run() error {
	s.t.Helper()
	s.ExecuteWorkflow(workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: conversationID})
	if !s.IsWorkflowCompleted() {
		s.t.Fatal("the conversation did not end")
	}
	return s.GetWorkflowError()
}

// mustComplete plays the conversation and wants it to complete.
func (s *stage) mustComplete() {
	s.t.Helper()
	if err := s.run(); err != nil {
		s.t.Fatalf("ended with %v", err)
	}
}

// mustRenew plays the conversation, wants it to continue as new, and returns the
// next input.
func (s *stage) mustRenew() workflows.ConversationInput {
	s.t.Helper()
	var can *workflow.ContinueAsNewError
	if err := s.run(); !errors.As(err, &can) {
		s.t.Fatalf("ended with %v, want continue as new", err)
	}
	var in workflows.ConversationInput
	if err := converter.GetDefaultDataConverter().FromPayloads(can.Input, &in); err != nil {
		s.t.Fatal(err)
	}
	return in
}

// wakeAfter wakes when that much time has passed since the start.
func (s *stage) wakeAfter(d time.Duration) {
	s.RegisterDelayedCallback(func() { s.SignalWorkflow(workflows.SignalChanged, workflows.Wake{Seq: 1}) }, d)
}

// state asks the conversation.
func (s *stage) state() workflows.State {
	s.t.Helper()
	value, err := s.QueryWorkflow(workflows.QueryState)
	if err != nil {
		s.t.Fatal(err)
	}
	var state workflows.State
	if err := value.Get(&state); err != nil {
		s.t.Fatal(err)
	}
	return state
}
