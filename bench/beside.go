package main

import (
	"context"
	"fmt"
	"time"
)

// besides is how steady traffic does, alone and beside something.
type besides struct {
	stand, what string
	latency     spread
	done        float64
}

// steadyFor is how long steady traffic continues.
const steadyFor = 12 * time.Second

// beside measures what other conversations notice of a burst, of a slow relay and of
// endpoints that hang, and what many workflows in the mailbox cost.
func (s *stand) beside(ctx context.Context, o options, usual *box, to *report) error {
	if err := s.manyWorkflows(ctx, o, usual, to); err != nil {
		return err
	}
	note := func(what string, begin int) {
		events := s.tracker.from(begin)
		b := besides{s.name, what, latencies(events), throughput(events)}
		say("%-9s %-40s %v", b.stand, b.what, b.latency)
		to.beside = append(to.beside, b)
	}
	steady := func(box *box) error { return open(ctx, s.tracker, box, 5, steadyFor) }
	// alone measures steady traffic by itself, then beside something that is under way.
	pair := func(box *box, what string, during func(context.Context) error) error {
		begin := s.tracker.next()
		if err := steady(box); err != nil {
			return err
		}
		note(what+": alone", begin)
		other := make(chan error, 1)
		go func() { other <- during(ctx) }()
		begin = s.tracker.next()
		if err := steady(box); err != nil {
			return err
		}
		note(what+": beside it", begin)
		return <-other
	}

	burst, err := s.product.mailbox(ctx, "burst", 20, object{"do": "add_tags", "tags": []any{"burst"}})
	if err != nil {
		return err
	}
	if err := pair(usual, "2,000 mails into one conversation",
		func(ctx context.Context) error { return s.burst(ctx, burst, 2000) }); err != nil {
		return err
	}
	if err := s.watchLength(ctx, "burst-0@crowd.example", "2,000 mails into one conversation", to); err != nil {
		return err
	}

	// The relay is slow for everybody: what is measured are conversations that mail nobody.
	calls, err := s.product.mailbox(ctx, "calls", 20, object{"do": "webhook", "url": s.product.hooks + asMailPath},
		object{"do": "webhook", "url": s.product.hooks + "/calls"})
	if err != nil {
		return err
	}
	err = pair(calls, "a relay that takes 5 s for each mail, 5 a second", func(ctx context.Context) error {
		s.outside.slow.Store(int64(5 * time.Second))
		defer s.outside.slow.Store(0)
		return s.crowd(ctx, usual, "slow", int(5*steadyFor.Seconds()), 200*time.Millisecond, func(int) string { return "refund please" })
	})
	if err != nil {
		return err
	}
	return s.hangs(ctx, calls, pair, to)
}

// hangs has 200 endpoints that never answer.
func (s *stand) hangs(ctx context.Context, calls *box, pair func(*box, string, func(context.Context) error) error, to *report) error {
	const endpoints = 200
	urls, err := s.outside.hanging(endpoints)
	if err != nil {
		return err
	}
	dead, err := s.product.mailbox(ctx, "dead", 1, object{"do": "add_tags", "tags": []any{"dead"}})
	if err != nil {
		return err
	}
	var calling []object
	for i, url := range urls {
		calling = append(calling, rule(fmt.Sprint("call ", i), fmt.Sprintf("endpoint%dx", i), object{"do": "webhook", "url": url}))
	}
	if err := s.product.apply(ctx, dead.id, calling); err != nil {
		return err
	}
	err = pair(calls, "200 endpoints that hang, 20 calls a second", func(ctx context.Context) error {
		return s.crowd(ctx, dead, "dead", endpoints, 50*time.Millisecond, func(i int) string { return fmt.Sprintf("endpoint%dx", i) })
	})
	if err != nil {
		return err
	}
	return s.watchLength(ctx, "dead-0@crowd.example", "a conversation with an endpoint that hangs", to)
}

// burst sends n mails into one conversation, over eight connections.
func (s *stand) burst(ctx context.Context, to *box, n int) error {
	const connections = 8
	first, err := to.connect()
	if err != nil {
		return err
	}
	defer first.close()
	if err := first.(*letters).plain(ctx, "refund burst", "burst-0@crowd.example", ""); err != nil {
		return err
	}
	next := make(chan int, n)
	for i := range n {
		next <- i + 1
	}
	close(next)
	return each(ctx, to, connections, func(ctx context.Context, c sender) error {
		for i := range next {
			if err := c.(*letters).plain(ctx, "Re: refund burst", fmt.Sprintf("burst-%d@crowd.example", i), "burst-0@crowd.example"); err != nil {
				return err
			}
		}
		return nil
	})
}

// crowd sends n mails that are no events of the measurement, each a new conversation.
func (s *stand) crowd(ctx context.Context, to *box, name string, n int, every time.Duration, subject func(int) string) error {
	c, err := to.connect()
	if err != nil {
		return err
	}
	defer c.close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := range n {
		if err := c.(*letters).plain(ctx, subject(i), fmt.Sprintf("%s-%d@crowd.example", name, i), ""); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// watchLength notes how long the history of a conversation's current Temporal run is.
func (s *stand) watchLength(ctx context.Context, messageID, what string, to *report) error {
	var id string
	if err := s.clusters[ourPostgres].conn.QueryRow(ctx, `SELECT conversation_id::text FROM messages WHERE message_id_header = $1`,
		messageID).Scan(&id); err != nil {
		return fmt.Errorf("the conversation of %s: %w", messageID, err)
	}
	described, err := s.client.DescribeWorkflowExecution(ctx, "conversation/"+id, "")
	if err != nil {
		return err
	}
	to.lengths = append(to.lengths, fmt.Sprintf("%s: %d history events in its Temporal run (%s)", what,
		described.WorkflowExecutionInfo.HistoryLength, s.name))
	say("%s", to.lengths[len(to.lengths)-1])
	return nil
}

// manyWorkflows measures a mailbox with 1,000 workflows in turns with one with 20.
func (s *stand) manyWorkflows(ctx context.Context, o options, usual *box, to *report) error {
	const workflows = 1000
	began := time.Now()
	many, err := s.product.mailbox(ctx, "many", workflows, s.product.usual()...)
	if err != nil {
		return err
	}
	say("%-9s %d workflows made in %v", s.name, workflows, time.Since(began).Round(time.Second))
	targets := []named{{many, "1,000 workflows", s.conversation}, {usual, "20 workflows", s.conversation}}
	if err := s.warm(ctx, targets); err != nil {
		return err
	}
	for range o.rounds {
		for _, target := range targets {
			r, err := s.measure(ctx, shapes(o.during)[1], target)
			if err != nil {
				return err
			}
			to.workflows = append(to.workflows, r)
		}
	}
	return nil
}
