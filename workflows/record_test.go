package workflows_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

var record = flag.String("record", "", "record histories into testdata/histories, with this prefix for their names")

// TestRecordHistories plays scenes on a real server and keeps their histories:
//
//	go test ./workflows -run TestRecordHistories -record 2026-11-
//
// It takes two minutes. Without the flag it does nothing.
func TestRecordHistories(t *testing.T) {
	if *record == "" {
		return
	}
	for name, scene := range map[string]func(*testing.T, client.Client) recording{
		"timers":    sceneTimers,
		"delivered": sceneDelivered,
		"attempted": sceneAttempted,
		"outage":    sceneOutage,
		"renewed":   sceneRenewed,
		"cancelled": sceneCancelled,
		"many":      sceneMany,
		"alone":     sceneAlone,
		"hopeless":  sceneHopeless,
		"reconcile": sceneReconcile,
		"carried":   sceneCarried,
		"rollout":   sceneRollout,
		"retention": sceneRetention,
		"backtest":  sceneBacktest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scene(t, newServer(t))
			for i, run := range r.runs {
				suffix := ""
				if i > 0 {
					suffix = fmt.Sprintf("-%d", i+1)
				}
				r.house.keep(*record+name+suffix+".json", r.id, run)
			}
		})
	}
}

// recording is what a scene leaves behind.
type recording struct {
	house *house
	id    string
	runs  []string // Temporal runs, empty for the only one
}

func (h *house) keep(name, id, runID string) {
	h.t.Helper()
	history := h.history(id, runID)
	for _, e := range history.Events {
		// The name of a sticky queue begins with the machine's.
		if q := e.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue(); q.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
			q.Name = "sticky"
		}
	}
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(histories, name), append(text, '\n'), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// A timer that is kept, one that is replaced, ones that fire early, and what
// changes with them.
func sceneTimers(t *testing.T, c client.Client) recording {
	script := []activities.Advanced{
		due(open(1), time.Hour),
		due(open(2), 2*time.Hour), // later: kept
		open(3),                   // none: kept
		due(open(4), time.Second), // earlier: replaced
		due(open(5), 5*time.Millisecond),
		due(open(6), time.Millisecond),
		due(open(7), -time.Millisecond), // the third in a row
		open(8),                         // nothing left
		due(open(9), time.Hour),
	}
	script[3].MailboxID, script[3].Status, script[3].Attention = "elsewhere", "pending", "event_failed"
	script[3].Runs = open(4).Runs
	script[8].Workflows = nil
	h := newHouse(t, c, &fakeActivities{advance: answers(script...)})
	for n := range 4 {
		h.wake(conversationID, int64(n+1))
		h.settled(conversationID, n+1)
	}
	h.settled(conversationID, 8)
	h.wake(conversationID, 9)
	h.settled(conversationID, 9)
	h.wake(conversationID, 10) // closes it
	id := workflows.ConversationWorkflowID(conversationID)
	h.ended(id, "")
	return recording{h, id, []string{""}}
}

// First attempts beside the workflow task: some go through, some wait for another
// attempt, one is handed over, and once nobody answers for them.
func sceneAttempted(t *testing.T, c client.Client) recording {
	fake := &fakeActivities{}
	fake.advance = func(n int) (activities.Advanced, error) {
		switch n {
		case 1:
			return with(due(open(n), time.Hour), begun(reply("sent")), webhook("regular"), begun(webhook("waiting"))), nil
		case 2:
			return with(due(open(n), 2*time.Hour), begun(webhook("handed over"))), nil
		case 3:
			return with(open(n), begun(reply("lost"))), nil
		default:
			return closed(n), nil
		}
	}
	fake.attempt = func(in activities.AttemptInput) (activities.Attempted, error) {
		if in.Deliveries[0].ID == "lost" {
			return activities.Attempted{}, errAway
		}
		return becomes(map[string]string{"waiting": "waiting", "handed over": "handed_over"})(in)
	}
	h := newHouse(t, c, fake)
	for n := range 3 {
		h.wake(conversationID, int64(n+1))
		h.quiet(conversationID, n+1)
	}
	h.wake(conversationID, 4)
	id := workflows.ConversationWorkflowID(conversationID)
	h.ended(id, "")
	return recording{h, id, []string{""}}
}

// Deliveries that need several attempts, are handed over, or give up.
func sceneDelivered(t *testing.T, c client.Client) recording {
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			switch n {
			case 1:
				return with(open(n), reply("sent"), webhook("long"), webhook("busy")), nil
			case 2:
				return with(open(n), reply("hopeless")), nil
			case 3:
				return open(n), nil
			default:
				return closed(n), nil
			}
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			switch {
			case in.DeliveryID == "hopeless":
				return activities.Delivered{}, never()
			case n < 4:
				return activities.Delivered{}, tryAgain(20 * time.Millisecond)
			case in.DeliveryID != "sent" && !in.HandedOver:
				return delivered(in, "handed_over"), nil
			default:
				return delivered(in, "sent"), nil
			}
		},
	}
	h := newHouse(t, c, fake)
	// One of them has a Temporal workflow already.
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.DeliveryWorkflowID("busy"), TaskQueue: "nobody",
	}, workflows.DeliveryWorkflowName, workflows.DeliveryInput{DeliveryID: "busy", Kind: "webhook"}); err != nil {
		t.Fatal(err)
	}
	h.wake(conversationID, 1)
	h.settled(conversationID, 1)
	for n := 2; n <= 3; n++ {
		h.wake(conversationID, int64(n))
		h.settled(conversationID, n)
	}
	h.wake(conversationID, 4)
	id := workflows.ConversationWorkflowID(conversationID)
	h.ended(id, "")
	return recording{h, id, []string{""}}
}

// The local activity fails and the regular one waits; then Advance gives up.
func sceneOutage(t *testing.T, c client.Client) recording {
	h := newHouse(t, c, &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		switch {
		case n <= 5:
			return activities.Advanced{}, errAway
		case n == 7:
			return activities.Advanced{}, never()
		case n == 8 || n == 9:
			return activities.Advanced{}, errAway
		case n == 10:
			return activities.Advanced{}, never() // as a regular activity
		case n == 11:
			return closed(n), nil
		default:
			return open(n), nil
		}
	}})
	for seq, calls := range []int{6, 7, 10} {
		h.wake(conversationID, int64(seq+1))
		h.settled(conversationID, calls)
	}
	h.wake(conversationID, 4)
	id := workflows.ConversationWorkflowID(conversationID)
	h.ended(id, "")
	return recording{h, id, []string{""}}
}

// A long history with deliveries in flight continues as new, and the next run
// continues.
func sceneRenewed(t *testing.T, c client.Client) recording {
	attempting, end := make(chan struct{}), make(chan struct{})
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			a := due(open(n), 24*time.Hour)
			if n == 1 {
				return with(a, reply("waiting"), webhook("attempted"), webhook("ended")), nil
			}
			return a, nil
		},
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			switch {
			case in.HandedOver:
				return delivered(in, "sent"), nil
			case in.DeliveryID == "attempted":
				close(attempting)
				<-end
			}
			return activities.Delivered{}, tryAgain(time.Hour)
		},
		handOver: func(_ int, in activities.DeliverInput) (activities.Delivered, error) {
			if in.DeliveryID == "ended" {
				return delivered(in, "cancelled"), nil
			}
			return delivered(in, "handed_over"), nil
		},
	}
	h := newHouse(t, c, fake)
	id := workflows.ConversationWorkflowID(conversationID)
	h.wake(conversationID, 1)
	<-attempting
	h.eventually("attempted", func() bool { return fake.attempts("waiting") == 1 && fake.attempts("ended") == 1 })
	first := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
	for seq := int64(2); len(fake.handedOver()) < 2; seq++ {
		h.wake(conversationID, seq)
	}
	close(end)
	h.ended(id, first)
	second := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
	h.wake(conversationID, 1000)
	h.quiet(conversationID, fake.advanced()+1)
	return recording{h, id, []string{first, second}}
}

// Timers that fire early, time after time, until the history is long: what is
// carried over is how often they did. In the next run a timer fires and all ends.
func sceneCarried(t *testing.T, c client.Client) recording {
	var renewed atomic.Int64 // calls until the first run ended
	h := newHouse(t, c, &fakeActivities{advance: func(n int) (activities.Advanced, error) {
		before := renewed.Load()
		switch {
		case before == 0:
			a := due(open(n), -time.Millisecond)
			a.Runs = nil // nothing was due yet
			return a, nil
		case int64(n) == before+1:
			return due(open(n), time.Hour), nil
		case int64(n) == before+2:
			return due(open(n), time.Second), nil // earlier: replaced
		default:
			return closed(n), nil
		}
	}})
	id := workflows.ConversationWorkflowID(conversationID)
	h.wake(conversationID, 1)
	first := h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
	second := first
	for seq := int64(2); second == first; seq++ {
		h.wake(conversationID, seq)
		second = h.describe(id, "").WorkflowExecutionInfo.Execution.RunId
	}
	// The next run has an armed timer of a second, which gives these their turn.
	renewed.Store(int64(h.fake.advanced()))
	h.wake(conversationID, 1000)
	h.quiet(conversationID, int(renewed.Load())+1)
	h.wake(conversationID, 1001)
	h.ended(id, second)
	return recording{h, id, []string{first, second}}
}

// Somebody cancels a conversation with a delivery in flight.
func sceneCancelled(t *testing.T, c client.Client) recording {
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			return with(due(open(n), time.Hour), webhook("waiting")), nil
		},
		deliver: func(_ context.Context, _ int, in activities.DeliverInput) (activities.Delivered, error) {
			if in.HandedOver {
				return delivered(in, "sent"), nil
			}
			return activities.Delivered{}, tryAgain(time.Hour)
		},
	}
	h := newHouse(t, c, fake)
	id := workflows.ConversationWorkflowID(conversationID)
	h.wake(conversationID, 1)
	h.eventually("attempted", func() bool { return fake.attempts("waiting") == 1 })
	if err := c.CancelWorkflow(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	h.ended(id, "")
	return recording{h, id, []string{""}}
}
