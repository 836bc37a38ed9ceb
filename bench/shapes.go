package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// target is what is put under load: the product, or the bare workflow.
type target interface {
	connect() (sender, error)
}

// sender is one connection.
type sender interface {
	// send returns when the event is accepted. first is the mark of the conversation's
	// first event.
	send(ctx context.Context, mark, first int) error
	close()
}

// perConversation is how many mails a conversation has: a new one and its answers.
const perConversation = 4

// closed has n connections, each of which sends its next mail after the last effect of its
// last one, until the time is over; each ends its conversation.
func closed(ctx context.Context, t *tracker, to target, n int, during time.Duration) error {
	until := time.Now().Add(during)
	return each(ctx, to, n, func(ctx context.Context, s sender) error {
		for time.Now().Before(until) {
			first := -1
			for range perConversation {
				e, err := one(ctx, t, s, &first)
				if err != nil {
					return err
				}
				select {
				case <-e.done:
				case <-time.After(lostAfter):
					return nil // judged as lost
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
}

// saturated has n connections, each of which sends its next mail after the 250 of its last
// one, conversations of them.
func saturated(ctx context.Context, t *tracker, to target, n, conversations int) error {
	begin := t.next()
	err := each(ctx, to, n, func(ctx context.Context, s sender) error {
		for range conversations {
			first := -1
			for range perConversation {
				if _, err := one(ctx, t, s, &first); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.settle(ctx, begin)
}

// open sends so many mails in a second, whatever becomes of them: ten conversations in
// turn, so that one has a mail each second.
func open(ctx context.Context, t *tracker, to target, perSecond int, during time.Duration) error {
	begin := t.next()
	var group sync.WaitGroup
	const turn = 10
	work := make(chan func(sender) error, 1000)
	failed := make(chan error, turn)
	for range turn {
		s, err := to.connect()
		if err != nil {
			return err
		}
		group.Go(func() {
			defer s.close()
			for do := range work {
				if err := do(s); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	firsts := make([]int, turn)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	n := int(during.Seconds() * float64(perSecond))
	n -= n % (turn * perConversation)
	for i := range max(n, turn*perConversation) {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if i%(turn*perConversation) < turn {
			firsts[i%turn] = -1
		}
		mark, e := t.begin(firsts[i%turn])
		if firsts[i%turn] < 0 {
			firsts[i%turn] = mark
		}
		first := firsts[i%turn]
		work <- func(s sender) error {
			err := s.send(ctx, mark, first)
			t.accepted(e)
			return err
		}
	}
	close(work)
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	return t.settle(ctx, begin)
}

// one sends an event; first is set when it is -1.
func one(ctx context.Context, t *tracker, s sender, first *int) (*event, error) {
	mark, e := t.begin(*first)
	if *first < 0 {
		*first = mark
	}
	if err := s.send(ctx, mark, *first); err != nil {
		return nil, err
	}
	t.accepted(e)
	return e, nil
}

// each runs do on n connections at once.
func each(ctx context.Context, to target, n int, do func(context.Context, sender) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	for range n {
		s, err := to.connect()
		if err != nil {
			cancel(err)
			break
		}
		group.Go(func() {
			defer s.close()
			if err := do(ctx, s); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// lostAfter is when what has not arrived counts as lost.
const lostAfter = 90 * time.Second

// settle waits until all events since the mark are done, or are lost.
func (t *tracker) settle(ctx context.Context, begin int) error {
	deadline := time.After(lostAfter)
	t.mu.Lock()
	events := t.events[begin:len(t.events):len(t.events)]
	t.mu.Unlock()
	for _, e := range events {
		select {
		case <-e.done:
		case <-deadline:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("waiting for effects: %w", context.Cause(ctx))
		}
	}
	return nil
}
