package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// More deliveries than there is room for.
func sceneMany(t *testing.T, c client.Client) recording {
	var sent [70]atomic.Bool
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			a := closed(n)
			a.More = n == 1
			for i := range sent {
				if !sent[i].Load() {
					a.Deliveries = append(a.Deliveries, webhook(fmt.Sprint(i)))
				}
			}
			return a, nil
		},
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			var i int
			if _, err := fmt.Sscan(in.DeliveryID, &i); err != nil {
				return activities.Delivered{}, err
			}
			sent[i].Store(true)
			return delivered(in, "sent"), nil
		},
	}
	h := newHouse(t, c, fake)
	id := workflows.ConversationWorkflowID(conversationID)
	h.wake(conversationID, 1)
	h.ended(id, "")
	return recording{h, id, []string{""}}
}

// A DeliveryWorkflow that needs several attempts, and asks again after an answer
// that is no end.
func sceneAlone(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			switch {
			case n < 4:
				return activities.Delivered{}, tryAgain(20 * time.Millisecond)
			case n == 4:
				return delivered(in, "handed_over"), nil
			default:
				return delivered(in, "failed"), nil
			}
		},
	})
	return h.alone()
}

// A DeliveryWorkflow whose activity gives up.
func sceneHopeless(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{
		deliver: func(context.Context, int, activities.DeliverInput) (activities.Delivered, error) {
			return activities.Delivered{}, never()
		},
	})
	return h.alone()
}

func (h *house) alone() recording {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	run, err := h.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.DeliveryWorkflowID("d1"), TaskQueue: workflows.QueueConversations,
	}, workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: "d1", Kind: "webhook"})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := run.Get(ctx, nil); errors.Is(err, context.DeadlineExceeded) {
		h.t.Fatal(err)
	}
	return recording{h, run.GetID(), []string{run.GetRunID()}}
}
