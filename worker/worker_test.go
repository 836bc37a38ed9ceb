package worker_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/internal/temporaltest"
	"github.com/smarticks/smarticks/worker"
	"github.com/smarticks/smarticks/workflows"
)

// slow is a delivery that ends when its worker is about to stop.
type slow struct {
	begun chan struct{}
	ended atomic.Bool
	queue atomic.Value
}

func (s *slow) Advance(context.Context, activities.AdvanceInput) (activities.Advanced, error) {
	return activities.Advanced{Gone: true}, nil
}

func (s *slow) Deliver(ctx context.Context, in activities.DeliverInput) (activities.Delivered, error) {
	s.queue.Store(activity.GetInfo(ctx).TaskQueue)
	close(s.begun)
	<-activity.GetWorkerStopChannel(ctx)
	s.ended.Store(true)
	return activities.Delivered{DeliveryID: in.DeliveryID, State: "sent"}, nil
}

func (s *slow) HandOver(context.Context, activities.DeliverInput) (activities.Delivered, error) {
	return activities.Delivered{State: "handed_over"}, nil
}

func (s *slow) Attempt(context.Context, activities.AttemptInput) (activities.Attempted, error) {
	return activities.Attempted{}, nil
}

func (s *slow) AwaitAttempts(context.Context) {}

func (s *slow) Forget(context.Context) (activities.Forgotten, error) {
	return activities.Forgotten{}, nil
}

func (s *slow) Reconcile(context.Context) (activities.Reconciled, error) {
	return activities.Reconciled{}, nil
}

func (s *slow) RollOut(context.Context, activities.RollOutInput) (activities.RolledOut, error) {
	return activities.RolledOut{State: "done"}, nil
}

func (s *slow) Backtest(context.Context, activities.BacktestInput) (activities.Backtested, error) {
	return activities.Backtested{State: "done"}, nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestAStoppedWorkerLetsWhatIsUnderWayEnd(t *testing.T) {
	t.Parallel()
	c := temporaltest.New(t).Client(t)
	a := &slow{begun: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, worker.Config{Client: c, Activities: a, Logger: quiet()}) }()

	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.DeliveryWorkflowID("d1"), TaskQueue: workflows.QueueConversations,
	}, workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: "d1", Kind: "webhook"}); err != nil {
		t.Fatal(err)
	}
	<-a.begun
	if a.queue.Load() != workflows.QueueWebhooks {
		t.Errorf("a webhook ran on queue %v", a.queue.Load())
	}
	stop()
	if err := <-done; err != nil || !a.ended.Load() {
		t.Errorf("returned %v, delivery ended: %v", err, a.ended.Load())
	}
}

func TestAWorkerWithoutANamespaceSaysSo(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c, err := client.NewLazyClient(client.Options{HostPort: s.Address, Namespace: "nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = worker.Run(t.Context(), worker.Config{Client: c, Activities: &slow{}, Logger: quiet()})
	if err == nil || !strings.Contains(err.Error(), "worker of queue") {
		t.Errorf("Run returned %v", err)
	}
}

// A versioned worker gets nothing to do before its build is the current one.
func TestAVersionedWorkerWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	c := temporaltest.New(t).Client(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, worker.Config{
			Client: c, Activities: &slow{}, Logger: quiet(),
			Deployment: worker.Deployment{Name: "smarticks", BuildID: "b1"},
		})
	}()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.ConversationWorkflowID("c1"), TaskQueue: workflows.QueueConversations,
	}, workflows.ConversationWorkflowName, workflows.ConversationInput{ConversationID: "c1"})
	if err != nil {
		t.Fatal(err)
	}
	deployment := c.WorkerDeploymentClient().GetHandle("smarticks")
	for tries := 0; ; tries++ {
		_, err := deployment.SetCurrentVersion(t.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: "b1"})
		if err == nil {
			break
		}
		if tries == 100 {
			t.Fatal(err)
		}
		<-time.After(100 * time.Millisecond) // until the server has heard of the build
	}
	if err := run.Get(t.Context(), nil); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
