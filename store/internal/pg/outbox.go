package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// WakeConversation makes sure that the starter wakes: now, unless the conversation has been
// handled more than five times within a second; then 200 ms after the last time, so that a
// burst is a few wakes. It is by 200 ms from now even if the clock was set back since. It
// must be in the transaction of the change itself.
func (d *DB) WakeConversation(ctx context.Context, tx pgx.Tx, id conversation.ID, seq int64, manual bool) error {
	_, err := tx.Exec(ctx, Waking, id, seq, manual, d.Offset())
	return err
}

// Waking is the statement of ringConversation, also where the conversation begins in
// the same one.
const Waking = `
		INSERT INTO outbox (id, conversation_id, seq, manual, ring_at)
		SELECT $1::uuid, $1::uuid, $2::bigint, $3::boolean, 
			LEAST(GREATEST(now, busy_until - interval '1 second'), now + interval '200 milliseconds')
		FROM (SELECT clock_timestamp() + $4::interval AS now, (SELECT busy_until FROM conversations WHERE id = $1) AS busy_until) clock
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, manual = outbox.manual OR excluded.manual, rings = 0,
			ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at,
				LEAST(outbox.rung_at, clock_timestamp() + $4::interval) + interval '200 milliseconds'))`

// WakeAgain wakes conversations that are locked and to which nothing happened:
// their due lists are to be made again.
func WakeAgain(ctx context.Context, tx pgx.Tx, ids []string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO outbox (id, conversation_id, seq, ring_at)
		SELECT id, id, last_seq, $2 FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, rings = 0,
			ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at, LEAST(outbox.rung_at, $2) + interval '200 milliseconds'))`, ids, now)
	return err
}

// NextWake returns the seconds to the earliest wake, at most 60.
func (d *DB) NextWake(ctx context.Context) (float64, error) {
	var seconds float64
	err := d.Pool.QueryRow(ctx, `
		SELECT coalesce(least(extract(epoch FROM min(ring_at) - clock_timestamp() - $1::interval), 60), 60)::float8 FROM outbox`,
		d.Offset()).Scan(&seconds)
	return seconds, err
}

// WakeDelivery makes sure that the starter starts a DeliveryWorkflow for a
// delivery that has no conversation to look after it.
func (d *DB) WakeDelivery(ctx context.Context, tx pgx.Tx, id delivery.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO outbox (id, delivery_id, ring_at) VALUES ($1, $1, clock_timestamp() + $2::interval)
		ON CONFLICT (id) DO UPDATE SET rings = 0, ring_at = excluded.ring_at`, id, d.Offset())
	return err
}

// The kinds of jobs that have a Temporal workflow of their own.
const (
	JobRollout  = "rollout"
	JobBacktest = "backtest"
)

// WakeJob makes sure that the starter starts the job's Temporal workflow.
func (d *DB) WakeJob(ctx context.Context, tx pgx.Tx, kind, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO outbox (id, job_id, job_kind, ring_at) VALUES ($1, $1, $3, clock_timestamp() + $2::interval)
		ON CONFLICT (id) DO UPDATE SET rings = 0, ring_at = excluded.ring_at`, id, d.Offset(), kind)
	return err
}
