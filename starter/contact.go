package starter

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
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
// is nothing to wake.
func (s *starter) keepAsking(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.ask(ctx) // a wake or the next question tells more
		sleep(ctx, askEvery)
	}
}

func (s *starter) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
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
	if s.ask(ctx) != nil {
		return
	}
	outage := everWoken
	if last := s.awayFrom.Load(); last != nil {
		outage = since(*last)
	}
	s.temporalAway.Store(false)
	s.log.InfoContext(ctx, "temporal is back")
	s.wakeAgain(ctx, outage+wakeTimeout)
}

// everWoken is longer than a wake stays without being made again.
const everWoken = 24 * time.Hour

// prepareAgain waits a while and makes Temporal fit for us again. Whatever was woken
// for before may have gone with what it is for.
func (s *starter) prepareAgain(ctx context.Context, pauses *backoff) {
	sleep(ctx, pauses.next())
	if ctx.Err() != nil {
		return
	}
	if err := s.Prepare(ctx); err != nil {
		s.log.WarnContext(ctx, "temporal cannot be prepared, trying again", "error", err)
		return
	}
	s.unprepared.Store(false)
	s.Status.isPrepared(true)
	s.log.InfoContext(ctx, "temporal is prepared again")
	s.wakeAgain(ctx, everWoken)
}

// since is how long ago it was, at most everWoken: nobody may have answered ever.
func since(last time.Time) time.Duration { return min(time.Since(last), everWoken) }

// isUnprepared reports whether the error says that what Prepare makes is missing: the
// namespace, or a search attribute, for which the server has words only.
func isUnprepared(err error) bool {
	var namespace *serviceerror.NamespaceNotFound
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &namespace) ||
		errors.As(err, &invalid) && strings.Contains(strings.ToLower(invalid.Error()), "search attribute")
}

// wakeAgain has everything woken at once that was claimed while something was
// away. Without it the next wake would come when its pause is over.
func (s *starter) wakeAgain(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, s.ClaimTimeout)
	defer cancel()
	if err := s.Outbox.WakeAgain(ctx, within); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "what was rung for in vain is rung for later", "error", err)
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
