package workflows_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/activities"
)

const (
	conversationID = "0190a000-0000-7000-8000-000000000001"
	mailboxID      = "0190a000-0000-7000-8000-0000000000aa"
)

// fakeActivities answer as they are told. The functions get the number of the
// call, from 1 (of Deliver: of the delivery's attempt). A nil function answers
// that all is well.
type fakeActivities struct {
	advance  func(n int) (activities.Advanced, error)
	attempt  func(in activities.AttemptInput) (activities.Attempted, error)
	deliver  func(ctx context.Context, n int, in activities.DeliverInput) (activities.Delivered, error)
	handOver func(n int, in activities.DeliverInput) (activities.Delivered, error)

	mu        sync.Mutex
	advances  int
	regular   int // calls of Advance that were no local activity
	delivers  map[string]int
	handOvers []string
	firsts    []string // ids of what Attempt was called for
	passes    int      // of the reconciler
	batches   int      // of the retention
	pages     int      // of a rollout
}

func (f *fakeActivities) Advance(ctx context.Context, _ activities.AdvanceInput) (activities.Advanced, error) {
	f.mu.Lock()
	f.advances++
	n := f.advances
	if !activity.GetInfo(ctx).IsLocalActivity {
		f.regular++
	}
	f.mu.Unlock()
	if f.advance == nil {
		return closed(n), nil
	}
	return f.advance(n)
}

func (f *fakeActivities) Attempt(_ context.Context, in activities.AttemptInput) (activities.Attempted, error) {
	f.mu.Lock()
	for _, d := range in.Deliveries {
		f.firsts = append(f.firsts, d.ID)
	}
	f.mu.Unlock()
	if f.attempt != nil {
		return f.attempt(in)
	}
	var out activities.Attempted
	for _, d := range in.Deliveries {
		out.Deliveries = append(out.Deliveries, activities.Delivered{DeliveryID: d.ID, Kind: d.Kind, State: "sent", Attempts: 1})
	}
	return out, nil
}

func (f *fakeActivities) AwaitAttempts(context.Context) {}

func (f *fakeActivities) Deliver(ctx context.Context, in activities.DeliverInput) (activities.Delivered, error) {
	f.mu.Lock()
	if f.delivers == nil {
		f.delivers = map[string]int{}
	}
	f.delivers[in.DeliveryID]++
	n := f.delivers[in.DeliveryID]
	f.mu.Unlock()
	if f.deliver == nil {
		return delivered(in, "sent"), nil
	}
	return f.deliver(ctx, n, in)
}

func (f *fakeActivities) HandOver(_ context.Context, in activities.DeliverInput) (activities.Delivered, error) {
	f.mu.Lock()
	f.handOvers = append(f.handOvers, in.DeliveryID)
	n := len(f.handOvers)
	f.mu.Unlock()
	if f.handOver == nil {
		return delivered(in, "handed_over"), nil
	}
	return f.handOver(n, in)
}

func (f *fakeActivities) Reconcile(context.Context) (activities.Reconciled, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.passes++; f.passes == 1 {
		return activities.Reconciled{}, errAway
	}
	return activities.Reconciled{Overdue: 2, Rung: 2}, nil
}

// Forget has three batches; its first try finds the database away.
func (f *fakeActivities) Forget(context.Context) (activities.Forgotten, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batches++; f.batches == 1 {
		return activities.Forgotten{}, errAway
	}
	return activities.Forgotten{Explanations: 5, Audit: 1, More: f.batches < 4}, nil
}

// RollOut has three pages.
func (f *fakeActivities) RollOut(_ context.Context, in activities.RollOutInput) (activities.RolledOut, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	page := activities.RolledOut{WorkflowID: in.RolloutID, State: "running", Looked: min(f.pages*200, 450), Total: 450, PauseInMicros: 20_000}
	if f.pages == 3 {
		page.State, page.PauseInMicros = "done", 0
	}
	return page, nil
}

// Backtest has three pages.
func (f *fakeActivities) Backtest(_ context.Context, in activities.BacktestInput) (activities.Backtested, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	page := activities.Backtested{WorkflowID: in.BacktestID, State: "running", Looked: min(f.pages*50, 120), Total: 120, Runs: f.pages}
	if f.pages == 3 {
		page.State = "done"
	}
	return page, nil
}

func (f *fakeActivities) advanced() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.advances
}

func (f *fakeActivities) ranRegularly() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.regular
}

func (f *fakeActivities) attempts(deliveryID string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.delivers[deliveryID]
}

func (f *fakeActivities) handedOver() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.handOvers)
}

// open and closed are answers to the n-th call for a conversation that got one
// message before each.
func open(n int) activities.Advanced {
	return activities.Advanced{
		HandledSeq: int64(n), Open: true, Number: 7, MailboxID: mailboxID, Status: "active", Rules: 1,
		Runs: []activities.RunMade{{
			RunID: "run", WorkflowID: "definition", Version: 3, Trigger: "event", State: "done",
			Actions: []activities.ActionMade{{Do: "add_tags", State: "done"}},
		}},
	}
}

func closed(n int) activities.Advanced {
	a := open(n)
	a.Open, a.Status = false, "closed"
	return a
}

// due adds the time left until the next due time. Runs are taken away: nothing
// was due yet.
func due(a activities.Advanced, rest time.Duration) activities.Advanced {
	a.HasDue, a.DueInMicros, a.Runs = true, rest.Microseconds(), nil
	a.Workflows = []string{"definition"}
	return a
}

func with(a activities.Advanced, waiting ...activities.DeliveryWaiting) activities.Advanced {
	a.Deliveries = waiting
	return a
}

func reply(id string) activities.DeliveryWaiting {
	return activities.DeliveryWaiting{ID: id, Kind: "reply"}
}

func webhook(id string) activities.DeliveryWaiting {
	return activities.DeliveryWaiting{ID: id, Kind: "webhook"}
}

func delivered(in activities.DeliverInput, state string) activities.Delivered {
	return activities.Delivered{DeliveryID: in.DeliveryID, Kind: in.Kind, State: state, Attempts: 1}
}

// tryAgain is an error that names the pause, as those of Deliver do.
func tryAgain(pause time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("not now", "unavailable", temporal.ApplicationErrorOptions{NextRetryDelay: pause})
}

func never() error { return temporal.NewNonRetryableApplicationError("never", "internal", nil) }
