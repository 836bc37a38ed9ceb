package starter

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
)

// listen has itself woken by the outbox, and begins again when that fails.
func (s *starter) listen(ctx context.Context) {
	var pauses backoff
	for ctx.Err() == nil {
		began := time.Now()
		s.listening.Store(true)
		err := s.Outbox.Listen(ctx, func() {
			select {
			case s.wake <- struct{}{}:
			default: // awake already
			}
		})
		s.listening.Store(false)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longest {
			pauses.reset()
		}
		s.log.WarnContext(ctx, "listening ended, polling until it works again", "error", err)
		sleep(ctx, pauses.next())
	}
}

// keepAsking asks Temporal now and then, so that the status is true when there
// is nothing to ring for.
func (s *starter) keepAsking(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.ask(ctx) // a ring or the next question tells more
		sleep(ctx, askEvery)
	}
}

func (s *starter) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ringTimeout)
	defer cancel()
	_, err := s.Client.CheckHealth(ctx, &client.CheckHealthRequest{})
	if err == nil {
		s.Status.temporalAnswered()
	}
	return err
}

// awaitTemporal waits a while and asks whether Temporal is back. The pauses grow
// until a claim went by without an outage.
func (s *starter) awaitTemporal(ctx context.Context, pauses *backoff) {
	sleep(ctx, pauses.next())
	if s.ask(ctx) == nil {
		s.temporalAway.Store(false)
		s.log.InfoContext(ctx, "temporal is back")
	}
}

// backoff gives growing pauses. The zero value begins with the shortest.
type backoff struct{ last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, firstPause), longest)
	return b.last
}

func (b *backoff) reset() { b.last = 0 }

// sleep returns after d or when ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
