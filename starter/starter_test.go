package starter_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/smarticks/smarticks/starter"
)

// play runs a starter in a bubble of fake time.
func play(t *testing.T, o *fakeOutbox, c *fakeClient, scene func(status *starter.Status)) {
	t.Helper()
	playPrepared(t, o, c, nil, scene)
}

// playPrepared runs one that can prepare Temporal again.
func playPrepared(t *testing.T, o *fakeOutbox, c *fakeClient, prepare func(context.Context) error, scene func(status *starter.Status)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c.outbox = o
		if o.again == 0 {
			o.again = 10 * time.Second
		}
		var status starter.Status
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- starter.Run(ctx, starter.Config{Client: c, Outbox: o, Logger: quiet(), Status: &status, Prepare: prepare})
		}()
		synctest.Wait()
		scene(&status)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestAWakeIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{}
	play(t, o, c, func(*starter.Status) {
		o.add(conversationWake("a"), 0)
		start := time.Now()
		o.notify()
		synctest.Wait()
		if len(c.woken()) != 1 || time.Since(start) != 0 {
			t.Errorf("rung %v after %v, want once, at once", c.woken(), time.Since(start))
		}
	})
}

func TestThePollFindsWhatNobodyAnnounced(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{silent: true}, &fakeClient{}
	play(t, o, c, func(*starter.Status) {
		time.Sleep(100 * time.Millisecond)
		o.add(conversationWake("a"), 0)
		time.Sleep(250 * time.Millisecond)
		synctest.Wait()
		if len(c.woken()) != 1 {
			t.Errorf("rung %v, want once", c.woken())
		}
	})
}

func TestAFutureRingIsMadeWhenItIsDue(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{}
	play(t, o, c, func(*starter.Status) {
		start := time.Now()
		o.add(conversationWake("a"), 0)
		o.add(conversationWake("b"), 200*time.Millisecond)
		o.notify()
		time.Sleep(time.Second)
		synctest.Wait()
		if len(c.times) != 2 || c.times[1].Sub(start) != 200*time.Millisecond {
			t.Errorf("rung %v at %v", c.wakes, c.times)
		}
	})
}

func TestAnIdleStarterPollsOnceASecond(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{}
	play(t, o, c, func(*starter.Status) {
		before := o.claimed()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := o.claimed() - before; n != 60 {
			t.Errorf("%d claims in a minute, want 60", n)
		}
	})
}

func TestAFailedRingIsMadeAgain(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"too many signals": serviceerror.NewInvalidArgument("exceeded workflow execution limit for signal events"),
		"closing":          serviceerror.NewResourceExhausted(0, "workflow operation can not be applied because workflow is closing"),
		"away":             serviceerror.NewUnavailable("away"),
		"anything":         errors.New("anything"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &fakeOutbox{}
			c := &fakeClient{answer: func(n int) error {
				if n < 3 {
					return err
				}
				return nil
			}}
			play(t, o, c, func(*starter.Status) {
				o.add(conversationWake("a"), 0)
				time.Sleep(time.Minute)
				synctest.Wait()
				if len(c.woken()) != 3 {
					t.Errorf("rung %d times, want 3", len(c.woken()))
				}
			})
		})
	}
}

func TestNothingIsClaimedWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	away := serviceerror.NewUnavailable("away")
	o := &fakeOutbox{again: time.Millisecond}
	c := &fakeClient{}
	c.answer = func(int) error { return c.health }
	c.health = away
	play(t, o, c, func(status *starter.Status) {
		o.add(conversationWake("a"), 0)
		o.notify()
		time.Sleep(time.Second)
		synctest.Wait()
		before := o.claimed()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := o.claimed() - before; n != 0 {
			t.Errorf("%d claims while Temporal was away", n)
		}
		if err := status.Ready(15 * time.Second); err == nil || err.Error() != "temporal does not answer" {
			t.Errorf("ready: %v", err)
		}
		c.setHealth(nil)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if len(c.woken()) < 2 {
			t.Error("not rung again when Temporal was back")
		}
		if err := status.Ready(15 * time.Second); err != nil {
			t.Errorf("ready: %v", err)
		}
	})
}

func TestAnOutboxThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{}
	play(t, o, c, func(status *starter.Status) {
		o.fail(errors.New("away"))
		before := o.claimed()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := o.claimed() - before; n < 10 || n > 20 {
			t.Errorf("%d claims in a minute, want one each 5 s or so", n)
		}
		if err := status.Ready(15 * time.Second); err == nil || err.Error() != "the outbox does not answer" {
			t.Errorf("ready: %v", err)
		}
		o.add(conversationWake("a"), 0)
		o.fail(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(c.woken()) != 1 {
			t.Errorf("rung %d times, want 1", len(c.woken()))
		}
	})
}

func TestAClaimThatIsNeverAnsweredIsGivenUp(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{}
	play(t, o, c, func(status *starter.Status) {
		o.hang(true)
		time.Sleep(time.Minute)
		if err := status.Ready(15 * time.Second); err == nil || err.Error() != "the outbox does not answer" {
			t.Errorf("ready: %v", err)
		}
		o.add(conversationWake("a"), 0)
		o.hang(false)
		time.Sleep(20 * time.Second) // the claim that hangs, and a pause
		synctest.Wait()
		if len(c.woken()) != 1 {
			t.Errorf("rung %d times, want 1", len(c.woken()))
		}
	})
}

func TestManyRingsAreMadeAFewAtATime(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{}, &fakeClient{during: func(string) { time.Sleep(10 * time.Millisecond) }}
	play(t, o, c, func(*starter.Status) {
		for i := range 1000 {
			o.add(conversationWake(fmt.Sprint(i)), 0)
		}
		start := time.Now()
		o.notify()
		time.Sleep(700 * time.Millisecond) // 1,000 / 16 x 10 ms
		synctest.Wait()
		if len(c.woken()) != 1000 || c.most != 16 {
			t.Errorf("%d rung in %v, at most %d at once; want 1000, 16", len(c.woken()), time.Since(start), c.most)
		}
	})
}

func TestARingThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	o := &fakeOutbox{}
	c := &fakeClient{during: func(id string) {
		if id == "conversation/hangs" {
			<-hang
		}
	}}
	play(t, o, c, func(*starter.Status) {
		hang = make(chan struct{}) // of this bubble
		o.add(conversationWake("hangs"), 0)
		o.notify()
		synctest.Wait()
		o.add(conversationWake("a"), 0)
		o.notify()
		synctest.Wait()
		if len(c.woken()) != 2 {
			t.Errorf("rung %v, want both", c.woken())
		}
		close(hang)
	})
}
