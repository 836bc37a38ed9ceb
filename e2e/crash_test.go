package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// crash is a worker that dies by kill -9 at a named point while it handles one
// mail; a second worker takes over.
type crash struct {
	point  string
	action string // reply or webhook
	// atDeath and atEnd are the states of the delivery's attempts.
	atDeath, atEnd []string
	// gone is how many copies had left the house at the death, and in all.
	gone, goneInAll int
}

var crashes = []crash{
	{"advance-committed", "reply", []string{"started"}, []string{"deferred", "sent"}, 0, 1},
	{"delivery-taken", "reply", []string{"started"}, []string{"deferred", "sent"}, 0, 1},
	{"delivery-taken", "webhook", []string{"started"}, []string{"deferred", "sent"}, 0, 1},
	{"mail-before-dot", "reply", []string{"data_sent"}, []string{"unknown", "sent"}, 0, 1},
	// It has left the house and nobody knows: it goes twice, and the journal says
	// why.
	{"delivery-attempted", "reply", []string{"data_sent"}, []string{"unknown", "sent"}, 1, 2},
	{"delivery-attempted", "webhook", []string{"started"}, []string{"deferred", "sent"}, 1, 2},
	// Everything is done and kept, and Temporal was not told.
	{"first-attempts-made", "reply", []string{"sent"}, []string{"sent"}, 1, 1},
	{"first-attempts-made", "webhook", []string{"sent"}, []string{"sent"}, 1, 1},
}

func (c crash) String() string { return c.point + " of a " + c.action }

func TestAWorkerKilledAtAnyPointLosesNothingAndDoublesNothingUnsaid(t *testing.T) {
	t.Parallel()
	// It takes up to half a minute to notice that a worker is dead. All wait for it
	// at the same time.
	products := make([]*product, len(crashes))
	for i, c := range crashes {
		p := start(t, options{noWorker: true})
		products[i] = p
		p.workflow(p.support, object{
			"name": "Answer", "max_runs": 10, "conditions": []any{any1("new_conversation", "", nil)},
			"actions": []any{object{"do": "add_tags", "tags": []any{"seen"}}, c.does(p)},
		})
		worker := p.spawnWorker("CRASH_AT=" + c.point + ":1")
		p.send("ann@example.com", "support@smarticks.test", "crash@example.com", "Hello", "A question")
		select {
		case <-worker.dead:
		case <-time.After(patience):
			t.Fatalf("%v: the worker did not die", c)
		}
		t.Run(c.String()+" at death", func(t *testing.T) {
			p := p.in(t)
			c.judge(p, c.atDeath, c.gone)
			if strings.Contains(kinds(p.history(p.conversationOf("crash@example.com"))), "MarkerRecorded") {
				t.Error("Temporal was told what was done: the point is not where it should be")
			}
		})
		p.spawnWorker()
	}
	for i, c := range crashes {
		t.Run(c.String()+" at the end", func(t *testing.T) {
			p := products[i].in(t)
			p.eventually("the delivery is sent", func() bool {
				return p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == 1
			})
			c.judge(p, c.atEnd, c.goneInAll)
			c.alike(p)
		})
	}
}

func (c crash) does(p *product) object {
	if c.action == "webhook" {
		return object{"do": "webhook", "url": p.hooks.URL(), "body": object{"number": "{%conversation.number%}"}}
	}
	return object{"do": "reply", "body": "We have your question."}
}

// judge compares what there is with what there should be: decided once, acted
// once, attempted and gone as told.
func (c crash) judge(p *product, attempts []string, gone int) {
	p.t.Helper()
	for what, sql := range map[string]string{
		"runs":                    `SELECT count(*) FROM runs WHERE state = 'done'`,
		"additions of the tag":    `SELECT count(*) FROM events WHERE kind = 'tags_changed'`,
		"deliveries":              `SELECT count(*) FROM deliveries`,
		"customer's messages":     `SELECT count(*) FROM messages WHERE kind = 'customer'`,
		"handled conversations":   `SELECT count(*) FROM conversations WHERE handled_seq = last_seq`,
		"attempts without reason": `SELECT 1 + count(*) FROM attempts WHERE state IN ('unknown', 'deferred') AND reason = ''`,
	} {
		if got := p.count(sql); got != 1 {
			p.t.Errorf("%s: %d, want 1", what, got)
		}
	}
	if got := p.attemptStates(); !slices.Equal(got, attempts) {
		p.t.Errorf("attempts %v, want %v", got, attempts)
	}
	if got := len(p.sent.Sent()) + len(p.hooks.Requests()); got != gone {
		p.t.Errorf("%d copies have left the house, want %d", got, gone)
	}
}

// alike checks that who gets a copy twice can tell.
func (c crash) alike(p *product) {
	p.t.Helper()
	for _, m := range p.sent.Sent() {
		if first := p.sent.Sent()[0]; m.File != first.File { // a mail with other bytes is another file
			p.t.Errorf("the copies %s and %s differ", first.File, m.File)
		}
	}
	for _, r := range p.hooks.Requests() {
		first := p.hooks.Requests()[0]
		if id := r.Header.Get("Webhook-Id"); id == "" || id != first.Header.Get("Webhook-Id") || r.Body != first.Body {
			p.t.Errorf("the copies differ: %v %s and %v %s", first.Header, first.Body, r.Header, r.Body)
		}
	}
}

// attemptStates are the states of all attempts in the order of their beginning.
func (p *product) attemptStates() []string {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), `SELECT state FROM attempts ORDER BY started_at, n`)
	must(p.t, err)
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(p.t, err)
	return states
}

// spawnWorker starts a worker as a process of its own.
func (p *product) spawnWorker(settings ...string) *child {
	p.t.Helper()
	return spawn(p.t, []string{"worker"}, append(settings,
		"DATABASE_URL="+p.dsn, "TEMPORAL_ADDRESS="+p.temporal.Address, "TEMPORAL_NAMESPACE="+p.temporal.Namespace,
		"SMARTICKS_SMTP_RELAY_URL="+p.worker.RelayURL, "SMARTICKS_WEBHOOK_ALLOW="+p.worker.WebhookAllow, "SMARTICKS_PROBE_ADDR=127.0.0.1:0")...)
}

// in is the product for a subtest.
func (p *product) in(t *testing.T) *product {
	q := *p
	q.t = t
	return &q
}
