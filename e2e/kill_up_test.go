package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	killLetters = 200
	kills       = 20
)

// TestKillUp kills the whole product again and again while mail comes in, in half
// of the cases with its Postgres. For every 250 there is exactly one message, one
// run of each workflow that should run, and one sent mail.
func TestKillUp(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("KILL_SEED"); given != "" {
		var err error
		seed, err = strconv.ParseUint(given, 10, 64)
		must(t, err)
	}
	t.Logf("KILL_SEED=%d", seed)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()

	h := newHouse(t)
	p := newPost(ctx, h.address)
	letters := make([]letter, killLetters)
	for i := range letters {
		letters[i] = newLetter(i)
	}
	left := letters
	began := time.Now()
	for i, m := range moments(seed) {
		h.begin()
		if m.kind == whileStarting {
			h.starting(m)
			h.kill(false)
			continue
		}
		h.ready()
		h.furnish()
		batch := left[:m.letters]
		left = left[m.letters:]
		h.die(p, batch, m)
		t.Logf("%5.1fs: kill %d, %v, %d accepted, %d sent", time.Since(began).Seconds(), i+1, m, p.delivered(), len(h.sentFiles()))
	}
	h.begin()
	defer h.end()
	h.ready()
	h.furnish()
	for _, l := range left {
		p.errands <- errand{letter: l}
	}
	h.until("250 for every letter", func() bool { return p.delivered() == killLetters })
	idle := h.within(patience, func() bool { return len(h.sentFiles()) >= killLetters && h.idle() })
	t.Logf("%5.1fs: nothing left to do: %v; %d dialogues without an answer, %d deferred", time.Since(began).Seconds(), idle, p.unknown,
		p.deferred)
	h.judge(letters)
}

// moment is when to kill.
type moment struct {
	kind     string
	letters  int     // to be sent in that life
	doomed   int     // index of the letter at which it dies
	at       stage   // of that letter's dialogue
	fraction float64 // of the time that the answer to a dot takes
	sent     int     // mails to be sent in that life before it dies
	hard     bool    // Postgres dies too
}

func (m moment) String() string {
	and := ""
	if m.hard {
		and = ", with Postgres"
	}
	switch m.kind {
	case whileReceiving:
		return fmt.Sprintf("%s letter %d of %d, stage %d (%.2f)%s", m.kind, m.doomed+1, m.letters, m.at, m.fraction, and)
	case whileWorking:
		return fmt.Sprintf("%s on %d letters, after %d went out%s", m.kind, m.letters, m.sent, and)
	default:
		return m.kind
	}
}

const (
	whileReceiving = "while receiving"
	whileWorking   = "while working"
	whileStarting  = "while starting"
)

// moments are drawn from the seed: half of them after some mails went out, the
// others at some stage of a mail's dialogue, or while up is starting.
func moments(seed uint64) []moment {
	rng := rand.New(rand.NewPCG(seed, seed))
	all := make([]moment, kills)
	for i := range all {
		m := &all[i]
		m.kind = whileWorking
		switch {
		case i%10 == 0:
			m.kind = whileStarting
		case i%2 == 0:
			m.kind = whileReceiving
		}
		m.letters = 4 + rng.IntN(7) // never more than there are
		m.doomed, m.at, m.fraction = rng.IntN(m.letters), stage(rng.IntN(int(stages))), rng.Float64()
		m.sent, m.hard = 1+rng.IntN(m.letters), rng.IntN(2) == 0
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// starting returns when up has come as far as the moment says: it holds the
// state directory, it has launched Temporal, or its roles have begun.
func (h *house) starting(m moment) {
	h.t.Helper()
	signs := []struct{ what, file string }{
		{"up holds its state directory", "smarticks.pid"},
		{"up has launched Temporal", "temporal.db.pid"},
		{"up's roles have begun", "smarticks.log"},
	}
	sign := signs[m.doomed%len(signs)]
	before := h.content(sign.file)
	h.until(sign.what, func() bool { return h.content(sign.file) != before })
}

// furnish makes the mailbox and the workflows, unless they are there.
func (h *house) furnish() {
	h.t.Helper()
	if h.support == "" {
		if boxes := h.list("/v1/mailboxes"); len(boxes) > 0 {
			h.support = boxes[0]["id"].(string)
		} else {
			h.support = h.mailbox("support@smarticks.test")
		}
	}
	if len(h.list("/v1/mailboxes/"+h.support+"/workflows")) > 0 {
		return
	}
	h.call("PATCH", "/v1/settings", object{"runs_per_workflow": 1000000, "mails_per_recipient": 10000,
		"mails_per_recipient_and_subject": 10000, "mails_per_recipient_and_day": 10000})
	h.workflow(h.support, object{
		"name": "Answer", "replies_per_hour": 60, "conditions": []any{any1("new_conversation", "", nil)},
		"actions": []any{object{"do": "add_tags", "tags": []any{"answered"}},
			object{"do": "reply", "body": "We have your question #{%conversation.number%}."}},
	})
	h.workflow(h.support, object{
		"name": "Refunds", "conditions": []any{any1("subject", "contains", "refund")},
		"actions": []any{object{"do": "note", "body": "A refund."}},
	})
}

// die sends the letters and kills up at the moment. What was not accepted by
// then is accepted in a later life.
func (h *house) die(p *post, batch []letter, m moment) {
	h.t.Helper()
	goal := len(h.sentFiles()) + m.sent
	dead := make(chan struct{})
	for i, l := range batch {
		e := errand{letter: l}
		if m.kind == whileReceiving && i == m.doomed {
			e.victim = &victim{at: m.at, fraction: m.fraction, kill: func() { defer close(dead); h.kill(m.hard) }}
		}
		p.errands <- e
	}
	if m.kind == whileReceiving {
		select {
		case <-dead:
		case err := <-p.refused:
			h.t.Fatal(err)
		}
		return
	}
	h.until("mails went out", func() bool { return len(h.sentFiles()) >= goal })
	h.kill(m.hard)
}

// idle reports whether all is handled and sent.
func (h *house) idle() bool {
	h.t.Helper()
	for _, state := range []string{"waiting", "handed_over"} {
		if len(h.call("GET", "/v1/deliveries?limit=1&state="+state, nil)["items"].([]any)) > 0 {
			return false
		}
	}
	for _, c := range h.list("/v1/conversations") {
		if c["handled_seq"] != c["last_seq"] {
			return false
		}
	}
	return true
}
