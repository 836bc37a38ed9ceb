package starter_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/smarticks/smarticks/starter"
)

// It may come back just when somebody else asks it, too: whenever that is.
func TestWhatWasRungForInVainIsRungForAtOnceWhenTemporalIsBack(t *testing.T) {
	t.Parallel()
	for away := time.Minute; away < time.Minute+10*time.Second; away += 500 * time.Millisecond {
		t.Run(away.String(), func(t *testing.T) {
			t.Parallel()
			o, c := &fakeOutbox{again: 10 * time.Minute}, &fakeClient{}
			c.answer = func(int) error { return c.health }
			c.health = serviceerror.NewUnavailable("away")
			play(t, o, c, func(*starter.Status) {
				for _, id := range []string{"a", "b", "c"} {
					o.add(conversationWake(id), 0)
				}
				o.notify()
				time.Sleep(away)
				c.setHealth(nil)
				before := len(c.woken())
				time.Sleep(5*time.Second + time.Millisecond) // the longest pause between two questions
				synctest.Wait()
				if n := len(c.woken()) - before; n != 3 {
					t.Errorf("%d rings within 5 s after Temporal came back, want 3", n)
				}
			})
		})
	}
}

func TestWhatALostAnswerHasTakenIsRungForAtOnceWhenTheOutboxIsBack(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{again: 10 * time.Minute}, &fakeClient{}
	play(t, o, c, func(*starter.Status) {
		o.lose(true)
		o.add(conversationWake("a"), 0)
		o.notify()
		time.Sleep(time.Minute)
		o.lose(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(c.woken()) != 1 {
			t.Errorf("rung %d times within 5 s after the outbox came back, want once", len(c.woken()))
		}
	})
}

func TestOneThatHasGoneOnLongAgoIsNotRungForAgain(t *testing.T) {
	t.Parallel()
	o, c := &fakeOutbox{again: 10 * time.Minute}, &fakeClient{}
	c.answer = func(n int) error { return map[bool]error{true: errors.New("not now")}[n == 1] }
	play(t, o, c, func(*starter.Status) {
		o.add(conversationWake("stuck"), 0)
		o.notify()
		time.Sleep(time.Minute)
		o.fail(errors.New("away"))
		time.Sleep(10 * time.Second)
		o.fail(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(c.woken()) != 1 {
			t.Errorf("rung %d times, want once: its ring did not fall into the outage", len(c.woken()))
		}
	})
}

// gone are errors of wakes that say that what Prepare makes is missing, or not.
var gone = map[string]struct {
	err     error
	prepare bool
}{
	"namespace": {serviceerror.NewNamespaceNotFound("default"), true},
	"no mapping": {serviceerror.NewInvalidArgument("Namespace default has no mapping defined for search attribute " +
		"SmarticksMailbox"), true},
	"attribute not defined":   {serviceerror.NewInvalidArgument("search attribute SmarticksStatus is not defined"), true},
	"invalid value":           {serviceerror.NewInvalidArgument("invalid value for Search Attribute SmarticksStatus"), true},
	"too many signals":        {serviceerror.NewInvalidArgument("exceeded workflow execution limit for signal events"), false},
	"closing":                 {serviceerror.NewResourceExhausted(0, "workflow is closing"), false},
	"workflow that is closed": {serviceerror.NewNotFound("workflow not found"), false},
}

func TestAStarterPreparesAgainWhatItsRingsMiss(t *testing.T) {
	t.Parallel()
	for name, g := range gone {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var prepared, allowed atomic.Bool
			var tries atomic.Int32
			o, c := &fakeOutbox{again: 10 * time.Minute}, &fakeClient{}
			c.answer = func(int) error {
				if prepared.Load() {
					return nil
				}
				return g.err
			}
			prepare := func(context.Context) error {
				tries.Add(1)
				if !allowed.Load() {
					return errors.New("not yet")
				}
				prepared.Store(true)
				return nil
			}
			playPrepared(t, o, c, prepare, func(status *starter.Status) {
				o.add(conversationWake("a"), 0)
				o.notify()
				synctest.Wait()
				if err := status.Ready(15 * time.Second); (err != nil) != g.prepare {
					t.Errorf("ready: %v", err)
				}
				time.Sleep(time.Minute)
				claims := o.claimed()
				time.Sleep(time.Minute)
				if (o.claimed() == claims) != g.prepare || (tries.Load() > 5) != g.prepare {
					t.Errorf("%d claims, %d tries to prepare", o.claimed()-claims, tries.Load())
				}
				allowed.Store(true)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if !g.prepare {
					return
				}
				if err := status.Ready(15 * time.Second); err != nil || len(c.woken()) != 2 {
					t.Errorf("ready: %v; rung %d times, want twice", err, len(c.woken()))
				}
			})
		})
	}
}
