package main

import (
	"context"
	"fmt"
	"time"
)

// shape is a way to put load on a target.
type shape struct {
	name string
	load func(ctx context.Context, t *tracker, to target) error
}

func shapes(during time.Duration) []shape {
	closedBy := func(n int) shape {
		return shape{fmt.Sprintf("closed, %d clients", n),
			func(ctx context.Context, t *tracker, to target) error { return closed(ctx, t, to, n, during) }}
	}
	return []shape{
		closedBy(4), closedBy(16), closedBy(32),
		{"saturation, 32 clients", func(ctx context.Context, t *tracker, to target) error { return saturated(ctx, t, to, 32, 3) }},
		{"10 a second", func(ctx context.Context, t *tracker, to target) error { return open(ctx, t, to, 10, during) }},
	}
}

// result is what one run of a shape on a target gave.
type result struct {
	stand, shape, target string
	done                 float64 // in a second
	latency              spread  // from the acceptance to the last effect
	use                  usage   // for each event
	history              float64 // Temporal's history events for each event
}

// named is a target and how it is called in the tables.
type named struct {
	target
	name string
	// workflowID is the Temporal workflow of the conversation that begins with the mark.
	workflowID func(ctx context.Context, first int) (string, error)
}

// measure runs a shape on a target.
func (s *stand) measure(ctx context.Context, sh shape, to named) (result, error) {
	r := result{stand: s.name, shape: sh.name, target: to.name}
	begin := s.tracker.next()
	before, err := s.usage(ctx)
	if err != nil {
		return r, err
	}
	if err := sh.load(ctx, s.tracker, to); err != nil {
		return r, fmt.Errorf("%s on %s: %w", sh.name, to.name, err)
	}
	// What follows the last effect is part of the cost: it is counted once it has come.
	if err := pause(ctx, 1200*time.Millisecond); err != nil {
		return r, err
	}
	after, err := s.usage(ctx)
	if err != nil {
		return r, err
	}
	events := s.tracker.from(begin)
	r.done, r.latency, r.use = throughput(events), latencies(events), after.since(before, len(events))
	r.history = s.historyOf(ctx, begin, len(events), to)
	say("%-9s %-23s %-32s %6.1f/s  %v  CPU %4.1f ms, others %2.0f %%", r.stand, r.shape, r.target, r.done, r.latency, r.use.sum(),
		100*r.use.busy/cores)
	return r, nil
}

// historyOf counts on the first conversations of a run. Most of its first marks begin one.
func (s *stand) historyOf(ctx context.Context, begin, n int, to named) float64 {
	ids := map[string]bool{}
	for mark := begin; mark < begin+min(n, 10); mark++ {
		if id, err := to.workflowID(ctx, mark); err == nil {
			ids[id] = true
		}
	}
	return s.historyEvents(ctx, ids)
}

func (d spread) String() string {
	ms := func(d time.Duration) int64 { return d.Milliseconds() }
	return fmt.Sprintf("%d/%d/%d/%d ms (%d)", ms(d.P50), ms(d.P95), ms(d.P99), ms(d.Max), d.N)
}
