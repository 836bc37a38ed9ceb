package main

import (
	"slices"
	"sync"
	"time"
)

// event is a mail, or what stands for one in the bare workflow, and its two effects.
type event struct {
	begun    time.Time // the sender begins
	accepted time.Time // 250, or the answer of Temporal
	effects  [2]time.Time
	seen     [2]int
	done     chan struct{} // closed with the last effect
}

func (e *event) last() time.Time {
	if e.effects[0].After(e.effects[1]) {
		return e.effects[0]
	}
	return e.effects[1]
}

// The effects of an event.
const (
	byMail = iota
	byWebhook
)

// tracker knows each event by its mark, over all runs of a stand.
type tracker struct {
	mu     sync.Mutex
	events []*event
	// conversations are the marks of each conversation, by its first one, and ids the
	// deliveries that have come.
	conversations map[int][]int
	ids           map[string]bool
	// strangers are effects that no mail is left for: done twice under two ids.
	strangers int
	again     int // effects that came again under their id
}

func newTracker() *tracker {
	return &tracker{conversations: map[int][]int{}, ids: map[string]bool{}}
}

// begin makes a new mark, in the conversation that begins with first; -1 begins one.
func (t *tracker) begin(first int) (mark int, e *event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e = &event{begun: time.Now(), done: make(chan struct{})}
	t.events = append(t.events, e)
	mark = len(t.events) - 1
	if first < 0 {
		first = mark
	}
	t.conversations[first] = append(t.conversations[first], mark)
	return mark, e
}

func (t *tracker) accepted(e *event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.accepted = time.Now()
}

// arrived notes a delivery of a conversation. What arrives says which conversation it is
// of, not of which mail: the first stands for the first mail, and so on.
func (t *tracker) arrived(first, which int, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ids[id] {
		t.again++
		return
	}
	t.ids[id] = true
	for _, mark := range t.conversations[first] {
		if t.events[mark].seen[which] == 0 {
			t.see(mark, which)
			return
		}
	}
	t.strangers++
}

// effect notes that an effect of the mark has arrived.
func (t *tracker) effect(mark, which int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.see(mark, which)
}

func (t *tracker) see(mark, which int) {
	e := t.events[mark]
	if e.seen[which]++; e.seen[which] > 1 {
		return
	}
	e.effects[which] = time.Now()
	if e.seen[1-which] > 0 {
		close(e.done)
	}
}

// from copies the events of a run: those made since the mark.
func (t *tracker) from(mark int) []event {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []event
	for _, e := range t.events[mark:] {
		out = append(out, *e)
	}
	return out
}

func (t *tracker) next() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.events)
}

// judgement is what became of all events.
type judgement struct{ events, lost, doubled int }

func (t *tracker) judge() judgement {
	t.mu.Lock()
	defer t.mu.Unlock()
	j := judgement{doubled: t.strangers + t.again}
	for _, e := range t.events {
		if e.accepted.IsZero() {
			continue
		}
		j.events++
		for _, n := range e.seen {
			if n == 0 {
				j.lost++
				break
			}
		}
		j.doubled += max(e.seen[0]-1, 0) + max(e.seen[1]-1, 0)
	}
	return j
}

// spread are quantiles of durations.
type spread struct {
	N                  int
	P50, P95, P99, Max time.Duration
}

func spreadOf(all []time.Duration) spread {
	if len(all) == 0 {
		return spread{}
	}
	slices.Sort(all)
	at := func(q float64) time.Duration { return all[min(int(q*float64(len(all))), len(all)-1)] }
	return spread{len(all), at(.5), at(.95), at(.99), all[len(all)-1]}
}

// latencies are those from the acceptance to the last effect of what is done.
func latencies(events []event) spread {
	var all []time.Duration
	for _, e := range events {
		if e.seen[0] > 0 && e.seen[1] > 0 {
			all = append(all, max(e.last().Sub(e.accepted), 0))
		}
	}
	return spreadOf(all)
}

// throughput is how many events were done in a second, from the first one's begin to when
// all but the last fiftieth were done.
func throughput(events []event) float64 {
	var ends []time.Time
	first := time.Time{}
	for _, e := range events {
		if first.IsZero() || e.begun.Before(first) {
			first = e.begun
		}
		if e.seen[0] > 0 && e.seen[1] > 0 {
			ends = append(ends, e.last())
		}
	}
	if len(ends) == 0 {
		return 0
	}
	slices.SortFunc(ends, time.Time.Compare)
	n := max(len(ends)*98/100, 1)
	return float64(n) / ends[n-1].Sub(first).Seconds()
}
