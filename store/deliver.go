package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// busyPause is how long to wait for another mail of the same conversation.
const busyPause = 250 * time.Millisecond

// Take begins an attempt: it holds the delivery for hold and writes the attempt
// as started, by compare-and-set. Nobody takes a delivery that is final, not
// due, or held; nor a mail while another mail of its conversation is held, or an
// earlier one has not been tried yet. A hold that ran out is taken over, and the
// attempt it belonged to is marked unknown if all of its data was out.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) Take(ctx context.Context, id delivery.ID, hold time.Duration) (delivery.Taken, error) {
	const op = "store.Take"
	var t delivery.Taken
	var err error
	var url, secret string // of a webhook's endpoint, if it is there and enabled
	var own string         // the mailbox's secret
	var sender string
	t.Delivery, err = scanDelivery(s.pool.QueryRow(ctx, `
		WITH now AS MATERIALIZED (SELECT clock_timestamp() + $2::interval AS at), taken AS (
			UPDATE deliveries d SET attempts = attempts + 1, held_until = now.at + $3::interval, first_at = coalesce(first_at, now.at)
			FROM now WHERE d.id = $1 AND d.state IN ('waiting', 'handed_over') AND d.next_at <= now.at
				AND (d.held_until IS NULL OR d.held_until < now.at)
				AND (d.kind = 'webhook' OR NOT EXISTS (
					SELECT 1 FROM deliveries o WHERE o.conversation_id = d.conversation_id AND o.kind <> 'webhook' AND o.id <> d.id
						AND o.state IN ('waiting', 'handed_over')
						AND (o.held_until > now.at OR o.attempts = 0 AND (o.seq, o.id) < (d.seq, d.id))))
			RETURNING d.*
		), lost AS (
			UPDATE attempts a SET state = CASE a.state WHEN 'data_sent' THEN 'unknown' ELSE 'deferred' END, ended_at = now.at,
				reason = 'the process that made this attempt ended before it was told the outcome'
			FROM now WHERE a.delivery_id IN (SELECT id FROM taken) AND a.ended_at IS NULL
		), attempt AS (
			INSERT INTO attempts (delivery_id, n, state, started_at) SELECT taken.id, taken.attempts, 'started', now.at FROM taken, now
		)
		SELECT `+deliveryColumns+`, now.at, coalesce(e.url, ''),
			coalesce(e.secret || CASE WHEN e.rotated_at > now.at - interval '1 day' THEN ' ' || e.previous_secret ELSE '' END, ''),
			coalesce(mb.secret || CASE WHEN mb.rotated_at > now.at - interval '1 day' THEN ' ' || mb.previous_secret ELSE '' END, ''),
			coalesce((SELECT value #>> '{}' FROM settings WHERE key = '`+settingAutoSender+`'), '')
		FROM now, taken d LEFT JOIN endpoints e ON e.id = nullif(d.payload -> 'webhook' ->> 'Endpoint', '')::uuid AND e.enabled
			LEFT JOIN mailboxes mb ON mb.id = d.mailbox_id AND d.kind = 'webhook'`,
		id, s.offset(), hold), &t.Now, &url, &secret, &own, &sender)
	if err == nil {
		switch w := t.Delivery.Webhook; {
		case w == nil:
		case w.Endpoint != "":
			w.URL, w.Secret = url, secret
		default:
			w.Secret = own
		}
		if m := t.Delivery.Mail; m != nil {
			m.AutomaticSender = sender
		}
		if err := s.fillFiles(ctx, t.Delivery.Mail); err != nil {
			return t, err
		}
		t.OK = true
		return t, nil
	}
	if known := classify(op, err); errs.KindOf(known) != errs.NotFound {
		return t, known
	}
	t.Delivery, err = scanDelivery(s.pool.QueryRow(ctx,
		`SELECT `+deliveryColumns+`, clock_timestamp() + $2::interval FROM deliveries d WHERE d.id = $1`, id, s.offset()), &t.Now)
	if err != nil {
		return t, classify(op, err)
	}
	t.Wait = max(busyPause, t.Delivery.NextAt.Sub(t.Now), t.Delivery.HeldUntil.Sub(t.Now))
	return t, nil
}

// Hold keeps the delivery for the attempt that is under way.
//
// Errors: errs.Conflict (somebody else has it), errs.Unavailable.
func (s *Store) Hold(ctx context.Context, id delivery.ID, attempt int, hold time.Duration) error {
	return s.oneRow(ctx, "store.Hold", `UPDATE deliveries SET held_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND attempts = $2 AND state IN ('waiting', 'handed_over')`, id, attempt, hold+s.offset())
}

// DataSent writes, before the final dot, that all of a mail's data is out: an
// attempt that ends here has an unknown outcome.
//
// Errors: errs.Conflict (somebody else has it: do not send the dot),
// errs.Unavailable (do not send the dot). A delivery that was cancelled meanwhile
// is nobody's.
func (s *Store) DataSent(ctx context.Context, id delivery.ID, attempt int) error {
	return s.oneRow(ctx, "store.DataSent", `UPDATE attempts a SET state = 'data_sent' FROM deliveries d
		WHERE a.delivery_id = $1 AND a.n = $2 AND a.state = 'started' AND d.id = $1 AND d.attempts = $2 AND d.state <> 'cancelled'`, id, attempt)
}

// Finish writes what came of an attempt, and what is next: the delivery's state,
// and when it is Waiting or HandedOver, after which pause. A second call with
// the same attempt changes nothing. A mail that failed for good is an event of its
// conversation, which asks for attention. What is left of a conversation that was deleted
// for ever loses its content with its end; what was out already is told as sent.
//
// Errors: errs.Unavailable.
func (s *Store) Finish(ctx context.Context, id delivery.ID, attempt int, result delivery.Result, state delivery.State, pause time.Duration) error {
	const op = "store.Finish"
	finish := func(ctx context.Context, q execer) (bool, error) {
		return finishAttempt(ctx, q, id, attempt, result, state, pause, s.offset())
	}
	if state == delivery.StateFailed {
		return s.undelivered(ctx, op, id, result, finish)
	}
	_, err := finish(ctx, s.pool)
	return classify(op, err)
}

// finishAttempt writes the end of an attempt; false: it had ended. A mail that is
// sent after all takes back the attention that it asked for; so does an agent's later
// one, after which nothing failed.
func finishAttempt(ctx context.Context, q execer, id delivery.ID, attempt int, result delivery.Result, state delivery.State, pause, offset time.Duration) (bool, error) {
	tag, err := q.Exec(ctx, `
		WITH now AS MATERIALIZED (SELECT clock_timestamp() + $8::interval AS at), ended AS (
			UPDATE attempts SET state = $3, code = $4, reason = $5, ended_at = now.at FROM now
			WHERE delivery_id = $1 AND n = $2 AND ended_at IS NULL RETURNING delivery_id
		), told AS (
			DELETE FROM outbox WHERE id = $1 AND $6 IN ('sent', 'failed', 'cancelled')
		), rested AS ( -- nobody rings for what waits for its next try
			UPDATE outbox SET rings = 0, reconciled_at = NULL, ring_at = now.at + $7::interval + interval '1 minute'
			FROM now WHERE outbox.id = $1 AND $6 IN ('waiting', 'handed_over')
		), healed AS (
			UPDATE conversations c SET attention = '' FROM deliveries x, ended
			WHERE $6 = 'sent' AND x.id = $1 AND x.kind <> 'webhook' AND c.id = x.conversation_id AND starts_with(c.attention, $9)
				AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.conversation_id = c.id AND o.id <> x.id AND o.kind <> 'webhook'
					AND (o.kind <> 'notify' OR o.run_id IS NOT NULL) AND o.state IN ('failed', 'bounced')
					AND (o.id > x.id OR x.run_id IS NOT NULL OR x.kind = 'notify'))
		)
		UPDATE deliveries d SET state = $6, reason = $5, held_until = NULL, next_at = now.at + $7::interval,
			relay_id = coalesce(nullif($10, ''), d.relay_id),
			finished_at = CASE WHEN $6 IN ('sent', 'failed', 'cancelled') THEN now.at END,
			payload = CASE WHEN d.erased_at IS NOT NULL AND $6 IN ('sent', 'failed', 'cancelled') THEN '{}' ELSE d.payload END
		FROM now WHERE d.id IN (SELECT delivery_id FROM ended) AND d.attempts = $2
			AND (d.state IN ('waiting', 'handed_over') OR d.state = 'cancelled' AND d.erased_at IS NOT NULL AND $6 = 'sent')`,
		id, attempt, result.State, result.Code, result.Reason, string(state), pause, offset, conversation.AttentionUndelivered, result.RelayID)
	return err == nil && tag.RowsAffected() > 0, err
}

// HandOver marks a waiting delivery that nobody holds as handed over to a
// DeliveryWorkflow, and returns it as it then is. It is safe to repeat.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) HandOver(ctx context.Context, id delivery.ID) (delivery.Delivery, error) {
	const op = "store.HandOver"
	var d delivery.Delivery
	err := s.inTx(ctx, op, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'handed_over' WHERE id = $1 AND state = 'waiting'
			AND (held_until IS NULL OR held_until < clock_timestamp() + $2::interval)`, id, s.offset())
		if err != nil {
			return err
		}
		d, err = scanDelivery(tx.QueryRow(ctx, `SELECT `+deliveryColumns+` FROM deliveries d WHERE d.id = $1`, id))
		return err
	})
	return d, err
}

// oneRow runs a compare-and-set that must hit its row.
func (s *Store) oneRow(ctx context.Context, op, sql string, args ...any) error {
	tag, err := s.pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		return errs.New(op, errs.Conflict, "somebody else has this delivery")
	}
	return classify(op, err)
}
