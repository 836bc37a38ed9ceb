package store_test

import (
	"fmt"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// A lost timer is at most one pass late, whatever is held up: here by one thing after
// another, each of which stays held up while the next comes.
func TestOutsidersNothingHoldsUpALostTimer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	// held makes so many conversations of the subject, and changes them.
	held := func(n int, subject, then string) {
		s.house.Exec(`INSERT INTO conversations (id, subject, last_seq, mailbox_id, customer_id, type, status, state, started_by, created_at,
			updated_at, status_changed_at)
			SELECT gen_random_uuid(), $2, 0, mailbox_id, customer_id, type, status, state, started_by, created_at, updated_at, status_changed_at
			FROM (SELECT * FROM conversations ORDER BY id LIMIT 1) one, generate_series(1, $1) n`, n, subject)
		s.house.Exec(then, subject)
	}
	const waits = `INSERT INTO deliveries (id, conversation_id, mailbox_id, seq, kind, state, attempts, next_at, held_until, payload,
		created_at)
		SELECT gen_random_uuid(), id, mailbox_id, n, %s, clock_timestamp() - interval '3 hours', %s, '{}', now() FROM conversations,
		generate_series(1, %d) n WHERE subject = $1`
	for _, c := range []struct {
		name string
		hold func(name string)
	}{
		{"a relay that is away, and an answer in each of 600 conversations", func(name string) {
			held(600, name, fmt.Sprintf(waits, `'reply', 'waiting', 1`, `NULL`, 1))
		}},
		{"an endpoint that holds the first of many", func(name string) {
			held(3, name, fmt.Sprintf(waits, `'webhook', 'waiting', 1`, `CASE WHEN n = 1 THEN clock_timestamp() + interval '1 hour' END`, 200))
		}},
		{"notices whose own workflows are gone", func(name string) {
			held(60, name, fmt.Sprintf(waits, `'notify', 'handed_over', 9`, `NULL`, 10))
		}},
		{"600 conversations that nobody can handle", func(name string) {
			held(600, name, `WITH c AS (UPDATE conversations SET last_seq = 1 WHERE subject = $1 RETURNING id, mailbox_id)
				INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, at) SELECT id, 1, 'note_added', mailbox_id, 'user', now() -
				interval '2 hours' FROM c`)
		}},
		{"600 due times that nobody looks at", func(name string) {
			held(600, name, `UPDATE conversations SET next_due = clock_timestamp() - interval '2 hours' WHERE subject = $1`)
		}},
		{"conversations that were erased, with a due time", func(name string) {
			held(600, name, `UPDATE conversations SET erased_at = now(), next_due = clock_timestamp() - interval '9 hours' WHERE subject = $1`)
		}},
		{"rings that have been open for longer than they may", func(string) {
			s.house.Exec(`UPDATE outbox SET reconciled_at = reconciled_at - interval '11 minutes'`)
		}},
		{"a starter that is away: all rings are put off", func(string) {
			s.house.Exec(`UPDATE outbox SET rings = 9, rung_at = clock_timestamp(), ring_at = clock_timestamp() + interval '1 hour'`)
		}},
	} {
		c.hold(c.name)
		s.pass(t)
		s.pass(t) // 600 are more than one pass wakes
		lost := string(s.received(t, "lost "+c.name+"@brief.example"))
		s.house.Exec(`UPDATE conversations SET handled_seq = last_seq, next_due = clock_timestamp() - interval '61 seconds' WHERE id = $1`, lost)
		s.house.Exec(`DELETE FROM outbox WHERE id = $1`, lost)
		s.pass(t)
		if n := s.house.Number(`SELECT count(*) FROM outbox WHERE id = $1 AND ring_at <= clock_timestamp() AND reconciled_at IS NOT NULL`,
			lost); n != 1 {
			t.Errorf("%s: the lost timer is not rung for; %d rings are open", c.name, s.house.Number(`SELECT count(*) FROM outbox`))
		}
		s.house.Exec(`UPDATE conversations SET next_due = NULL WHERE id = $1`, lost)
	}
}
