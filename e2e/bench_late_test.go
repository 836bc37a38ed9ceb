package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

// BenchmarkLateness measures by how much later than due things happen, when many
// are due in the same instant: workflows of the product, by the clock and the rows
// of Postgres, and beside them the least that Temporal can do, a workflow that
// sleeps to the instant and then calls an activity that does nothing. All of them run on
// one server, round by round in turn, so that what disturbs one disturbs the others.
func BenchmarkLateness(b *testing.B) {
	once(b)
	p := start(b, options{})
	// A thousand firings in an hour are as many as a workflow may have by default.
	p.call("PATCH", "/v1/settings", object{"runs_per_workflow": 100_000})
	p.workflow(p.support, object{
		"name": "overdue", "conditions": []any{any1("waiting_since", "longer_than", "8h")},
		"actions": []any{object{"do": "add_tags", "tags": []any{"overdue"}}},
	})
	original := p.original()
	bare := startBare(b, p)
	kinds := []struct {
		name  string
		round func(n int, due time.Time) ([]time.Duration, bool)
	}{
		{"a workflow of ours", func(n int, due time.Time) ([]time.Duration, bool) { return p.firings(original, n, due) }},
		{"bare, activity", func(n int, due time.Time) ([]time.Duration, bool) { return bare.firings(n, due, false) }},
		{"bare, local activity", func(n int, due time.Time) ([]time.Duration, bool) { return bare.firings(n, due, true) }},
	}
	table := []string{"| due in one instant | what | rounds | p50 | p99 | max | p99, times the bare one with an activity |",
		"|---|---|---|---|---|---|---|"}
	for _, size := range []struct{ n, rounds int }{{10, 8}, {100, 3}, {1000, 2}} {
		late := make([][]time.Duration, len(kinds))
		lead := 1500*time.Millisecond + time.Duration(size.n)*25*time.Millisecond
		for round := range size.rounds {
			for i := range kinds {
				k := (i + round) % len(kinds) // each is first once
				late[k] = append(late[k], inTime(b, size.n, &lead, kinds[k].round)...)
			}
		}
		say("%d rounds of %d are done", size.rounds, size.n)
		for _, l := range late {
			slices.Sort(l)
		}
		for k, kind := range kinds {
			times := float64(at(late[k], 0.99)) / float64(at(late[1], 0.99))
			table = append(table, fmt.Sprintf("| %d | %s | %d | %v | %v | %v | %.2f |", size.n, kind.name, size.rounds, ms(at(late[k], 0.5)),
				ms(at(late[k], 0.99)), ms(at(late[k], 1)), times))
			say("%s", table[len(table)-1])
		}
		b.ReportMetric(float64(at(late[0], 0.99).Milliseconds()), fmt.Sprintf("ms-p99-of-%d", size.n))
	}
	say("\n%s\n", strings.Join(table, "\n"))
}

// inTime does a round whose timers are all armed before they are due: one that
// was not is no measure of firings, and is done again with more time. lead is how
// long from the beginning of the set-up to the instant.
func inTime(b *testing.B, n int, lead *time.Duration, round func(n int, due time.Time) ([]time.Duration, bool)) []time.Duration {
	for *lead < 10*time.Minute {
		if late, armed := round(n, time.Now().Add(*lead).Truncate(time.Millisecond)); armed {
			return late
		}
		say("%d timers were not armed within %v: once more, with more time", n, *lead)
		*lead = *lead * 3 / 2
	}
	b.Fatalf("%d timers cannot be armed within %v", n, *lead)
	return nil
}

// firings makes n conversations that are due at that instant, and returns how
// late they ran. armed is false when it came too soon.
func (p *product) firings(original string, n int, due time.Time) (late []time.Duration, armed bool) {
	p.copies(original, n, due.Add(-8*time.Hour))
	p.until(func() bool { return p.count(`SELECT count(*) FROM outbox`) == 0 }, func() {})
	if !inGoodTime(due) {
		return nil, false // what was due before its mail was handled ran with the mail
	}
	p.until(func() bool {
		return p.count(`SELECT count(*) FROM runs WHERE trigger = 'time' AND due_at BETWEEN $1::timestamptz - interval '1 second' AND
			$1::timestamptz + interval '1 second'`, due) == n
	}, func() {})
	rows, err := p.pool.Query(p.t.Context(), `SELECT extract(epoch FROM created_at - due_at)::float8 FROM runs
		WHERE trigger = 'time' AND due_at BETWEEN $1::timestamptz - interval '1 second' AND $1::timestamptz + interval '1 second'`, due)
	must(p.t, err)
	for rows.Next() {
		var seconds float64
		must(p.t, rows.Scan(&seconds))
		late = append(late, time.Duration(seconds*float64(time.Second)))
	}
	must(p.t, rows.Err())
	return late, true
}

// inGoodTime tells, once all is set up, whether the timers had time to be armed.
func inGoodTime(due time.Time) bool { return time.Now().Add(300 * time.Millisecond).Before(due) }

// bare is a worker of its own with nothing but a sleep and an empty activity.
type bare struct {
	client client.Client
	t      testing.TB
	times  chan time.Time
	made   int
}

const bareQueue = "bare"

type bareInput struct {
	Due   time.Time
	Local bool
}

func startBare(t testing.TB, p *product) *bare {
	t.Helper()
	c := &bare{client: p.client, t: t, times: make(chan time.Time, 1000)}
	w := sdkworker.New(p.client, bareQueue, sdkworker.Options{})
	w.RegisterActivityWithOptions(c.note, activity.RegisterOptions{Name: "note"})
	w.RegisterWorkflowWithOptions(bareWorkflow, workflow.RegisterOptions{Name: "bare"})
	must(t, w.Start())
	t.Cleanup(w.Stop)
	return c
}

func bareWorkflow(ctx workflow.Context, in bareInput) error {
	if err := workflow.Sleep(ctx, in.Due.Sub(workflow.Now(ctx))); err != nil {
		return err
	}
	if in.Local {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
		return workflow.ExecuteLocalActivity(ctx, "note").Get(ctx, nil)
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, "note").Get(ctx, nil)
}

func (c *bare) note(context.Context) error {
	c.times <- time.Now()
	return nil
}

func (c *bare) firings(n int, due time.Time, local bool) (late []time.Duration, armed bool) {
	var starts errgroup.Group
	starts.SetLimit(16) // as many at once as the starter
	for range n {
		c.made++
		id := fmt.Sprintf("bare/%d", c.made)
		starts.Go(func() error {
			_, err := c.client.ExecuteWorkflow(c.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: bareQueue}, "bare",
				bareInput{due, local})
			return err
		})
	}
	must(c.t, starts.Wait())
	armed = inGoodTime(due)
	for range n {
		select {
		case at := <-c.times:
			late = append(late, at.Sub(due))
		case <-c.t.Context().Done():
			c.t.Fatal("the bare workflows did not end")
		}
	}
	return late, armed
}

// at is the value below which that share of the sorted durations lies.
func at(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond / 10) }
