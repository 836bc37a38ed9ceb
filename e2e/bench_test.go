package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// The benchmarks of this package are run by make bench, each once: what they
// measure is printed as a table, since go's own form has room for averages only.

// say prints a line of a table, or progress, at once. A benchmark's own log is
// cut after ten lines.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// copies makes n open conversations out of one, each as a mail leaves it: with
// its message, its event and its outbox row, and waiting since that instant. Their
// Temporal workflows are started by the starter as ever.
func (p *product) copies(of string, n int, waitingSince time.Time) {
	p.t.Helper()
	_, err := p.pool.Exec(p.t.Context(), `
		WITH new AS MATERIALIZED (
			SELECT gen_random_uuid() AS id, gen_random_uuid() AS message, nextval('conversation_numbers') AS number FROM generate_series(1, $2)
		), c AS (
			INSERT INTO conversations SELECT r.* FROM new, conversations c, jsonb_populate_record(c, jsonb_build_object(
				'id', new.id, 'number', new.number, 'last_seq', 1, 'handled_seq', 0, 'busy_until', null,
				'waiting_since', $3::timestamptz, 'dues', '[]'::jsonb, 'next_due', null)) r
			WHERE c.id = $1
		), m AS (
			INSERT INTO messages SELECT r.* FROM new, messages m, jsonb_populate_record(m, jsonb_build_object(
				'id', new.message, 'conversation_id', new.id, 'message_id_header', new.message || '@example.com')) r
			WHERE m.conversation_id = $1
		), e AS (
			INSERT INTO events SELECT r.* FROM new, events e, jsonb_populate_record(e, jsonb_build_object(
				'conversation_id', new.id, 'message_id', new.message)) r
			WHERE e.conversation_id = $1 AND e.seq = 1
		)
		INSERT INTO outbox (id, conversation_id, seq, ring_at) SELECT id, id, 1, clock_timestamp() FROM new`, of, n, waitingSince)
	must(p.t, err)
	_, err = p.pool.Exec(p.t.Context(), `NOTIFY smarticks_outbox`) // as the store does after each commit
	must(p.t, err)
}

// original is a conversation to be copied, in which all is handled.
func (p *product) original() string {
	p.t.Helper()
	p.send("ann@example.com", "support@smarticks.test", "original@example.com", "Where is my parcel?",
		"Hello,\r\n\r\nit has not come yet.\r\n\r\nAnn")
	id := p.conversationOf("original@example.com")
	p.settled(id)
	return id
}

// until waits without a bound but the benchmark's own; tell is called every ten
// seconds.
func (p *product) until(ok func() bool, tell func()) {
	p.t.Helper()
	tick, told := time.NewTicker(10*time.Millisecond), time.Now()
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-p.t.Context().Done():
			p.t.Fatal(context.Cause(p.t.Context()))
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			tell()
		}
	}
}

// once fails when a benchmark is not run as make bench does.
func once(b *testing.B) {
	b.Helper()
	if b.N != 1 {
		b.Fatal("this benchmark is one measurement: run it with -benchtime 1x")
	}
}
