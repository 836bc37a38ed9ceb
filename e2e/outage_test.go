package e2e_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/internal/pgtest"
)

// overdue is a product with a conversation on which two workflows become due, one
// after the other, and what must be true of their firings afterwards.
type overdue struct {
	*product
	conversation string
	after        time.Duration // the mail the first workflow is due
}

// outageIn is how long after its mail the first is due: long enough that the outage
// has begun by then, on a busy machine as well, where the product was long in starting.
func outageIn(began time.Time) time.Duration {
	return max(8*time.Second, time.Since(began).Round(time.Second))
}

// becomeDue makes the workflows and the conversation: the first is due so long
// after its mail, the second a second later.
func becomeDue(p *product, after time.Duration) overdue {
	p.t.Helper()
	for n, name := range []string{"First", "Second"} {
		p.workflow(p.support, object{
			"name": name, "conditions": []any{any1("waiting_since", "longer_than", fmt.Sprintf("%ds", int(after.Seconds())+n))},
			"actions": []any{object{"do": "add_tags", "tags": []any{"late"}}, object{"do": "reply", "body": "We are late."}},
		})
	}
	p.send("ann@example.com", "support@smarticks.test", "waiting@example.com", "Hello", "A question")
	o := overdue{p, p.conversationOf("waiting@example.com"), after}
	p.handled(o.conversation)
	// Nor does the change of the workflows wake it any longer.
	p.eventually("the workflows are in force everywhere", func() bool {
		return p.count(`SELECT (SELECT count(*) FROM rollouts WHERE state = 'running') + (SELECT count(*) FROM outbox)`) == 0
	})
	return o
}

// fired waits until both have fired, and judges when, in which order, how often.
func (o overdue) fired() {
	o.t.Helper()
	o.eventually("both workflows fire", func() bool {
		return o.count(`SELECT count(*) FROM runs WHERE conversation_id = $1 AND state = 'done'`, o.conversation) >= 2
	})
	o.sentReplies(2)
	if n := o.count(`SELECT count(*) FROM runs WHERE conversation_id = $1`, o.conversation); n != 2 {
		o.t.Errorf("%d runs, want one of each workflow", n)
	}
	// The run keeps the instant at which it was due, not the one at which the
	// outage ended.
	if n := o.count(`SELECT count(*) FROM (
			SELECT r.name, r.due_at, lag(r.due_at) OVER (ORDER BY r.seq) AS before, c.waiting_since
			FROM runs r JOIN conversations c ON c.id = r.conversation_id JOIN versions v ON v.id = r.version_id
			WHERE r.conversation_id = $1) x
		WHERE (before IS NULL AND name = 'First') OR (name = 'Second' AND due_at = before + interval '1 second')`, o.conversation); n != 2 {
		o.t.Error("the firings were not in the order of their due times")
	}
}

// passed waits until the database's clock is past both due times.
func (o overdue) passed() {
	o.t.Helper()
	o.eventually("the due times pass", func() bool {
		return o.count(`SELECT count(*) FROM conversations WHERE id = $1 AND clock_timestamp() > waiting_since + $2::interval + interval
			'1500 milliseconds'`,
			o.conversation, o.after) == 1
	})
	if n := o.count(`SELECT count(*) FROM runs WHERE conversation_id = $1`, o.conversation); n != 0 {
		o.t.Fatalf("%d runs during the outage", n)
	}
}

func TestADueTimeThatPassesWhileTemporalIsStoppedFiresOnce(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := start(t, options{keepTemporal: true})
	o := becomeDue(p, outageIn(began))
	o.temporal.Stop()
	o.passed()
	o.temporal.Start(t)
	o.fired()
}

func TestADueTimeThatPassesWhileTheWorkerIsStoppedFiresOnce(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := start(t, options{noWorker: true})
	stop := p.startWorker(nil)
	o := becomeDue(p, outageIn(began))
	stop()
	o.passed()
	p.startWorker(nil)
	o.fired()
}

func TestADueTimeThatPassesWhilePostgresIsStoppedFiresOnce(t *testing.T) {
	t.Parallel()
	began := time.Now()
	postgres := pgtest.Server(t)
	p := start(t, options{postgres: postgres})
	o := becomeDue(p, outageIn(began))
	postgres.Stop()
	// Nobody can be asked what time it is: the timer fires meanwhile.
	wait, cancel := context.WithTimeout(t.Context(), o.after+2*time.Second)
	defer cancel()
	<-wait.Done()
	must(t, postgres.Start(t.Context()))
	o.fired()
}

// reconcile has a pass made at once, by the schedule that the starter made.
func (o overdue) reconcile() {
	o.t.Helper()
	before := o.count(`SELECT count(*) FROM reconcile_passes`)
	schedule := o.client.ScheduleClient().GetHandle(o.t.Context(), "reconcile")
	o.eventually("the schedule can be triggered", func() bool {
		return schedule.Trigger(o.t.Context(), client.ScheduleTriggerOptions{}) == nil
	})
	o.eventually("a pass of the reconciler", func() bool { return o.count(`SELECT count(*) FROM reconcile_passes`) > before })
}

func TestWhatIsDueByAClockThatWasSetForwardFiresOnceByTheNextRingOrPass(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	p := start(t, options{offset: func() time.Duration { return time.Duration(ahead.Load()) }})
	o := becomeDue(p, time.Hour)
	ahead.Store(int64(2 * time.Hour))
	o.reconcile()
	o.fired()
	o.reconcile()
	// None if a wake that was under way came first.
	if n := o.count(`SELECT count(*) FROM reconcile_passes WHERE overdue > 0`); n > 1 {
		t.Errorf("%d passes found it overdue, want one at most", n)
	}
	if n := o.count(`SELECT count(*) FROM runs WHERE conversation_id = $1`, o.conversation); n != 2 {
		t.Errorf("%d runs after another pass", n)
	}
}

func TestAClockThatWasSetBackFiresNothingAgainAndLosesNothing(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	ahead.Store(int64(2 * time.Hour))
	p := start(t, options{offset: func() time.Duration { return time.Duration(ahead.Load()) }})
	o := becomeDue(p, 2*time.Second)
	o.fired()
	// Another conversation's due time lies ahead when the clock goes back.
	p.send("bob@example.com", "support@smarticks.test", "later@example.com", "Hello", "Another question")
	later := p.conversationOf("later@example.com")
	p.handled(later)
	ahead.Store(0)
	p.send("ann@example.com", "support@smarticks.test", "again@example.com", "Re: Hello", "And?", "In-Reply-To: <waiting@example.com>")
	p.handled(o.conversation)
	o.reconcile()
	if n := o.count(`SELECT count(*) FROM runs WHERE conversation_id = $1`, o.conversation); n != 2 {
		t.Errorf("%d runs after the clock went back, want the two of before", n)
	}
	// The other one is not lost: it fires when the clock comes there again.
	ahead.Store(int64(2*time.Hour + time.Minute + 30*time.Second))
	o.reconcile()
	p.eventually("the other conversation's firings", func() bool {
		return p.count(`SELECT count(*) FROM runs WHERE conversation_id = $1 AND state = 'done'`, later) == 2
	})
}
