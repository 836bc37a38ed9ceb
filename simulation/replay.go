package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// Replay says which runs the version would have made on the conversation between
// the two instants, had it been watching: every event is handled at its instant with
// the conversation as it was then, due times fire at theirs. What the version would
// have changed is not there for later events: what happened is. What its workflow
// used up before counts.
//
// Seq of a run is the event that led to it, or the last one before its due time.
func (s *Simulator) Replay(ctx context.Context, past Past, v automation.Version, from, until time.Time) ([]runs.Run, error) {
	told := past.Told()
	v.Mode, v.SwitchedWatchAt = automation.ModeWatch, v.SwitchedOnAt
	if v.SwitchedOnAt.IsZero() || v.SwitchedOnAt.After(from) {
		v.SwitchedWatchAt = from
	}
	r := replay{
		told: told, base: &alone{Past: past, version: v, from: from, told: told},
		state: conversation.NewReplay(told.Now, told.Events, told.Messages), from: from,
	}
	r.sim = s.Begin(r.base)
	r.sim.conv.at(from)
	r.sim.conv.events = nil
	if err := r.run(ctx, until); err != nil {
		return nil, err
	}
	runs := r.sim.conv.runs
	for i := range runs {
		runs[i].Seq, runs[i].Cause.Origin = unspaced(runs[i].Seq), unspaced(runs[i].Cause.Origin)
	}
	return runs, nil
}

// replay is a replay under way.
type replay struct {
	sim   *Simulation
	base  *alone
	told  runs.History
	state *conversation.Replay
	from  time.Time
	begun bool
	// waiting is what was due when the batch began and has not come since.
	waiting []automation.Due
}

func (r *replay) run(ctx context.Context, until time.Time) error {
	events := r.told.Events
	if i := slices.IndexFunc(events, func(ev conversation.Event) bool { return ev.At.After(until) }); i >= 0 {
		events = events[:i]
	}
	for i := 0; i < len(events); {
		j := i + 1
		for j < len(events) && together(events[j-1], events[j]) {
			j++
		}
		if events[i].At.Before(r.from) {
			for _, ev := range events[i:j] {
				r.state.Happen(ev)
			}
		} else if err := r.batch(ctx, events[i:j]); err != nil {
			return err
		}
		i = j
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	return r.fire(ctx, until)
}

// together reports whether two events that follow each other were handled together:
// what a run did is handled with what led to the run.
func together(a, b conversation.Event) bool { return b.Cause.Run != "" || b.At.Equal(a.At) }

// batch continues by events that were handled together. Due times are looked for once,
// at their end.
func (r *replay) batch(ctx context.Context, events []conversation.Event) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	if first := events[0]; first.Kind != conversation.KindDue && first.Cause.Run == "" {
		if err := r.fire(ctx, first.At); err != nil {
			return err
		}
	}
	r.waiting = r.sim.conv.dues
	for i := 0; i < len(events); {
		n, err := r.firings(ctx, events[i:])
		if err != nil {
			return err
		}
		if n == 0 {
			n = 1
			r.state.Happen(events[i])
		}
		for ; n > 0; n-- {
			ev := events[i]
			i++
			if err := r.handle(ctx, ev, i == len(events)); err != nil {
				return err
			}
		}
	}
	return nil
}

// firings lets come the due times of others with which the events begin, each with
// what its run did, and those of the workflow's own between them. All of them come
// before the first of what they did is handled. It returns how many events that were.
func (r *replay) firings(ctx context.Context, events []conversation.Event) (n int, err error) {
	fired := map[string]bool{} // runs
	defer func() {
		if err == nil && n > 0 {
			err = r.fire(ctx, events[n-1].At)
			r.keepWaiting(events[n-1].At)
		}
	}()
	for _, ev := range events {
		switch {
		case ev.Kind == conversation.KindDue:
			// Due times come in their own order, not in that of being late; at one
			// instant the workflow before has its turn before.
			until := ev.Due
			for _, run := range r.told.Runs {
				if run.Seq == ev.Seq {
					fired[string(run.ID)] = true
					if run.Before {
						until = until.Add(-time.Nanosecond)
					}
				}
			}
			if err := r.fire(ctx, until); err != nil {
				return n, err
			}
		case !fired[ev.Cause.Run]:
			return n, nil
		}
		r.state.Happen(ev)
		n++
	}
	return n, nil
}

// keepWaiting has the simulation wait for what it waited for when the batch began;
// what was due by the instant has come.
func (r *replay) keepWaiting(at time.Time) {
	r.waiting = slices.DeleteFunc(slices.Clone(r.waiting), func(d automation.Due) bool { return !d.At.After(at) })
	r.sim.conv.dues = r.waiting
}

// begin looks for the first time what is due, if the conversation is there by then.
func (r *replay) begin(ctx context.Context) error {
	c := r.state.Conversation()
	if r.begun || c.LastSeq == 0 {
		return nil
	}
	r.begun = true
	return r.advance(ctx, r.sim.Now(), c, spaced(c.LastSeq))
}

// fire lets come what is due by the instant.
func (r *replay) fire(ctx context.Context, until time.Time) error {
	for {
		due, ok := r.sim.Next()
		if !ok || due.At.After(until) {
			return nil
		}
		if err := r.advance(ctx, later(due.At, r.sim.Now()), r.state.Conversation(), r.sim.conv.row.LastSeq); err != nil {
			return err
		}
	}
}

// handle handles one event that happened. Unless it is the last of its batch, what is
// due stays what it was before the batch.
func (r *replay) handle(ctx context.Context, ev conversation.Event, last bool) error {
	if ev.Kind == conversation.KindDue && ev.Definition == string(r.base.version.DefinitionID) {
		r.base.origins = append(r.base.origins, spaced(ev.Seq)) // it ran for it, at its due time
	}
	if !last {
		defer r.keepWaiting(ev.At)
	}
	seen, stopped := r.seen(ev)
	var events []conversation.Happened
	if !stopped && ev.Kind != conversation.KindDue && !ev.Kind.AsksForRun() {
		h, err := r.happened(ctx, ev)
		if err != nil {
			return err
		}
		events = append(events, h)
	}
	return r.advance(ctx, later(ev.At, r.sim.Now()), seen, spaced(ev.Seq), events...)
}

// advance has the simulation see the conversation as it was at the instant, with seqs
// up to the last, and handle the events.
func (r *replay) advance(ctx context.Context, at time.Time, c conversation.Conversation, last int64,
	events ...conversation.Happened) error {
	if !c.SnoozedUntil.After(at) {
		c.SnoozedUntil = time.Time{}
	}
	c.LastSeq, c.HandledSeq = last, last-int64(len(events))
	r.sim.conv.row, r.sim.conv.events = c, events
	_, err := r.sim.Advance(ctx, at)
	// That it came back from its snooze is part of what happened.
	r.sim.conv.dues = slices.DeleteFunc(r.sim.conv.dues, func(d automation.Due) bool { return d.DefinitionID == "" })
	return err
}

// seen is the conversation as the workflow saw it at the event: with all that was
// recorded before the event had its turn, but for what others did meanwhile. stopped
// says that a workflow before let no later one see the event.
func (r *replay) seen(ev conversation.Event) (c conversation.Conversation, stopped bool) {
	before := map[string]bool{} // runs
	for _, run := range r.told.Runs {
		first := run.Seq < ev.Seq || run.Seq == ev.Seq && run.Before
		before[string(run.ID)] = first
		stopped = stopped || run.Seq == ev.Seq && run.Before && run.Stopped
	}
	fork := r.state.Fork()
	for _, next := range r.told.Events[ev.Seq:] { // seqs count from 1 without gaps
		if next.Cause.Run == "" && next.At.Equal(ev.At) || before[next.Cause.Run] {
			fork.Happen(next)
		}
	}
	return fork.Conversation(), stopped
}

// happened is the event with its message.
func (r *replay) happened(ctx context.Context, ev conversation.Event) (h conversation.Happened, err error) {
	if ev.MessageID != "" {
		if h.Message, err = r.base.Message(ctx, ev.MessageID); err != nil {
			return h, err
		}
	}
	h.Event = ev
	h.Event.Seq, h.Event.Cause.Origin = spaced(ev.Seq), spaced(ev.Cause.Origin)
	return h, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
