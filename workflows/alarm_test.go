package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/workflows"
)

// answers plays a script: the n-th answer to the n-th call, and closed when it
// is over.
func answers(script ...activities.Advanced) func(int) (activities.Advanced, error) {
	return func(n int) (activities.Advanced, error) {
		if n > len(script) {
			return closed(n), nil
		}
		return script[n-1], nil
	}
}

func TestATimerWakesTheConversationWhenSomethingIsDue(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: answers(due(open(1), 24*time.Hour))}
	s := newStage(t, fake)
	start := s.Now()
	s.mustComplete()
	if took := s.Now().Sub(start).Round(time.Second); took != 24*time.Hour {
		t.Errorf("woke after %v, want 24h", took)
	}
	if s.fired != 1 || s.cancelled != 0 {
		t.Errorf("timers fired %d, cancelled %d; want 1, 0", s.fired, s.cancelled)
	}
}

func TestAnEarlierTimerIsKeptWhenTheDueTimeMovesBack(t *testing.T) {
	t.Parallel()
	// A message each hour pushes the due time back to four hours from then.
	script := []activities.Advanced{
		due(open(1), 4*time.Hour), due(open(2), 4*time.Hour), due(open(3), 4*time.Hour),
		due(open(4), 2*time.Hour), // the kept timer fired, two hours early
	}
	fake := &fakeActivities{advance: answers(script...)}
	s := newStage(t, fake)
	s.wakeAfter(time.Hour)
	s.wakeAfter(2 * time.Hour)
	s.mustComplete()
	if len(s.timers) != 2 || s.fired != 2 || s.cancelled != 0 {
		t.Errorf("timers %v, fired %d, cancelled %d; want two, 2, 0", s.timers, s.fired, s.cancelled)
	}
	if fake.advanced() != 5 {
		t.Errorf("Advance was called %d times, want 5", fake.advanced())
	}
}

// Timers must not pile up on a conversation in which much is written.
func TestAHundredMessagesThatPushTheDueTimeBackStartTwoTimers(t *testing.T) {
	t.Parallel()
	const messages, every, wait = 100, time.Minute, 4 * time.Hour
	var script []activities.Advanced
	for n := range messages {
		script = append(script, due(open(n+1), wait))
	}
	// The first timer fires four hours after the first message; the last message
	// came that much later.
	script = append(script, due(open(messages+1), (messages-1)*every))
	fake := &fakeActivities{advance: answers(script...)}
	s := newStage(t, fake)
	for n := 1; n < messages; n++ {
		s.wakeAfter(time.Duration(n) * every)
	}
	s.mustComplete()
	if len(s.timers) != 2 || s.fired != 2 || s.cancelled != 0 {
		t.Errorf("%d timers started, %d fired, %d cancelled; want 2, 2, 0", len(s.timers), s.fired, s.cancelled)
	}
	if fake.advanced() != messages+2 {
		t.Errorf("Advance was called %d times, want %d", fake.advanced(), messages+2)
	}
}

func TestATimerIsReplacedByAnEarlierOne(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: answers(due(open(1), 24*time.Hour), due(open(2), time.Hour))}
	s := newStage(t, fake)
	s.wakeAfter(2 * time.Hour)
	start := s.Now()
	s.mustComplete()
	if took := s.Now().Sub(start).Round(time.Second); took != 3*time.Hour {
		t.Errorf("woke after %v, want 3h", took)
	}
	if len(s.timers) != 2 || s.cancelled != 1 {
		t.Errorf("timers %v, cancelled %d; want two, 1", s.timers, s.cancelled)
	}
}

func TestTheSameDueTimeAskedForAgainKeepsTheTimer(t *testing.T) {
	t.Parallel()
	// The second call was quicker than the first: by 40 ms.
	fake := &fakeActivities{advance: answers(
		due(open(1), 4*time.Hour), due(open(2), 3*time.Hour-40*time.Millisecond))}
	s := newStage(t, fake)
	s.wakeAfter(time.Hour)
	s.mustComplete()
	if len(s.timers) != 1 || s.cancelled != 0 {
		t.Errorf("timers %v, cancelled %d; want one, 0", s.timers, s.cancelled)
	}
}

func TestATimerIsKeptWhenNothingIsDueAnyMore(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: answers(due(open(1), 4*time.Hour), open(2), open(3))}
	s := newStage(t, fake)
	var seen workflows.State
	s.wakeAfter(time.Hour)
	s.RegisterDelayedCallback(func() { seen = s.state() }, 2*time.Hour)
	s.wakeAfter(30 * time.Hour) // closes it
	s.mustComplete()
	if seen.TimerAt == nil {
		t.Error("the timer was not kept")
	}
	if len(s.timers) != 1 || s.cancelled != 0 || fake.advanced() != 4 {
		t.Errorf("timers %v, cancelled %d, calls %d; want one, 0, 4", s.timers, s.cancelled, fake.advanced())
	}
}

func TestAKeptTimerDoesNotHoldBackTheEnd(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: answers(due(open(1), 400*time.Hour))}
	s := newStage(t, fake)
	s.wakeAfter(time.Hour) // closed
	start := s.Now()
	s.mustComplete()
	if took := s.Now().Sub(start).Round(time.Minute); took != time.Hour || s.cancelled != 0 {
		t.Errorf("ended after %v, timers cancelled %d; want 1h, 0", took, s.cancelled)
	}
}

func TestEarlyFiringsAreArmedAgainWithoutHurry(t *testing.T) {
	t.Parallel()
	fake := &fakeActivities{advance: answers(
		due(open(1), time.Hour),
		due(open(1), 5*time.Millisecond),
		due(open(1), 2*time.Millisecond),
		due(open(1), time.Millisecond),
		due(open(1), time.Millisecond),
		due(open(1), 3*time.Hour), // no longer a matter of clocks
		due(open(1), time.Millisecond),
	)}
	s := newStage(t, fake)
	s.mustComplete()
	want := []time.Duration{
		time.Hour, 15 * time.Millisecond, 12 * time.Millisecond, time.Second, time.Second,
		3*time.Hour + 10*time.Millisecond, 11 * time.Millisecond,
	}
	if !slices.Equal(s.timers, want) {
		t.Errorf("timers %v, want %v", s.timers, want)
	}
}

func TestWhatIsDueNowIsLookedAtAgainWithoutHurry(t *testing.T) {
	t.Parallel()
	now := due(open(1), -time.Minute)
	fake := &fakeActivities{advance: answers(now, now, now, now)}
	s := newStage(t, fake)
	s.mustComplete()
	want := []time.Duration{10 * time.Millisecond, 10 * time.Millisecond, time.Second, time.Second}
	if !slices.Equal(s.timers, want) {
		t.Errorf("timers %v, want %v", s.timers, want)
	}
}

func TestFiringsThatDidSomethingAreNotEarly(t *testing.T) {
	t.Parallel()
	useful := due(open(1), 300*time.Millisecond)
	useful.Runs = open(1).Runs
	fake := &fakeActivities{advance: answers(useful, useful, useful, useful, useful)}
	s := newStage(t, fake)
	s.mustComplete()
	for _, length := range s.timers {
		if length > 310*time.Millisecond {
			t.Errorf("timers %v: one is too long", s.timers)
		}
	}
}

// What is due is looked at when the database's clock says so, with few calls,
// whatever that clock has to do with Temporal's.
func TestADueTimeIsMetByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for name, shown := range map[string]func(passed time.Duration) time.Duration{
		"the same":               func(passed time.Duration) time.Duration { return passed },
		"a year ahead":           func(passed time.Duration) time.Duration { return passed + year },
		"a year behind":          func(passed time.Duration) time.Duration { return passed - year },
		"slow by one in hundred": func(passed time.Duration) time.Duration { return passed * 99 / 100 },
		"fast by one in 4,000":   func(passed time.Duration) time.Duration { return passed * 4001 / 4000 },
		"coarse":                 func(passed time.Duration) time.Duration { return passed.Truncate(20 * time.Millisecond) },
		"set back on the way": func(passed time.Duration) time.Duration {
			if passed > 30*time.Minute {
				return passed - 10*time.Minute
			}
			return passed
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *stage
			var start time.Time
			at := shown(0) + time.Hour
			var met time.Duration
			fake := &fakeActivities{advance: func(n int) (activities.Advanced, error) {
				rest := at - shown(s.Now().Sub(start))
				if rest <= 0 {
					met = -rest
					return closed(n), nil
				}
				return due(open(1), rest), nil
			}}
			s = newStage(t, fake)
			start = s.Now()
			s.mustComplete()
			if met > 1100*time.Millisecond || fake.advanced() > 6 {
				t.Errorf("met %v too late in %d calls, timers %v", met, fake.advanced(), s.timers)
			}
		})
	}
}
