package starter_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/starter"
)

// fakeOutbox keeps wakes in memory. A wake that was claimed is due again after
// again, until it is done.
type fakeOutbox struct {
	again  time.Duration
	silent bool // Listen fails

	mu     sync.Mutex
	rows   []row
	claims int
	hangs  bool // Claim waits for its context's end
	loses  bool // the answers of Claim
	err    error
	wake   func()
}

type row struct {
	starter.Wake
	due     time.Time
	claimed time.Time
}

func (o *fakeOutbox) Claim(ctx context.Context, limit int) ([]starter.Wake, time.Duration, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims++
	if o.hangs {
		o.mu.Unlock()
		<-ctx.Done()
		o.mu.Lock()
		return nil, 0, ctx.Err()
	}
	if o.err != nil {
		return nil, 0, o.err
	}
	var wakes []starter.Wake
	var next time.Duration
	now := time.Now()
	for i := range o.rows {
		r := &o.rows[i]
		if wait := r.due.Sub(now); wait > 0 {
			if next == 0 || wait < next {
				next = wait
			}
		} else if len(wakes) < limit {
			r.due, r.claimed = now.Add(o.again), now
			wakes = append(wakes, r.Wake)
		}
	}
	if o.loses {
		return nil, 0, io.ErrUnexpectedEOF
	}
	return wakes, next, nil
}

func (o *fakeOutbox) WakeAgain(_ context.Context, within time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for i := range o.rows {
		if r := &o.rows[i]; !r.claimed.IsZero() && now.Sub(r.claimed) < within && r.due.After(now) {
			r.due = now
		}
	}
	return nil
}

func (o *fakeOutbox) Listen(ctx context.Context, wake func()) error {
	if o.silent {
		return io.ErrUnexpectedEOF
	}
	o.mu.Lock()
	o.wake = wake
	o.mu.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// add puts a wake in, due after d, and tells nobody.
func (o *fakeOutbox) add(r starter.Wake, d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, row{Wake: r, due: time.Now().Add(d)})
}

// notify wakes the starter.
func (o *fakeOutbox) notify() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wake()
}

// done takes the wakes of a conversation away, as Advance does.
func (o *fakeOutbox) done(conversationID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = slices.DeleteFunc(o.rows, func(r row) bool { return r.ConversationID == conversationID })
}

func (o *fakeOutbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

func (o *fakeOutbox) lose(loses bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.loses = loses
}

func (o *fakeOutbox) hang(hangs bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hangs = hangs
}

func (o *fakeOutbox) claimed() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.claims
}

// fakeClient stands for Temporal.
type fakeClient struct {
	client.Client // whatever else is called panics

	outbox *fakeOutbox
	answer func(n int) error // to the n-th wake, from 1
	health error

	mu     sync.Mutex
	wakes  []string    // workflow ids
	times  []time.Time // of the wakes
	now    int         // wakes under way
	most   int
	during func(workflowID string)
}

func (c *fakeClient) SignalWithStartWorkflow(_ context.Context, workflowID, _ string, _ any,
	_ client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	c.mu.Lock()
	c.wakes, c.times = append(c.wakes, workflowID), append(c.times, time.Now())
	n := len(c.wakes)
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	if c.during != nil {
		c.during(workflowID)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
	if c.answer != nil {
		if err := c.answer(n); err != nil {
			return nil, err
		}
	}
	c.outbox.done(workflowID[len("conversation/"):])
	return nil, nil
}

func (c *fakeClient) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return nil, c.health
}

// ScheduleClient finds every schedule where it should be.
func (c *fakeClient) ScheduleClient() client.ScheduleClient { return fakeSchedules{} }

type fakeSchedules struct{ client.ScheduleClient }

func (fakeSchedules) GetHandle(context.Context, string) client.ScheduleHandle { return fakeSchedule{} }

type fakeSchedule struct{ client.ScheduleHandle }

func (fakeSchedule) Describe(context.Context) (*client.ScheduleDescription, error) {
	return &client.ScheduleDescription{}, nil
}

func (c *fakeClient) setHealth(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.health = err
}

func (c *fakeClient) woken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.wakes)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func conversationWake(id string) starter.Wake { return starter.Wake{ConversationID: id, Seq: 1} }
