package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/internal/temporaltest"
	"github.com/smarticks/smarticks/worker"
	"github.com/smarticks/smarticks/workflows"
)

// crowd are conversations that always have work: whoever is handled brings messages to two
// others. New ones come beside them.
type crowd struct {
	slow
	client client.Client
	came   chan string // ids of new conversations that Advance was called for
}

const oldOnes = 40

func (c *crowd) Advance(ctx context.Context, in activities.AdvanceInput) (activities.Advanced, error) {
	if strings.HasPrefix(in.ConversationID, "new") {
		c.came <- in.ConversationID
		return activities.Advanced{Gone: true}, nil
	}
	var n int
	if _, err := fmt.Sscanf(in.ConversationID, "old-%d", &n); err != nil {
		return activities.Advanced{}, err
	}
	for _, next := range []int{n + 1, n + 7} {
		if err := c.signal(ctx, fmt.Sprint("old-", next%oldOnes)); err != nil {
			return activities.Advanced{}, err
		}
	}
	return activities.Advanced{Open: true}, nil
}

func (c *crowd) signal(ctx context.Context, id string) error {
	_, err := c.client.SignalWithStartWorkflow(ctx, workflows.ConversationWorkflowID(id), workflows.SignalChanged, nil,
		client.StartWorkflowOptions{TaskQueue: workflows.QueueConversations}, workflows.ConversationWorkflowName,
		workflows.ConversationInput{ConversationID: id})
	return err
}

// More work is left for remembered conversations than this worker ever gets done.
func TestANewConversationDoesNotWaitBehindThoseThatAreRemembered(t *testing.T) {
	t.Parallel()
	a := &crowd{client: temporaltest.New(t).Client(t), came: make(chan string, 100)}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, worker.Config{Client: a.client, Activities: a, Logger: quiet(), Slots: worker.Slots{Workflows: 4}})
	}()
	for n := range oldOnes {
		if err := a.signal(t.Context(), fmt.Sprint("old-", n)); err != nil {
			t.Fatal(err)
		}
	}
	// One after the other: a call that was open before the crowd came may take the first.
	for n := range 6 {
		id := fmt.Sprint("new-", n)
		if err := a.signal(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		select {
		case <-a.came:
		case <-time.After(4 * time.Minute): // a bound for what hangs
			t.Fatalf("%s waits for ever", id)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
