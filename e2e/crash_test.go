package e2e_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/internal/sinks"
)

// crash is a worker that dies by kill -9 at a named point while it handles one
// mail, and a second worker that takes over.
type crash struct {
	point  string
	action string // reply or webhook
	// dead are the states of the delivery's attempts when the worker has died,
	// and ended those at the end.
	dead, ended []string
	// sent is how often the mail or the request arrives, in all.
	deadSent, sent int
}

var crashes = []crash{
	{point: "advance-committed", action: "reply", dead: nil, ended: []string{"sent"}, sent: 1},
	{point: "delivery-taken", action: "reply", dead: []string{"started"}, ended: []string{"deferred", "sent"}, sent: 1},
	{point: "delivery-taken", action: "webhook", dead: []string{"started"}, ended: []string{"deferred", "sent"}, sent: 1},
	{point: "mail-before-dot", action: "reply", dead: []string{"data_sent"}, ended: []string{"unknown", "sent"}, sent: 1},
	// The effect is there and nobody knows it: it happens twice, and says so.
	{point: "delivery-attempted", action: "reply", dead: []string{"data_sent"}, ended: []string{"unknown", "sent"}, deadSent: 1, sent: 2},
	{point: "delivery-attempted", action: "webhook", dead: []string{"started"}, ended: []string{"deferred", "sent"}, deadSent: 1, sent: 2},
}

// What waits for a dead worker to be noticed (10 to 30 s) waits in all products
// at the same time.
func TestAWorkerThatDiesAtAnyPointLosesNothingAndDoublesNothingUnsaid(t *testing.T) {
	t.Parallel()
	products := make([]*product, len(crashes))
	for i, c := range crashes {
		p := start(t, options{noWorker: true})
		products[i] = p
		p.workflow(p.support, object{
			"name": "Answer", "max_runs": 10, "conditions": []any{any1("customer_replied", "", nil)},
			"actions": []any{object{"do": "add_tags", "tags": []any{"seen"}}, c.does(p)},
		})
		worker := p.spawnWorker("CRASH_AT=" + c.point + ":1")
		p.send("ann@example.com", "support@smarticks.test", "crash@example.com", "Hello", "A question")
		select {
		case <-worker.dead:
		case <-time.After(time.Minute):
			t.Fatalf("%v: the worker did not die", c)
		}
		t.Run(c.String()+"/at death", func(t *testing.T) { c.atDeath(p.in(t)) })
		p.spawnWorker()
	}
	for i, c := range crashes {
		t.Run(c.String()+"/at the end", func(t *testing.T) { c.atTheEnd(p.in(t)) })
		_ = i
	}
	_ = products
	_ = bytes.Equal
	_ = sinks.AtMail
}

func (c crash) String() string { return fmt.Sprintf("%s, %s", c.point, c.action) }
