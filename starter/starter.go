package starter

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// Config says what to wake and how fast.
type Config struct {
	// Client is closed by whoever dialled it.
	Client client.Client
	Outbox Outbox
	// Logger nil means slog.Default.
	Logger *slog.Logger
	// Prepare makes Temporal fit for us, as the function Prepare does. It is called again
	// when wakes fail for what it makes: Temporal's database may have been lost. Nil
	// means that nobody does.
	Prepare func(context.Context) error
	// Status, when set, is kept up to date for a readiness probe.
	Status *Status
	// Concurrency is how many wakes are made at once. Zero means 16.
	Concurrency int
	// Poll is how often the outbox is asked when nobody wakes the starter. Zero
	// means 1 s; a quarter of it while listening fails.
	Poll time.Duration
	// ClaimTimeout bounds one claim, whatever becomes of the connection. Zero means
	// 15 s.
	ClaimTimeout time.Duration
	// ScheduleEvery is how often the schedules are looked for, and made
	// when one is missing. Zero means 20 s.
	ScheduleEvery time.Duration
}

const (
	batch       = 100             // wakes claimed at once
	wakeTimeout = 5 * time.Second // below the 10 s after which a wake is due again
	askEvery    = 5 * time.Second // Temporal, when there is nothing to wake
	firstPause  = 250 * time.Millisecond
	longest     = 5 * time.Second // pause between two tries of something that is away
)

// Run wakes until ctx is done, then lets the wakes under way end and returns
// nil. Nothing that goes wrong stops it: while Temporal or the outbox is away it
// asks again and again, and claims nothing that it could not wake.
func Run(ctx context.Context, config Config) error {
	s := newStarter(config)
	s.log.InfoContext(ctx, "starter started", "concurrency", s.Concurrency)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { s.listen(ctx); return nil })
	group.Go(func() error { s.keepAsking(ctx); return nil })
	group.Go(func() error { s.keepSchedules(ctx); return nil })
	group.Go(func() error { s.loop(ctx); return nil })
	err := group.Wait()
	s.log.InfoContext(context.WithoutCancel(ctx), "starter stopped")
	return err
}

// starter is one running starter.
type starter struct {
	Config
	log   *slog.Logger
	wake  chan struct{} // somebody says that there may be something to claim
	slots *semaphore.Weighted

	listening    atomic.Bool
	temporalAway atomic.Bool
	awayFrom     atomic.Pointer[time.Time] // its last answer before it was away
	unprepared   atomic.Bool               // what Prepare makes is gone
	outboxAway   bool                      // known to loop only
}

func newStarter(config Config) *starter {
	s := &starter{Config: config, log: config.Logger, wake: make(chan struct{}, 1)}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.Status == nil {
		s.Status = &Status{}
	}
	if s.Concurrency == 0 {
		s.Concurrency = 16
	}
	if s.Poll == 0 {
		s.Poll = time.Second
	}
	if s.ClaimTimeout == 0 {
		s.ClaimTimeout = 15 * time.Second
	}
	if s.ScheduleEvery == 0 {
		s.ScheduleEvery = scheduleEvery
	}
	s.slots = semaphore.NewWeighted(int64(s.Concurrency))
	return s
}

// loop claims and wakes.
func (s *starter) loop(ctx context.Context) {
	// Wakes that were claimed are made even when ctx is done.
	defer func() { _ = s.slots.Acquire(context.WithoutCancel(ctx), int64(s.Concurrency)) }()
	var outages backoff
	for ctx.Err() == nil {
		switch {
		case s.temporalAway.Load():
			s.awaitTemporal(ctx, &outages)
			continue
		case s.unprepared.Load():
			s.prepareAgain(ctx, &outages)
			continue
		}
		wakes, next, err := s.claim(ctx)
		if err != nil {
			s.outboxFailed(ctx, err)
			sleep(ctx, outages.next())
			continue
		}
		s.outboxAnswered(ctx)
		s.wakeAll(ctx, wakes)
		if !s.holds() {
			outages.reset()
		}
		if len(wakes) < batch {
			s.await(ctx, next)
		}
	}
}

// claim waits for the outbox no longer than it may take: one that never answers
// would keep the starter from ever waking again. What a claim took whose answer is
// lost is due again later.
func (s *starter) claim(ctx context.Context) ([]Wake, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, s.ClaimTimeout)
	defer cancel()
	return s.Outbox.Claim(ctx, batch)
}

// wakeAll makes the wakes, many at once, and returns when the last one has
// begun: one that hangs holds up nobody.
func (s *starter) wakeAll(ctx context.Context, wakes []Wake) {
	for i, r := range wakes {
		if s.holds() {
			return // what was claimed is due again when this is over
		}
		if err := s.slots.Acquire(ctx, 1); err != nil {
			s.log.DebugContext(ctx, "stopped before all claimed rings were made", "left", len(wakes)-i)
			return
		}
		go func() {
			defer s.slots.Release(1)
			s.wakeOne(ctx, r)
		}()
	}
}

// wakeOne makes one wake. Anything but success means that it is due again later,
// so that there is nothing to do but to say so.
func (s *starter) wakeOne(ctx context.Context, r Wake) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wakeTimeout)
	defer cancel()
	err := wake(ctx, s.Client, r)
	if err == nil {
		s.Status.temporalAnswered()
		return
	}
	if isAway(err) {
		last, _ := s.Status.LastContact()
		if !s.temporalAway.CompareAndSwap(false, true) {
			return // said already
		}
		s.awayFrom.Store(&last)
	}
	if s.Prepare != nil && isUnprepared(err) {
		if !s.unprepared.CompareAndSwap(false, true) {
			return // said already
		}
		s.Status.isPrepared(false)
	}
	s.log.WarnContext(ctx, "ring failed", "conversation_id", r.ConversationID, "delivery_id", r.DeliveryID,
		"seq", r.Seq, "error", err)
}

// holds reports whether no wake is made for now.
func (s *starter) holds() bool { return s.temporalAway.Load() || s.unprepared.Load() }

// isAway reports whether the error says more about Temporal than about the wake.
func isAway(err error) bool {
	var unavailable *serviceerror.Unavailable
	var deadline *serviceerror.DeadlineExceeded
	return errors.As(err, &unavailable) || errors.As(err, &deadline) || errors.Is(err, context.DeadlineExceeded)
}

// await returns after the poll interval, when the next wake is due or when
// somebody wakes the starter.
func (s *starter) await(ctx context.Context, next time.Duration) {
	wait := s.Poll
	if !s.listening.Load() {
		wait = s.Poll / 4
	}
	if next > 0 {
		wait = min(wait, next)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-s.wake:
	case <-timer.C:
	}
}

func (s *starter) outboxFailed(ctx context.Context, err error) {
	if ctx.Err() == nil && !s.outboxAway {
		s.outboxAway = true
		s.log.WarnContext(ctx, "outbox is away", "error", err)
	}
}

func (s *starter) outboxAnswered(ctx context.Context) {
	_, last := s.Status.LastContact()
	s.Status.outboxAnswered()
	if s.outboxAway {
		s.outboxAway = false
		s.log.InfoContext(ctx, "outbox is back")
		// A claim whose answer was lost has taken wakes that nobody made.
		s.wakeAgain(ctx, since(last)+s.ClaimTimeout)
	}
}
